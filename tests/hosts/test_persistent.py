#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bindings that survive a reboot: the file of "device bind --persist", that udevd accepts it, and that no other file is
touched."""

import json
import os
import unittest

import debian
import place

VFIO_7, VFIO_8, ON_HOST = "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"
RULES = "udev/rules.d"
# Directories of a full file system, or of one that is read-only.
FULL = "mount -t tmpfs -o size=4k,nr_inodes=4 tmpfs /etc/udev/rules.d && head -c 4096 /dev/zero > /etc/udev/rules.d/filler"
READ_ONLY = "mount -t tmpfs -o ro tmpfs /etc/udev/rules.d"
USAGE = [
	(["device", "persistent", "nonsense"], "'nonsense' is not a PCI address"),
	(["device", "persistent", "--forget"], "--forget requires PCI-ADDRESS"),
	(["device", "persistent", "--apply"], "--apply requires PCI-ADDRESS"),
	(["device", "persistent", "--apply", "--forget", VFIO_7], "are mutually exclusive"),
	(["device", "bind", "--persist"], "an argument is missing"),
]


class Persistent(unittest.TestCase):
	def setUp(self):
		self.place = place.Place(self)
		self.place.device(VFIO_7, 7)
		self.place.device(VFIO_8, 8)
		self.place.device(ON_HOST, 3, driver="igb")
		self.rules = self.place.etc / RULES

	def path(self, pci):
		return self.rules / f"60-iommuctl-bind-{pci}.rules"

	def run_in_place(self, *argv, status=0):
		done = self.place.iommuctl(*argv)
		self.assertEqual(done.returncode, status, done.stderr)
		return done

	def persist(self, pci=VFIO_7):
		self.run_in_place("device", "bind", "--persist", pci)

	def listed(self):
		lines = self.run_in_place("--json", "device", "persistent").stdout.splitlines()
		return [json.loads(line)["persistent"] for line in lines]

	def refuse(self, message, *argv):
		done = self.run_in_place(*argv, status=1)
		self.assertEqual(done.stdout, "")
		self.assertIn(message, done.stderr)

	def test_wrong_lines_are_refused(self):
		for argv, message in USAGE:
			with self.subTest(argv):
				self.assertIn(message, self.run_in_place(*argv, status=2).stderr)

	def test_what_is_not_there_is_not_forgotten_or_applied(self):
		self.assertEqual(self.listed(), [])
		for option in ([], ["--forget"], ["--apply"]):
			self.refuse("its binding is not persistent", "device", "persistent", *option, VFIO_7)
		done = self.run_in_place("device", "persistent", "--forget", VFIO_7, status=1)
		self.assertNotIn("--persist ", done.stderr)

	def test_a_device_behind_no_iommu_is_not_told_to_be_bound(self):
		(self.place.root / "sys/bus/pci/devices" / ON_HOST / "iommu_group").unlink()
		done = self.run_in_place("device", "show", "--hw-info", ON_HOST, status=1)
		self.assertIn(f"hint: What to do: iommuctl doctor {ON_HOST}", done.stderr)

	def slow_udevd(self, *argv):
		"""Runs it where udevd has a socket, but never takes an event. A made sysfs does for libudev."""
		self.place.file("/run/udev/control", "")
		return self.place.iommuctl(*argv, env={**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"})

	def test_a_cdev_that_waits_for_udevd_is_not_called_missing(self):
		done = self.slow_udevd("device", "bind", VFIO_7)
		self.assertEqual(done.returncode, 1)
		self.assertIn("/dev/vfio/devices/vfio7 is there, but udevd has not finished with it", done.stderr)
		self.assertIn("udevadm settle", done.stderr)

	def test_a_virtual_function_that_waits_for_udevd_is_not_called_missing(self):
		for name, text in {"sriov_totalvfs": "1", "sriov_numvfs": "1"}.items():
			self.place.file(f"/sys/bus/pci/devices/{ON_HOST}/{name}", text + "\n")
		self.place.link(f"/sys/bus/pci/devices/{ON_HOST}/virtfn0", f"../{VFIO_8}")
		done = self.slow_udevd("device", "vf", "create", ON_HOST, "1")
		self.assertEqual(done.returncode, 1)
		self.assertIn(f"virtual function 0 ({VFIO_8}) is there, but udevd has not finished with it", done.stderr)

	def test_a_bridge_is_not_told_to_be_bound(self):
		self.place.file(f"/sys/bus/pci/devices/{ON_HOST}/class", "0x060400\n")
		done = self.run_in_place("device", "show", "--hw-info", ON_HOST, status=1)
		self.assertIn(f"hint: What to do: iommuctl doctor {ON_HOST}", done.stderr)

	def test_a_device_that_is_not_bound_leaves_no_file(self):
		"""This sysfs does not react to writes, so the driver refuses the device."""
		self.refuse("device bind", "device", "bind", "--persist", ON_HOST)
		self.assertEqual(os.listdir(self.rules), [])

	def test_a_bind_that_fails_leaves_the_file_of_before(self):
		self.persist()
		before = self.path(VFIO_7).read_text()
		self.refuse("the driver other-vfio is not loaded", "device", "bind", "--persist", "--driver=other-vfio", VFIO_7)
		self.assertEqual(self.path(VFIO_7).read_text(), before)

	def test_names_of_drivers_stay_in_their_string(self):
		for name in ('x", RUN+="y', "a b", "a\nb", "../x", "$x"):
			with self.subTest(name):
				self.refuse("is not a driver name", "device", "bind", "--persist", f"--driver={name}", VFIO_7)
		self.assertFalse(self.rules.exists() and os.listdir(self.rules))

	def test_is_listed_and_forgotten_by_us(self):
		self.persist(VFIO_8)
		self.persist(VFIO_7)
		self.assertEqual(self.listed(), [
			{"pci": pci, "driver": "vfio-pci", "vendor": "0x8086", "device": "0x10c9",
				"file": f"/etc/{RULES}/60-iommuctl-bind-{pci}.rules"} for pci in (VFIO_7, VFIO_8)])
		self.run_in_place("device", "persistent", "--apply", VFIO_7)
		self.run_in_place("device", "persistent", "--forget", VFIO_7)
		self.assertEqual([binding["pci"] for binding in self.listed()], [VFIO_8])
		self.assertEqual(os.listdir(self.rules), [self.path(VFIO_8).name])

	def test_a_device_that_is_gone_is_forgotten_all_the_same(self):
		self.persist()
		self.path(VFIO_7).rename(self.path("0000:0f:00.0"))
		text = self.path("0000:0f:00.0").read_text()
		self.path("0000:0f:00.0").write_text(text.replace(VFIO_7, "0000:0f:00.0"))
		self.refuse("there is no such PCI device", "device", "persistent", "--apply", "0000:0f:00.0")
		self.run_in_place("device", "persistent", "--forget", "0000:0f:00.0")
		self.assertEqual(self.listed(), [])

	def test_another_device_in_the_slot_is_left_alone(self):
		self.persist()
		self.place.file(f"/sys/bus/pci/devices/{VFIO_7}/device", "0x1521\n")
		self.refuse("it is 8086:1521", "device", "persistent", "--apply", VFIO_7)

	def test_twice_is_once(self):
		self.persist()
		before = self.path(VFIO_7).read_text()
		self.persist()
		self.assertEqual((self.path(VFIO_7).read_text(), len(os.listdir(self.rules))), (before, 1))

	def state(self):
		"""The attributes that reading a file does not change: not the access time."""
		status = self.path(VFIO_7).lstat()
		return {name: getattr(status, name) for name in dir(status) if name.startswith("st_") and "atime" not in name}

	def test_files_that_are_not_ours_are_not_touched(self):
		self.rules.mkdir(parents=True)
		target = self.rules / "99-another.rules"
		for make in (lambda path: path.write_text("# another's\n"), lambda path: path.symlink_to(target),
				lambda path: path.mkdir(), os.mkfifo,
				lambda path: path.write_text(f"# iommuctl device bind --persist: {VFIO_8} vfio-pci 8086:10c9\n")):
			target.write_text("ACTION==\"add\"\n")
			make(self.path(VFIO_7))
			before = self.state()
			for argv in (["bind", "--persist"], ["persistent", "--forget"], ["persistent", "--apply"]):
				self.refuse("60-iommuctl" if argv[0] == "bind" else "", "device", *argv, VFIO_7)
			self.assertEqual(self.listed(), [])
			self.assertEqual(self.state(), before)
			self.assertEqual(target.read_text(), "ACTION==\"add\"\n")
			self.path(VFIO_7).rmdir() if self.path(VFIO_7).is_dir() and not self.path(
				VFIO_7).is_symlink() else self.path(VFIO_7).unlink()

	def test_a_place_that_cannot_be_written_keeps_all_as_it_was(self):
		self.rules.mkdir(parents=True)
		for mounts, message in {FULL: "No space left on device", READ_ONLY: "Read-only file system"}.items():
			with self.subTest(message):
				script = f'{mounts} && {{ "$0" device bind --persist {VFIO_7}; echo $?; ls -A /etc/{RULES}; }}'
				done = self.place.execute("sh", "-c", script, place.PROGRAM)
				self.assertEqual(done.stdout.split(), ["1", "filler"] if mounts == FULL else ["1"])
				self.assertIn(message, done.stderr)

	def test_has_what_udevd_needs_and_what_a_reader_needs(self):
		self.persist()
		lines = self.path(VFIO_7).read_text().splitlines()
		self.assertEqual(lines[0], f"# iommuctl device bind --persist: {VFIO_7} vfio-pci 8086:10c9")
		self.assertEqual(lines[2], f"# Removed by: iommuctl device persistent --forget {VFIO_7}")
		for line in ('ATTR{vendor}!="0x8086", GOTO="iommuctl_end"', 'ATTR{driver_override}="vfio-pci"',
				'IMPORT{builtin}="kmod load vfio-pci"',
				# A device returned by "device unbind" stays with its host driver.
				'ACTION=="bind", ATTR{driver_override}!="vfio-pci", GOTO="iommuctl_end"',
				f'DRIVER!="?*", ATTR{{[subsystem/pci]drivers_probe}}="{VFIO_7}"'):
			self.assertIn(line, lines)
		self.assertEqual(self.path(VFIO_7).stat().st_mode & 0o777, 0o644)

	def test_udevadm_finds_no_fault_in_it(self):
		self.persist()
		udevadm = debian.program("usr/bin/udevadm")
		done = place.execute(*udevadm, "verify", "--no-style", self.path(VFIO_7))
		self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
		self.path(VFIO_7).write_text(self.path(VFIO_7).read_text().replace("ATTR{vendor}", "ATTRX{vendor}"))
		self.assertEqual(place.execute(*udevadm, "verify", "--no-style", self.path(VFIO_7)).returncode, 1)


if __name__ == "__main__":
	place.main()
