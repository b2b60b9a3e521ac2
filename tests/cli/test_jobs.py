#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Jobs as files: the bad ones in jobs/ are refused with their place, the others are valid and planned."""

import json
import pathlib
import unittest

import table

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
JOBS = HERE / "jobs"
EXPECTED = json.loads((JOBS / "expected.json").read_text())
EXAMPLE = SOURCE / "examples" / "nested-edu.json"
GOLDEN_PLAN = JOBS / "nested-edu.plan"


def visible(text):
	"""As diagnostics show text of unknown origin."""
	return "".join(character if character.isprintable() else "".join(
		f"\\x{byte:02x}" for byte in character.encode()) for character in text)


class BadJobs(unittest.TestCase):
	def test_each_has_its_expectation(self):
		self.assertEqual({path.name for path in JOBS.glob("*.json")} - {"expected.json"}, set(EXPECTED))

	def test_are_refused_with_place_and_reason(self):
		for name, expected in EXPECTED.items():
			path = f"{expected['path']}: " if "path" in expected else ""
			with self.subTest(name):
				for command in ["validate", "plan", "run"]:
					done = table.run(command, name, cwd=JOBS)
					self.assertEqual(done.returncode, 3)
					self.assertEqual(done.stdout, "")
					self.assertEqual(done.stderr, visible(
						f"iommuctl: {name}:{expected['line']}: {path}{expected['message']}") + "\n")

	def test_are_refused_in_json_mode_with_the_same(self):
		for name, expected in EXPECTED.items():
			with self.subTest(name):
				done = table.run("--json", "validate", name, cwd=JOBS)
				self.assertEqual(done.returncode, 3)
				self.assertEqual(done.stderr, "")
				error = {"code": "bad-job", "operation": None, "object": name, "hint": None, **expected}
				self.assertEqual(json.loads(done.stdout), {"iommuctl": 1, "error": error})

	def test_ten_megabytes_of_brackets(self):
		for text in ["[", "{", '{"a":', '{"steps":[', "[[],", '"']:
			with self.subTest(text):
				done = table.run("validate", "-", input=text * (10 * 2**20 // len(text)))
				self.assertEqual(done.returncode, 3)
				self.assertRegex(done.stderr, r"^iommuctl: standard input:1: .*\n$")


class GoodJobs(unittest.TestCase):
	def test_every_example_is_valid(self):
		examples = sorted((SOURCE / "examples").glob("*.json"))
		self.assertTrue(examples)
		done = table.run("validate", *examples)
		self.assertEqual(done.stdout, "".join(f"{example}: valid\n" for example in examples))
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_plan_has_all_operations_in_order(self):
		done = table.run("plan", EXAMPLE)
		self.assertEqual(done.stdout, GOLDEN_PLAN.read_text())
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_plan_in_json_mode_says_the_same(self):
		operations = [json.loads(line)["operation"] for line in
			table.run("--json", "plan", EXAMPLE).stdout.splitlines()]
		golden = [line.split(maxsplit=2) for line in GOLDEN_PLAN.read_text().splitlines()]
		self.assertEqual([[str(operation["index"]), operation["object"]] for operation in operations],
			[line[:2] for line in golden])
		for operation, line in zip(operations, golden):
			name = f" — {operation['name']}" if operation["name"] else ""
			self.assertEqual(f"{operation['operation']} {operation['detail']}{name}".split(), line[2].split())

	def test_what_is_too_long_to_be_shown_is_cut_between_characters(self):
		for length in [600, 601]:
			step = {"write": {"ipa": 0, "text": "a"}, "name": "\u00e9\u2192\U0001f600" * length}
			job = {"iommuctl": 1, "name": step["name"], "steps": [step],
				"memory": {"ram": {"size": "4K", "ipa": 0}},
				"devices": {"d": {"netdev": "x" * (length % 2) + "\u2192" * 600, "vf": 0}}}
			done = table.run("--json", "plan", "-", input=json.dumps(job))
			self.assertEqual((done.returncode, done.stderr), (0, ""))
			operations = [json.loads(line)["operation"] for line in done.stdout.splitlines()]
			self.assertEqual(operations[-1]["name"], step["name"])
			self.assertEqual(operations[1]["detail"].rstrip("\u2192")[-2:], " x" if length % 2 else "e ")


if __name__ == "__main__":
	unittest.main()
