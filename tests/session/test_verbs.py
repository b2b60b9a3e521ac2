#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every command that acts in a session, as text and as JSON: verbs*.json have the commands, in order, and their output.
"bare": --session does not name the session. "figures": numbers differ from run to run, and only the words count.
verbs-of-sessions.json uses a machine that can do more, verbs-of-vtd.json one with VT-d, verbs-of-cmdqv.json one with a
CMDQV; verbs-of-mock.json uses mock devices.

--write writes the output anew, to be reviewed by whoever has changed it.
"""

import json
import re
import sys
import unittest
from pathlib import Path

import holder
from holder import results

HERE = Path(__file__).parent
MACHINE = {"iommuctl": 1, "smmus": [{"dirty-tracking": True, "ssid-bits": 4}],
	"devices": [{"pci": "0000:00:01.0"}, {"pci": "0000:00:02.0", "resets": True}, {"pci": "0000:01:00.0"}, {"pci": "0000:01:00.1"}]}
# The requests, and the machine; None: the usual one.
INTEL = json.loads((holder.ROOT / "examples" / "machines" / "intel.json").read_text())
GRACE = json.loads((holder.ROOT / "examples" / "machines" / "grace.json").read_text())
TABLES = {HERE / "verbs.json": None, HERE / "verbs-of-sessions.json": MACHINE, HERE / "verbs-of-vtd.json": INTEL,
	HERE / "verbs-of-cmdqv.json": GRACE, HERE / "verbs-of-mock.json": None}

# Commands that only look, and the kinds of their results.
LOOKS = {
	"events": {"event", "watched"},
	"session stats": {"stats"},
	"session show": {"session"},
	"session show --tree": {"objects"},
	"walk --device=edu 0x1000": {"walk"},
}


def said(row, done):
	"""The output of a command, without the parts that differ from run to run."""
	out = re.sub(r"process \d+", "process N", done.out)
	out = re.sub(r'"(pid|time)":\d+', r'"\1":0', out)
	out = re.sub(r"^\d\d:\d\d:\d\d ", "00:00:00 ", out, flags=re.MULTILINE)
	out, err = (re.sub(r"\bfd \d+", "fd N", text) for text in [out, done.err])
	if "figures" in row:
		out = " ".join(sorted(set(re.findall(r"[A-Za-z_][A-Za-z_-]{2,}", out))))
	return {"exit": done.status, "stdout": out.splitlines(), "stderr": err.splitlines()}


def rows_of(table):
	return json.loads(table.read_text())


def all_rows():
	return [row for table in TABLES for row in rows_of(table)]


def lines_of(row, done):
	"""The output in JSON mode; with figures it is no longer JSON."""
	return done["stdout"] if "figures" in row else [json.loads(line) for line in done["stdout"]]


class Verbs(holder.SessionTest):
	maxDiff = None

	def model(self, machine):
		"""The option that selects the model of a machine."""
		if not machine:
			return "--model"
		path = self.directory / "machine.json"
		path.write_text(json.dumps(machine))
		return f"--model={path}"

	def run_all(self, rows, machine, *options):
		model = self.model(machine)
		self.run_command(model, "session", "start", "vm")
		for row in rows:
			argv = [model, *row["argv"]] if row["argv"][:2] == ["session", "start"] else row["argv"]
			session = [] if "bare" in row else ["-s", "vm"]
			yield row, said(row, self.run_command(*session, *options, *argv, cwd=holder.ROOT))
		self.run_command("session", "stop", "vm")

	def test_as_text(self):
		for table, machine in TABLES.items():
			for row, done in self.run_all(rows_of(table), machine):
				with self.subTest(row["argv"]):
					self.assertEqual(done, row["text"])

	def test_as_json(self):
		for table, machine in TABLES.items():
			for row, done in self.run_all(rows_of(table), machine, "--json"):
				with self.subTest(row["argv"]):
					self.assertEqual(done["exit"], row["text"]["exit"])
					self.assertEqual(lines_of(row, done), row["json"])
					self.assertEqual(done["stderr"], [])

	def test_the_tables_have_every_command(self):
		asked = {" ".join(row["argv"]) for row in all_rows() if row["text"]["exit"] == 0}
		listed = re.findall(r"^  ([a-z](?:[a-z0-9-]+ ?){1,3}?)  +\S", self.run_command("help").out, re.MULTILINE)
		commands = [name.strip() for name in listed]
		in_session = [name for name in commands if "--session" in self.run_command(*name.split(), "--help").out]
		self.assertGreater(len(in_session), 40)
		sessions = [name for name in commands if name.startswith("session ")]
		self.assertIn("session stop", sessions)
		missing = [name for name in {*in_session, *sessions}
			if not any(f"{argv} ".startswith(f"{name} ") for argv in asked)]
		self.assertEqual(missing, [])

	def test_help_has_the_keys(self):
		names = {argv for row in all_rows() for argv in [tuple(row["argv"][:2])]}
		helps = [self.run_command(*name, "--help").out for name in names]
		with_keys = [text for text in helps if "[KEY=VALUE]" in text]
		self.assertGreater(len(with_keys), 20)
		self.assertEqual([text for text in with_keys if "\nKeys:\n" not in text], [])

	def test_a_device_may_stay_unbound(self):
		self.start("vm")
		done = self.verb("device", "open", "nic", "pci=0000:00:01.0", "bind=false")
		self.assertEqual(done.status, 0, done.err)
		self.assertRegex(done.out, "made devices.nic +open ")

	def test_every_exit_status_is_reached(self):
		statuses = {row["text"]["exit"] for row in all_rows()}
		# A user who may not open /dev/iommu has no session.
		refused = self.run_command("--model", "--fail-call=1:EACCES", "session", "start", "vm")
		self.assertEqual((refused.status, refused.out), (5, ""))
		self.assertIn("hint: ", refused.err)
		self.assertEqual(statuses | {refused.status}, {0, 1, 2, 3, 4, 5, 6})

	def write(self):
		for table, machine in TABLES.items():
			rows = rows_of(table)
			for row, done in self.run_all(rows, machine):
				row["text"] = done
			for row, done in self.run_all(rows, machine, "--json"):
				row["json"] = lines_of(row, done)
			table.write_text(json.dumps(rows, indent="\t", ensure_ascii=False) + "\n")


class Kinds(holder.SessionTest):
	"""Wherever a command runs, its results are checked against the shape of their kind."""

	@unittest.skipUnless(results.VALIDATOR, "python3-jsonschema is missing")
	def test_each_result_of_the_table_is_of_its_shape(self):
		for row in all_rows():
			for line in row["json"] if "figures" not in row else []:
				with self.subTest(row["argv"], line=line):
					self.assertIsNone(results.fault(line))

	def test_what_looks_at_a_session_is_of_its_kinds(self):
		self.start("vm", holder.SMALL_JOB)
		for argv, kinds in LOOKS.items():
			with self.subTest(argv):
				lines = self.verb("--json", *argv.split()).lines()
				self.assertEqual({kind for line in lines for kind in line} - {"iommuctl"}, kinds)


if __name__ == "__main__":
	if sys.argv[1:] == ["--write"]:
		test = Verbs("write")
		test.setUp()
		test.write()
		test.doCleanups()
	else:
		unittest.main(verbosity=2)
