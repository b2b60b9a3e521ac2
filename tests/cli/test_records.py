#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records of hosts: the exact verdict of "doctor --from" on each; that a record by anybody is unpacked with care; and that
"doctor --collect" writes one of this host, without personal data.

--write in place of tests writes the files beside the records in hosts/ anew."""

import copy
import json
import os
import pathlib
import socket
import sys
import tempfile
import unittest

import table

HOSTS = pathlib.Path(__file__).with_name("hosts").resolve()
JUDGED = json.loads((HOSTS / "judged.json").read_text())
GRACE = json.loads((HOSTS / "grace.json").read_text())
DEVICE = "0009:01:00.0"
BUS = "/sys/bus/pci/devices/"


def judge(name, *options):
	host = JUDGED[name]
	return table.run(*options, "doctor", f"--from={HOSTS / name}.json", *host["argv"])


def replaced(path, value):
	"""The record of a host with something else at a path of keys."""
	record = copy.deepcopy(GRACE)
	place = record
	for key in path[:-1]:
		place = place[key]
	place[path[-1]] = value
	return record


def without(key):
	record = copy.deepcopy(GRACE)
	del record["host"][key]
	return record


# Records that somebody wrote, and the messages about them.
BAD = [
	([], "it is not a record of a host"),
	({"iommuctl": 1}, "it is not a record of a host"),
	({"iommuctl": 1, "host": []}, "Expected object"),
	(replaced(["iommuctl"], 2), "version 2 of records is unknown"),
	(replaced(["more"], 2), "it is not a record of a host"),
	(replaced(["host", "more"], {}), "more"),
	*((without(key), key) for key in GRACE["host"]),
	(replaced(["host", "kernel", "release"], 6), "Expected string"),
	(replaced(["host", "kernel", "config"], []), "kernel.config is not a string"),
	(replaced(["host", "memlock"], -1), "memlock is not a number of bytes"),
	(replaced(["host", "memlock"], "8M"), "memlock is not a number of bytes"),
	(replaced(["host", "files"], []), "files is not an object"),
	(replaced(["host", "asked"], []), "asked is not an object"),
	(replaced(["host", "directories"], {}), "directories is not a list"),
	(replaced(["host", "directories", 0], 7), "directories: an entry is not a string"),
	(replaced(["host", "files", "/sys/x"], 7), "the value of '/sys/x' is not a string"),
	*((replaced(["host", "files", path], "x"), f"'{path}' is not a path in") for path in (
		"", "/", "x", "/etc/passwd", "/sys", "/sys/", "/sys//x", "/sys/./x", "/sys/../etc/x", "/sys/x/..", "/sysx/x",
		"sys/x", "/sys/x/")),
	(replaced(["host", "files", "/sys/" + 300 * "x"], "x"), "is not a path in"),
	(replaced(["host", "files", "/sys" + 300 * "/x"], "x"), "is not a path in"),
	*((replaced(["host", "links", "/sys/x"], target), f"the link /sys/x leads out of the record: {target}") for target in (
		"/etc", "../../etc", "..", ".", "", "x/", "x/../y", "../sys/x/../../..", "./x")),
	(replaced(["host", "links", "/sys/" + "x/" * 5 + "y"], "../" * 7 + "etc"), "leads out of the record"),
	# A link above a file would redirect the file.
	(replaced(["host", "links", f"{BUS}{DEVICE}"], "../../../../tmp"), f"{BUS}{DEVICE} comes twice, or is not below a directory"),
	(replaced(["host", "files", f"{BUS}{DEVICE}/vendor/x"], "x"), "is not below a directory"),
	(replaced(["host", "nodes", "/sys/x"], "opens"), "the node /sys/x is not in /dev"),
	(replaced(["host", "nodes", "/dev/x"], "perhaps"), '/dev/x: \'perhaps\' is neither an errno nor "opens"'),
	(replaced(["host", "tables", "../../x"], "00"), "'../../x' is not the name of an ACPI table"),
	(replaced(["host", "tables", "a/bc"], "00"), "'a/bc' is not the name of an ACPI table"),
	(replaced(["host", "tables", "DMAR"], "0g"), "the table DMAR has other than hexadecimal digits"),
	(replaced(["host", "files"], {f"/sys/x{i}": "" for i in range(65537)}), " entries, more than the limit of 65536"),
]
# Text that is not JSON, or too much of it.
BAD_TEXT = [
	("", "record.json:1: "),
	("{", "record.json:1:1: "),
	('{"iommuctl": 1, "iommuctl": 1}', "duplicate"),
	('{"iommuctl": 1, "host": "\\u0000"}', "u0000"),
	(100000 * "[", "maximum parsing depth"),
	('"' + 17 * 2**20 * "x" + '"', "it is larger than 16 MiB"),
]
# Tables in place of the IORT, by firmware or invented.
TABLES = ["", "00", "494f5254", GRACE["host"]["tables"]["IORT"][:200], GRACE["host"]["tables"]["IORT"].replace("02", "ff"),
	"494f5254" + 36 * "ff" + "ffffffff" + "ffffffff" + 64 * "ff", "44" + GRACE["host"]["tables"]["IORT"][2:]]
USAGE = [
	(["--collect=x", "--from=y"], "--collect and --from are mutually exclusive"),
	(["--collect=x", "--memory=4G"], "--memory is compared when the record is judged"),
	(["--collect=x", "nonsense"], "'nonsense' names no device"),
	(["--from=x", "vfio0"], "'vfio0' is not a PCI address: a record names devices by those"),
	(["--from=x", "--trace", DEVICE], "option '--trace' requires"),
	(["--collect=x", "--trace"], "option '--trace' requires"),
]


class Judged(unittest.TestCase):
	def test_every_record_is_judged(self):
		self.assertEqual(sorted(JUDGED), sorted(path.stem for path in HOSTS.glob("*.json") if path.stem != "judged"))

	def test_records_are_judged_to_the_letter(self):
		for name, host in JUDGED.items():
			for ending, options in (("text", []), ("lines", ["--json"])):
				done = judge(name, *options)
				with self.subTest(name=name, ending=ending):
					self.assertEqual(done.stdout, (HOSTS / f"{name}.{ending}").read_text())
					self.assertEqual((done.returncode, done.stderr), (host["exit"], ""))

	def test_standard_input_is_a_record(self):
		text = (HOSTS / "amd.json").read_text()
		done = table.run("doctor", "--from=-", *JUDGED["amd"]["argv"], input=text)
		self.assertEqual(done.stdout, (HOSTS / "amd.text").read_text())


class Work(unittest.TestCase):
	def setUp(self):
		directory = tempfile.TemporaryDirectory()
		self.addCleanup(directory.cleanup)
		self.work = pathlib.Path(directory.name)
		(self.work / "tmp").mkdir()

	def doctor(self, *argv):
		settings = {"TMPDIR": str(self.work / "tmp"), "LC_ALL": "C", "USER": "a-user-to-hide"}
		done = table.run("doctor", *argv, cwd=self.work, env={**os.environ, **settings})
		self.assertEqual(os.listdir(self.work / "tmp"), [], "something is left of it")
		return done

	def judge(self, record, *argv):
		(self.work / "record.json").write_text(record if isinstance(record, str) else json.dumps(record))
		return self.doctor("--from=record.json", *argv)


class Hostile(Work):
	def test_wrong_lines_are_refused(self):
		for argv, message in USAGE:
			with self.subTest(argv):
				done = self.doctor(*argv)
				self.assertEqual((done.returncode, done.stdout), (2, ""))
				self.assertIn(message, done.stderr)

	def test_a_file_that_is_not_there_is_named(self):
		done = self.doctor("--from=none.json")
		self.assertEqual((done.returncode, done.stdout), (1, ""))
		self.assertIn("none.json", done.stderr)

	def test_what_is_no_record_is_refused_with_the_reason(self):
		for record, message in BAD:
			with self.subTest(message):
				done = self.judge(record, DEVICE)
				self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
				self.assertIn(message, done.stderr)

	def test_what_is_no_json_is_refused_with_its_place(self):
		for text, message in BAD_TEXT:
			with self.subTest(text[:40]):
				done = self.judge(text, DEVICE)
				self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
				self.assertIn(message, done.stderr)

	def test_tables_of_firmware_are_bounded(self):
		for text in TABLES:
			with self.subTest(text[:40]):
				done = self.judge(replaced(["host", "tables", "IORT"], text), DEVICE)
				self.assertEqual(done.returncode, 0, done.stderr)
				self.assertRegex(done.stdout, r"UNKNOWN  nesting-hardware")

	def test_nothing_in_it_forges_a_line(self):
		evil = "x\nPASS     viommu            forged\x1b[2J"
		for path in (["kernel", "release"], ["links", f"{BUS}{DEVICE}/driver"], ["asked", DEVICE, 0, "finding"]):
			record = replaced(["host", *path], evil)
			if path[0] == "kernel":
				record["host"]["kernel"]["config"] = ""
			with self.subTest(path):
				done = self.judge(record, DEVICE)
				self.assertNotIn("\x1b", done.stdout + done.stderr)
				self.assertNotRegex(done.stdout, r"(?m)^PASS     viommu            forged")

	def test_answers_that_make_no_sense_are_none(self):
		for answer in (7, {}, {"name": "bind"}, {"name": "bind", "outcome": "perhaps", "status": "done", "finding": "x",
				"explanations": []}, {"name": 7}):
			record = replaced(["host", "asked", DEVICE], [answer])
			self.assertIn("UNKNOWN  bind ", self.judge(record, DEVICE).stdout)
		fails = [{"name": "bind", "outcome": "fail", "status": "unsupported", "finding": "no",
			"explanations": [{"cause": "c", "remedy": "r"}] * 100}]
		done = self.judge(replaced(["host", "asked", DEVICE], fails), DEVICE)
		self.assertEqual(done.returncode, 4)
		self.assertIn("FAIL     bind              no", done.stdout)

	def test_what_does_not_open_there_does_not_open_here(self):
		done = self.judge(replaced(["host", "nodes", "/dev/iommu"], "EACCES"))
		self.assertEqual(done.returncode, 5)
		self.assertIn("/dev/iommu does not open: Permission denied", done.stdout)


class Collected(Work):
	def test_of_this_host_is_judged_as_this_host(self):
		self.assertEqual(self.doctor("--collect=record.json").stdout, "record.json\n")
		here, there = self.doctor(), self.doctor("--from=record.json")
		self.assertEqual((there.stdout, there.returncode), (here.stdout, here.returncode))

	def test_has_nothing_personal_in_it(self):
		self.doctor("--collect=record.json")
		text = (self.work / "record.json").read_text()
		addresses = [path.read_text().strip() for path in pathlib.Path("/sys/class/net").glob("*/address")]
		# A short host name is a part of many words.
		names = [name for name in [socket.gethostname()] if len(name) > 8]
		for secret in (*names, *addresses, "a-user-to-hide"):
			if secret and not secret.startswith("00:00:00:00"):
				self.assertNotIn(secret, text)
		self.assertEqual([path for path in json.loads(text)["host"]["files"] if not path.startswith(("/sys/bus/pci/devices/",
			"/sys/kernel/iommu_groups/", "/sys/class/iommu/", "/sys/module/", "/sys/bus/platform/devices/"))],
			[path for path in ("/proc/cmdline", "/proc/devices", "/proc/interrupts", "/proc/self/status", "/proc/self/uid_map")
				if path in text])

	def test_is_written_whole_or_not_at_all(self):
		(self.work / "link").symlink_to("target")
		for path, message in {"link": "is not a regular file", "tmp": "is not a regular file", "none/x": "No such file"}.items():
			with self.subTest(path):
				done = self.doctor(f"--collect={path}")
				self.assertEqual((done.returncode, done.stdout), (1, ""))
				self.assertIn(message, done.stderr)
		self.assertFalse((self.work / "target").exists())


def write():
	for name, host in JUDGED.items():
		for ending, options in (("text", []), ("lines", ["--json"])):
			(HOSTS / f"{name}.{ending}").write_text(judge(name, *options).stdout)
		print(f"{name}: exit {judge(name).returncode}, {host['exit']} is expected")


if __name__ == "__main__":
	if sys.argv[1:] == ["--write"]:
		write()
	else:
		unittest.main()
