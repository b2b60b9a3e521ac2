#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files for hosts with systemd: units, udev rules, a group and directories. systemd's own tools find no fault in them,
and a real systemd runs them."""

import json
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import boot
import debian
import place

BUILT = pathlib.Path(os.environ["SYSTEMD_BUILT"])
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "systemd"
UNITS = ("iommuctl@.service", "iommuctl-bind@.service")
# systemd-analyze counts to 100; half of the services of a usual Debian are above 90.
EXPOSURE_MAX = 20
# Devices on none of systemd's own lists; whether they have a driver does not matter.
NODES = {"iommu": (10, 183), "other": (10, 235)}
HOLDER = "[Service]\nExecStart=\nExecStart=/usr/bin/holder facts /dev/iommu /dev/other /etc/iommuctl/written\n"
# Its permissions.
FACTS = ["/dev/iommu allowed", "/dev/other refused", "/etc/iommuctl/written read-only"]


class Files(unittest.TestCase):
	def setUp(self):
		directory = tempfile.TemporaryDirectory()
		self.addCleanup(directory.cleanup)
		self.work = pathlib.Path(directory.name)

	def unit(self, name, change=lambda text: text):
		"""A unit whose program exists, as it will once installed."""
		text = re.sub(r"^ExecStart=\S+", f"ExecStart={place.PROGRAM}", (BUILT / name).read_text(), flags=re.MULTILINE)
		path = self.work / name
		path.write_text(change(text))
		return path

	def analyze(self, *argv):
		"""By this machine's systemd, and by a newer one."""
		place.need("systemd-analyze")
		for program in (["systemd-analyze"], debian.program("usr/bin/systemd-analyze")):
			yield place.execute(*program, *argv, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning", "NO_COLOR": "1"})

	def test_units_are_right(self):
		for name in UNITS:
			for done in self.analyze("verify", "--man=no", self.unit(name)):
				with self.subTest(name):
					self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_fault_in_a_unit_is_found(self):
		path = self.unit(UNITS[0], lambda text: text.replace("NotifyAccess", "NotifyWhoever"))
		for done in self.analyze("verify", "--man=no", path):
			self.assertIn("NotifyWhoever", done.stderr)

	def test_a_session_has_little_that_it_may_do(self):
		for limit, status in ((EXPOSURE_MAX, 0), (5, 1)):
			for done in self.analyze("security", "--offline=true", f"--threshold={limit}", self.unit(UNITS[0])):
				with self.subTest(limit):
					self.assertEqual(done.returncode, status, done.stdout + done.stderr)

	def test_udevadm_finds_no_fault_in_the_rules(self):
		done = place.execute(*debian.program("usr/bin/udevadm"), "verify", "--no-style", "--resolve-names=never",
			SOURCE / "60-iommuctl-access.rules")
		self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

	def test_the_group_can_be_made(self):
		done = place.execute(*debian.program("usr/bin/systemd-sysusers"), "--dry-run", f"--root={self.work}",
			SOURCE / "iommuctl.sysusers")
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertIn("group 'iommuctl'", done.stderr)

	def test_the_directories_can_be_made(self):
		if os.geteuid():
			self.skipTest("it takes root to make directories that are root's")
		shutil.copy(SOURCE / "iommuctl.tmpfiles", self.work / "iommuctl.conf")
		done = place.execute(*debian.program("usr/bin/systemd-tmpfiles"), "--create", f"--root={self.work}",
			self.work / "iommuctl.conf")
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertEqual([(self.work / path).stat().st_mode & 0o777 for path in ("etc/iommuctl", "run/iommuctl")],
			[0o750, 0o755])


class Booted(unittest.TestCase):
	"""Under a systemd that is the first process of a system of its own."""

	def setUp(self):
		self.system = boot.System(self)
		for name in UNITS:
			self.system.file(f"usr/lib/systemd/system/{name}",
				re.sub(r"^ExecStart=\S+", "ExecStart=/usr/bin/iommuctl", (BUILT / name).read_text(), flags=re.MULTILINE))
		self.system.copy(place.PROGRAM, "usr/bin/iommuctl")
		self.system.copy(os.environ["HOLDER"], "usr/bin/holder")
		self.system.copy(SOURCE / "iommuctl.sysusers", "usr/lib/sysusers.d/iommuctl.conf")
		self.system.copy(SOURCE / "iommuctl.tmpfiles", "usr/lib/tmpfiles.d/iommuctl.conf")
		for library in pathlib.Path(os.environ["LIBRARIES"]).glob("**/libiommuctl*.so.*[0-9]"):
			self.system.copy(library, f"usr/lib/{library.name}")
		for name, numbers in NODES.items():
			self.system.node(name, numbers)

	def run_script(self, *lines):
		status, said, complained = self.system.run("\n".join(lines) + "\n")
		self.assertEqual(status, 0, said + complained)
		return said.splitlines()

	def test_systemd_is_the_first_process_and_makes_the_group_and_the_directories(self):
		self.assertEqual(self.run_script("cat /proc/1/comm", "grep -o '^iommuctl:' /etc/group",
			"stat -c '%a %U %n' /etc/iommuctl /run/iommuctl"),
			["systemd", "iommuctl:", "750 root /etc/iommuctl", "755 root /run/iommuctl"])

	def test_a_session_may_use_its_devices_and_nothing_else_and_keeps_its_files_over_a_restart(self):
		"""A program stands for the session's holder; otherwise the unit is as installed."""
		self.system.file("etc/systemd/system/iommuctl@.service.d/holder.conf", HOLDER)
		self.system.file("etc/iommuctl/lab.json", "{}\n")
		self.system.file("etc/iommuctl/written", "")
		self.assertEqual(self.run_script(
			"systemctl start iommuctl@lab", "cat /run/iommuctl/facts", "systemctl show -P LimitMEMLOCK iommuctl@lab",
			"systemctl restart iommuctl@lab", "cat /run/iommuctl/facts",
			"systemctl stop iommuctl@lab", "systemctl show -P Result iommuctl@lab", "systemctl is-active iommuctl@lab || true"),
			[*FACTS, "infinity", *FACTS, "stored memory kept", "success", "inactive"])

	def test_a_session_is_held_from_its_start_to_its_stop(self):
		"""By the command itself, on the model machine."""
		self.system.file("etc/iommuctl/lab.json", json.dumps({"iommuctl": 1, "backend": "model",
			"memory": {"ram": {"size": "1M", "ipa": 0}}, "ioas": {"guest": {"map": [{"memory": "ram"}]}}}))
		self.assertEqual(self.run_script("systemctl start iommuctl@lab", "systemctl is-active iommuctl@lab",
			"iommuctl session list", "iommuctl session show --names lab", "iommuctl -s lab ioas alloc other | cut -c1-15",
			"systemctl stop iommuctl@lab", "systemctl show -P Result iommuctl@lab", "iommuctl session list"),
			["active", "lab", "memory.ram", "ioas.guest", "made ioas.other", "success"])

	def test_without_its_job_a_session_is_not_started(self):
		self.assertEqual(self.run_script("systemctl start iommuctl@lab",
			"systemctl show -P ConditionResult iommuctl@lab", "systemctl is-active iommuctl@lab || true"), ["no", "inactive"])

	def test_what_is_not_persistent_is_not_bound(self):
		"""The service that the rules start runs the command, and has its exit status."""
		self.assertEqual(self.run_script("systemctl start iommuctl-bind@0000:0f:00.0 2>/dev/null || echo failed",
			"systemctl show -P ExecMainStatus iommuctl-bind@0000:0f:00.0"), ["failed", "1"])


if __name__ == "__main__":
	place.main()
