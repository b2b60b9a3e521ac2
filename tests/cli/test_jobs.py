#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Jobs as files: the wrong ones in jobs/ are refused with their place, the others are valid and planned."""

import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import time
import unittest

import table

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
JOBS = HERE / "jobs"
EXPECTED = json.loads((JOBS / "expected.json").read_text())
EXAMPLE = SOURCE / "examples" / "nested-edu.json"
GOLDEN_PLAN = JOBS / "nested-edu.plan"


def visible(text):
	"""Text as diagnostics show it if its origin is unknown."""
	return "".join(character if character.isprintable() else "".join(
		f"\\x{byte:02x}" for byte in character.encode()) for character in text)


def mistakes(expected):
	"""The expected errors of a job: one, or a list in the order of the text."""
	return expected if isinstance(expected, list) else [expected]


def said(name, mistake):
	"""The lines on standard error about an error, as regular expressions."""
	place = f"{name}:{mistake['line']}:"
	path = f"{mistake['path']}: " if "path" in mistake else ""
	column = f"{mistake['column']}:" if "column" in mistake else r"\d+:"
	yield re.escape(f"iommuctl: {place}") + column + re.escape(visible(f" {path}{mistake['message']}"))
	if "hint" in mistake:
		yield re.escape(f"  hint: {mistake['hint']}")


class BadJobs(unittest.TestCase):
	def test_each_has_its_expectation(self):
		self.assertEqual({path.name for path in JOBS.glob("*.json")} - {"expected.json"}, set(EXPECTED))

	def test_are_refused_with_place_and_reason(self):
		for name, expected in EXPECTED.items():
			lines = [line for mistake in mistakes(expected) for line in said(name, mistake)]
			with self.subTest(name):
				for command in ["validate", "plan", "run"]:
					done = table.run(command, name, cwd=JOBS)
					self.assertEqual(done.returncode, 3)
					self.assertEqual(done.stdout, "")
					self.assertRegex(done.stderr, "^" + "".join(line + "\n" for line in lines) + "$")

	def test_are_refused_in_json_mode_with_the_same(self):
		for name, expected in EXPECTED.items():
			with self.subTest(name):
				done = table.run("--json", "validate", name, cwd=JOBS)
				self.assertEqual(done.returncode, 3)
				self.assertEqual(done.stderr, "")
				error = json.loads(done.stdout)["error"]
				problems = [{"path": "", "hint": None, **mistake} for mistake in mistakes(expected)]
				self.assertEqual([{**problem, **wanted} for problem, wanted in zip(error["problems"], problems)],
					error["problems"])
				self.assertEqual(len(error["problems"]), len(problems))
				first = {key: value for key, value in error["problems"][0].items() if value != ""}
				self.assertEqual({**error, "code": "bad-job", "operation": None, "object": name, **first,
					"causes": [], "more": 0}, error)
				self.assertEqual(error["hints"],
					[problem["hint"] for problem in error["problems"] if problem["hint"]])

	def test_ten_megabytes_of_brackets(self):
		for text in ["[", "{", '{"a":', '{"steps":[', "[[],", '"']:
			with self.subTest(text):
				done = table.run("validate", "-", input=text * (10 * 2**20 // len(text)))
				self.assertEqual(done.returncode, 3)
				self.assertRegex(done.stderr, r"^iommuctl: standard input:1:\d+: .*\n(  hint: .*\n)?$")

	def test_of_many_mistakes_fifty_are_shown_and_the_rest_is_counted(self):
		job = {"iommuctl": 1, "steps": [{"wait": {}} for _ in range(60)]}
		done = table.run("validate", "-", input=json.dumps(job))
		lines = done.stderr.splitlines()
		self.assertEqual(len([line for line in lines if "wait" in line]), 50)
		self.assertEqual(lines[-1], "iommuctl: standard input: and 10 more")
		error = json.loads(table.run("--json", "validate", "-", input=json.dumps(job)).stdout)["error"]
		self.assertEqual((len(error["problems"]), error["more"]), (50, 10))

	def test_a_small_stack_is_enough_for_nests_of_any_depth(self):
		for depth in [63, 64, 2000, 2000000]:
			with self.subTest(depth):
				done = table.execute("bash", "-c", 'ulimit -s 64; exec "$0" validate -', table.PROGRAM,
					input="[" * depth + "]" * depth)
				deep = "must be an object, not an array" if depth <= 64 else "is nested deeper than 64 levels"
				self.assertEqual((done.returncode, done.stderr),
					(3, f"iommuctl: standard input:1:{1 if depth <= 64 else 65}: {deep}\n"))


class GoodJobs(unittest.TestCase):
	def test_every_example_is_valid(self):
		examples = sorted((SOURCE / "examples").glob("*.json"))
		self.assertTrue(examples)
		done = table.run("validate", *examples)
		self.assertEqual(done.stdout, "".join(f"{example}: valid\n" for example in examples))
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_plan_has_all_operations_in_order(self):
		done = table.run("plan", EXAMPLE)
		*operations, pinned = done.stdout.splitlines(keepends=True)
		self.assertEqual("".join(operations), GOLDEN_PLAN.read_text())
		self.assertRegex(pinned, "^pinned at most: 16M; .+\n$")
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_plan_in_json_mode_says_the_same(self):
		*operations, pinned = [json.loads(line) for line in table.run("--json", "plan", EXAMPLE).stdout.splitlines()]
		self.assertEqual(pinned["pinned"]["bytes-at-most"], 16 << 20)
		operations = [line["operation"] for line in operations]
		golden = [line.split(maxsplit=2) for line in GOLDEN_PLAN.read_text().splitlines()]
		self.assertEqual([[str(operation["index"]), operation["object"]] for operation in operations],
			[line[:2] for line in golden])
		for operation, line in zip(operations, golden):
			name = f" — {operation['name']}" if operation["name"] else ""
			self.assertEqual(f"{operation['operation']} {operation['detail']}{name}".split(), line[2].split())

	def plan_limited(self, limit, *argv, **job):
		"""A plan's line about pinned memory, with a limit of that much and no privilege to exceed it."""
		def confine():
			resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))

		document = {"iommuctl": 1, "memory": {"ram": {"size": "16K", "ipa": 0}},
			"ioas": {"a": {"map": [{"memory": "ram"}]}, "b": {}}, "steps": [
				{"ioas-map": {"ioas": "b", "map": {"memory": "ram", "iova": 0, "length": "4K"}}},
				{"ioas-copy": {"ioas": "b", "source": "a", "source-iova": 0, "iova": "1G", "size": "16K"}}], **job}
		# Without it, the limit also holds for root.
		program = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] if os.getuid() == 0 else []
		done = subprocess.run([*program, table.PROGRAM, *argv, "plan", "-"], input=json.dumps(document), text=True,
			capture_output=True, check=True, preexec_fn=confine, timeout=table.patience.SECONDS)
		return done.stdout.splitlines()[-1]

	def test_a_plan_says_how_much_is_pinned_and_what_limits_it(self):
		needed = 20 << 10
		for limit, job, text, counted in (
			(needed, {}, "RLIMIT_MEMLOCK is 20K, for everything that this user pins", "user"),
			(4096, {}, "RLIMIT_MEMLOCK is 4K: too little, for everything that this user pins", "user"),
			(needed, {"rlimit-mode": "process"}, "RLIMIT_MEMLOCK is 20K, for everything that this process pins", "process"),
		):
			with self.subTest(limit=limit, job=job):
				self.assertEqual(self.plan_limited(limit, **job), f"pinned at most: 20K; {text}")
				self.assertEqual(json.loads(self.plan_limited(limit, "--json", **job))["pinned"],
					{"bytes-at-most": needed, "limit-by": "RLIMIT_MEMLOCK", "limit-bytes": limit,
					"counted-per": counted, "enough": limit >= needed})
		self.assertEqual(self.plan_limited(0, "--model"), "pinned at most: 20K; no limit (model)")

	def test_a_limit_that_is_met_names_the_key_that_counts_in_another_way(self):
		for call, mode, named in ((5, "user", True), (6, "process", False)):
			job = {**json.loads(EXAMPLE.read_text()), "rlimit-mode": mode}
			done = table.run("--model", f"--fail-call={call}:ENOMEM", "--json", "run", "-", input=json.dumps(job))
			[error] = [line["error"] for line in map(json.loads, done.stdout.splitlines()) if "error" in line]
			self.assertEqual((error["code"], error["operation"]), ("ENOMEM", "IOMMU_IOAS_MAP"))
			self.assertEqual('"rlimit-mode": "process" in a job' in error["hint"], named, error["hint"])

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


# Steps that wait for ten minutes, with what they need.
FOREVER = {"timeout-ms": 600000}
MOCK = {"devices": {"d": {"mock": {}}}, "ioas": {"i": {}}}
MOCK_VIOMMU = {**MOCK, "hwpts": {"p": {"device": "d", "ioas": "i", "nest-parent": True}},
	"viommus": {"v": {"type": "selftest", "device": "d", "hwpt": "p"}},
	"vdevices": {"x": {"viommu": "v", "device": "d", "vsid": 1}}, "veventqs": {"q": {"viommu": "v"}}}
MOCK_FAULTS = {**MOCK, "fault-queues": {"q": {}}, "hwpts": {"h": {"device": "d", "ioas": "i", "fault-queue": "q"}}}
WAITS = [
	({}, {"event": {"veventq": "events", "type": "F_TRANSLATION", **FOREVER}}),
	({}, {"no-event": {"veventq": "events", **FOREVER}}),
	(MOCK_VIOMMU, {"mock": {"event": {"veventq": "q", "vsid": 1, **FOREVER}}}),
	(MOCK_FAULTS, {"no-page-fault": {"fault-queue": "q", **FOREVER}}),
]


class Interrupted(unittest.TestCase):
	def wait_for_sleep(self, process):
		end = time.monotonic() + table.patience.SECONDS
		while pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "S":
			self.assertLess(time.monotonic(), end)
			time.sleep(0.01)

	def run_interrupted(self, job):
		process = subprocess.Popen([table.PROGRAM, "--model", "--json", "run", job], stdout=subprocess.PIPE,
			stderr=subprocess.DEVNULL, text=True)
		self.addCleanup(process.kill)
		made = process.stdout.readline()
		self.wait_for_sleep(process)
		process.send_signal(signal.SIGTERM)
		said, _ = process.communicate(timeout=table.patience.SECONDS)
		return [json.loads(line) for line in (made + said).splitlines()]

	def test_a_wait_that_a_signal_ends_has_not_the_errno_that_is_expected(self):
		for parts, step in WAITS:
			with self.subTest(step):
				job = {**(parts or json.loads(EXAMPLE.read_text())), "iommuctl": 1,
					"steps": [{**step, "expect": {"errno": "EINTR"}}]}
				with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
					file.write(json.dumps(job))
					file.flush()
					said = self.run_interrupted(file.name)
				self.assertEqual(said.pop()["run"]["result"], "failed")
				self.assertFalse([line for line in said if "step" in line])
				self.assertEqual([line["error"]["code"] for line in said if "error" in line], ["interrupted"])


if __name__ == "__main__":
	unittest.main()
