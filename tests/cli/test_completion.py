#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The completion script knows what the table knows, and completes as a user expects."""

import pathlib
import tempfile
import unittest

import table

DRIVER = pathlib.Path(__file__).with_name("complete.bash").resolve()
DEVICES = pathlib.Path("/sys/bus/pci/devices")


class Completion(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.directory = tempfile.TemporaryDirectory()
		cls.script = pathlib.Path(cls.directory.name) / "script"
		cls.script.write_text(table.run("completion", "bash").stdout)
		cls.work = pathlib.Path(cls.directory.name) / "work"
		for name in ["job one.json", "job-two.json", "notes.txt", "sub/inner.json"]:
			path = cls.work / name
			path.parent.mkdir(parents=True, exist_ok=True)
			path.touch()

	@classmethod
	def tearDownClass(cls):
		cls.directory.cleanup()

	def complete(self, line):
		done = table.execute("bash", DRIVER, self.script, line, cwd=self.work)
		self.assertEqual((done.returncode, done.stderr), (0, ""), line)
		return set(done.stdout.splitlines())

	def test_bash_takes_the_script(self):
		done = table.execute("bash", "-n", self.script)
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_every_command_is_offered(self):
		words = [command.split() for command in table.commands()]
		firsts = {first for first, *_ in words}
		self.assertEqual(self.complete("iommuctl "), firsts)
		for group in firsts:
			seconds = {word[1] for word in words if word[0] == group and word[1:]}
			if seconds:
				self.assertEqual(self.complete(f"iommuctl {group} "), seconds)

	def test_every_option_is_offered(self):
		for command in table.commands():
			offered = self.complete(f"iommuctl {command} --")
			known = {*table.options(command), *table.global_options_of(command)}
			with self.subTest(command=command):
				self.assertEqual({option.rstrip("=") for option in offered}, known)

	def test_words_are_completed(self):
		cases = {
			"iommuctl dec": {"decode"},
			"iommuctl --json dec": {"decode"},
			"iommuctl --fail-call 3 dec": {"decode"},
			"iommuctl --trace dec": {"decode"},
			"iommuctl device --json li": {"list"},
			"iommuctl nonsense ": set(),
			"iommuctl decode ": {"ste", "cd", "cmd", "event", "idr"},
			"iommuctl decode c": {"cd", "cmd"},
			"iommuctl decode ste ": set(),
			"iommuctl schema ": {"job", "machine"},
			"iommuctl schema job ": set(),
			"iommuctl completion ": {"bash"},
			"iommuctl help dev": {"device"},
			"iommuctl help device sh": {"show"},
			"iommuctl --tra": {"--trace", "--trace="},
			"iommuctl --fail": {"--fail-call="},
			"iommuctl run -- --js": set(),
			"iommuctl run job-two.json ": {"--"},
			"iommuctl run job-two.json -- bash no": {"notes.txt"},
		}
		for line, expected in cases.items():
			with self.subTest(line=line):
				self.assertEqual(self.complete(line), expected)

	def test_jobs_are_json_files_and_directories(self):
		everything = {"job one.json", "job-two.json", "sub"}
		self.assertEqual(self.complete("iommuctl run "), everything)
		self.assertEqual(self.complete("iommuctl plan job-"), {"job-two.json"})
		self.assertEqual(self.complete("iommuctl validate sub/"), {"sub/inner.json"})

	def test_programs_are_offered_behind_dashes(self):
		self.assertIn("bash", self.complete("iommuctl run job-two.json -- bas"))

	def test_values_of_options_are_completed_after_their_sign(self):
		self.assertEqual(self.complete("iommuctl --trace=not"), {"notes.txt"})

	@unittest.skipUnless(any(DEVICES.glob("*")), "this machine has no PCI device")
	def test_pci_addresses_are_completed_after_their_last_colon(self):
		addresses = {path.name for path in DEVICES.iterdir()}
		address = min(addresses)
		self.assertEqual(self.complete("iommuctl device show "), addresses)
		head, _, tail = address.rpartition(":")
		self.assertIn(tail, self.complete(f"iommuctl device show {head}:"))


if __name__ == "__main__":
	unittest.main()
