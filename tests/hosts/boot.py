# SPDX-License-Identifier: MIT
"""A Debian system in namespaces of its own, with a real systemd as its first process."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

import debian
import place

BOOT = pathlib.Path(__file__).with_name("boot.sh")
# The script that runs in it, and its results.
SCRIPT = "[Unit]\nSuccessAction=exit\nFailureAction=exit\nAfter=sysinit.target\nRequires=sysinit.target\n" \
	"[Service]\nType=oneshot\nExecStart=sh -e /hosts/script\nStandardOutput=file:/hosts/said\nStandardError=file:/hosts/complained\n"
TARGET = "[Unit]\nRequires=hosts.service\nAllowIsolate=yes\n"


def need_cgroup2():
	place.need_root()
	groups = next((line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
		if line.split()[2] == "cgroup2"), None)
	if groups is None or not os.access(groups, os.W_OK):
		raise unittest.SkipTest("systemd needs control groups (cgroup2), which are not available here")


class System:
	"""A tree of Debian's packages, overlaid with the test's own files."""

	def __init__(self, test):
		need_cgroup2()
		self.tree = debian.closure(debian.SYSTEMD, *debian.SYSTEM)
		directory = tempfile.TemporaryDirectory(prefix="iommuctl-hosts-")
		test.addCleanup(directory.cleanup)
		self.work = pathlib.Path(directory.name)
		self.upper = self.work / "upper"
		for name, numbers in place.NODES.items():
			self.node(name, numbers)
		self.file("etc/machine-id", 32 * "1" + "\n")
		self.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
		self.file("etc/group", "root:x:0:\n")
		self.file("etc/systemd/system/hosts.service", SCRIPT)
		self.file("etc/systemd/system/hosts.target", TARGET)

	def node(self, name, numbers):
		path = self.work / "dev" / name
		path.parent.mkdir(parents=True, exist_ok=True)
		os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(*numbers))
		path.chmod(0o666)

	def file(self, path, text):
		whole = self.upper / path
		whole.parent.mkdir(parents=True, exist_ok=True)
		whole.write_text(text)

	def copy(self, source, path):
		whole = self.upper / path
		whole.parent.mkdir(parents=True, exist_ok=True)
		shutil.copy(source, whole)

	def run(self, script):
		"""Boots it for @script. Returns the exit status of systemd, and the output and errors of the script."""
		self.file("hosts/script", script)
		done = place.execute("sh", BOOT, self.tree, self.work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
		said, complained = (self.upper / "hosts/said", self.upper / "hosts/complained")
		if not said.exists():
			return done.returncode, "", done.stdout
		return done.returncode, said.read_text(), complained.read_text() + done.stdout
