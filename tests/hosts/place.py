# SPDX-License-Identifier: MIT
"""A host of our own around a command: its sysfs, its /dev and its /etc, in a mount namespace that ends with it.

The sysfs is made data, as tests/unit/host_tree.h has it: devices that are on vfio-pci already, so that nothing has to
answer to what is written there.
"""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

import patience  # noqa: E402
from support import results  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("IOMMUCTL", "iommuctl"))
NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
STAND_IN = (1, 3)


def skip_or_fail(reason):
	"""A missing package skips a test, and fails it if CI=true promises that everything is installed."""
	if os.environ.get("CI") == "true":
		raise AssertionError(reason)
	raise unittest.SkipTest(reason)


def need(*tools):
	absent = [tool for tool in tools if shutil.which(tool) is None]
	if absent:
		skip_or_fail("missing on this machine: " + ", ".join(absent))


def need_root():
	need("unshare", "mount")
	if os.geteuid():
		raise unittest.SkipTest("giving a command mounts of its own takes root")
	done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
	if done.returncode:
		raise unittest.SkipTest(f"no mount namespace can be made here: {done.stderr.strip()}")


def execute(*argv, **settings):
	settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **settings}
	return subprocess.run([str(word) for word in argv], text=True, check=False, timeout=patience.SECONDS, **settings)


class Place:
	"""Directories that become /sys, /dev, /run and the upper layer of /etc."""

	def __init__(self, test):
		need_root()
		directory = tempfile.TemporaryDirectory(prefix="iommuctl-hosts-")
		test.addCleanup(directory.cleanup)
		self.root = pathlib.Path(directory.name)
		for name in ("sys", "dev", "run", "etc/upper", "etc/work"):
			(self.root / name).mkdir(parents=True)
		for name, numbers in NODES.items():
			self.node(name, numbers)
		for name in ("pts", "shm", "mqueue"):
			(self.root / "dev" / name).mkdir()
		(self.root / "dev/ptmx").symlink_to("pts/ptmx")
		(self.root / "dev/fd").symlink_to("/proc/self/fd")
		self.etc = self.root / "etc/upper"

	def node(self, name, numbers=STAND_IN):
		path = self.root / "dev" / name
		path.parent.mkdir(parents=True, exist_ok=True)
		os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(*numbers))
		path.chmod(0o666)
		return path

	def file(self, path, text):
		whole = self.root / path.lstrip("/")
		whole.parent.mkdir(parents=True, exist_ok=True)
		whole.write_text(text)
		return whole

	def link(self, path, target):
		whole = self.root / path.lstrip("/")
		whole.parent.mkdir(parents=True, exist_ok=True)
		whole.symlink_to(target)

	def device(self, pci, number, *, driver="vfio-pci", group=None, cdev=True, node=True):
		"""A device; one on vfio-pci has the cdev vfioNUMBER."""
		directory = f"/sys/bus/pci/devices/{pci}"
		group = number if group is None else group
		for name, text in {"vendor": "0x8086", "device": "0x10c9", "class": "0x020000",
				"driver_override": "(null)"}.items():
			self.file(f"{directory}/{name}", text + "\n")
		if driver:
			self.file(f"/sys/bus/pci/drivers/{driver}/bind", "")
			self.link(f"{directory}/driver", f"../../drivers/{driver}")
		self.link(f"{directory}/iommu_group", f"../../../../kernel/iommu_groups/{group}")
		self.link(f"{directory}/iommu", "../../../../class/iommu/smmu3.0x0000000009050000")
		self.link(f"/sys/kernel/iommu_groups/{group}/devices/{pci}", f"../../../../bus/pci/devices/{pci}")
		self.file(f"/sys/kernel/iommu_groups/{group}/reserved_regions", "")
		if driver != "vfio-pci":
			return
		self.file(f"{directory}/vfio-dev/vfio{number}/uevent", "")
		if cdev:
			self.file(f"{directory}/vfio-dev/vfio{number}/dev", f"510:{number}\n")
		if cdev and node:
			self.node(f"vfio/devices/vfio{number}")

	def command(self, *argv, sysfs=True):
		"""The command that runs @argv here; without @sysfs, on the machine's own /sys."""
		mounts = ["mount --make-rprivate /", 'mount --rbind "$1/dev" /dev', 'mount --rbind "$1/run" /run',
			'mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc/upper,workdir=$1/etc/work" overlay /etc']
		if sysfs:
			mounts.append('mount --rbind "$1/sys" /sys')
		script = " && ".join([*mounts, "shift", 'exec "$@"'])
		return ["unshare", "--mount", "sh", "-c", script, "sh", str(self.root), *map(str, argv)]

	def execute(self, *argv, sysfs=True, **settings):
		return execute(*self.command(*argv, sysfs=sysfs), **settings)

	def iommuctl(self, *argv, **settings):
		done = self.execute(PROGRAM, *argv, **settings)
		results.check(done.stdout or "")
		return done


def main():
	"""unittest.main(), with the status of a skipped test if all were skipped."""
	program = unittest.main(exit=False, verbosity=2)
	result = program.result
	if result.wasSuccessful() and result.testsRun and len(result.skipped) == result.testsRun:
		sys.exit(77)
	sys.exit(not result.wasSuccessful())
