#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The suite of examples/selftest on the model, and selftest's output for jobs that pass, are skipped, fail, or hang."""

import json
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import table

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SUITE = SOURCE / "examples" / "selftest"
MACHINE = SUITE / "machines" / "model.json"
JOBS = [path.stem for path in sorted(SUITE.glob("*.json"))]

HEAD = {"iommuctl": 1, "memory": {"ram": {"size": "4K", "ipa": 0}}}
PASSES = HEAD
UNMET = {**HEAD, "steps": [{"check": {"ipa": 0, "text": "page"}}]}
WRONG = {"iommuctl": 2}
ABSENT = {"iommuctl": 1, "devices": {"dut": {"pci": "0000:00:1f.0"}}}
UNNAMED = {"iommuctl": 1, "devices": {"dut": {"machine": "another"}}}
HANGS = {
	"iommuctl": 1, "devices": {"dut": {"pci": "0000:00:01.0"}},
	"memory": {"ram": {"size": "16M", "ipa": "0x40000000"}}, "ioas": {"guest": {"map": [{"memory": "ram"}]}},
	"hwpts": {"s2": {"device": "dut", "ioas": "guest", "nest-parent": True}},
	"viommus": {"vsmmu": {"type": "arm-smmuv3", "device": "dut", "hwpt": "s2"}},
	"veventqs": {"events": {"viommu": "vsmmu"}}, "vdevices": {"v": {"viommu": "vsmmu", "device": "dut", "vsid": 1}},
	"steps": [{"no-event": {"veventq": "events", "timeout-ms": 600000}}],
}
OTHER_ERRNO = {
	"iommuctl": 1, "devices": {"dut": {"pci": "0000:00:01.0"}}, "ioas": {"guest": {}},
	"fault-queues": {"faults": {}},
	"hwpts": {"s2": {"device": "dut", "ioas": "guest", "nest-parent": True, "fault-queue": "faults"}},
	"steps": [{"create": {"object": "hwpts.s2"}, "expect": {"errno": "EINVAL"}}],
}
MODEL_THAT_CAN = {"iommuctl": 1, "smmus": [{"ssid-bits": 4}], "devices": [{"pci": "0000:00:01.0", "resets": True}]}


class Selftest(unittest.TestCase):
	def setUp(self):
		scratch = tempfile.TemporaryDirectory()
		self.addCleanup(scratch.cleanup)
		self.scratch = pathlib.Path(scratch.name)

	def file(self, name, document):
		path = self.scratch / name
		path.write_text(json.dumps(document))
		return str(path)

	def selftest(self, *arguments, model="--model"):
		return table.run(model, "selftest", *arguments)

	def jobs(self, **documents):
		return [self.file(f"{name}.json", document) for name, document in documents.items()]


class Suite(Selftest):
	def test_passes_on_the_model_but_for_what_that_does_not_have(self):
		done = self.selftest("--machine", str(MACHINE), str(SUITE))
		self.assertEqual(done.returncode, 0, done.stdout)
		lines = done.stdout.splitlines()
		self.assertEqual(lines[:2], ["TAP version 14", f"1..{len(JOBS)}"])
		skipped = {"pasid": "fewer SubstreamIDs", "reset": "the device has no reset"}
		for number, (name, line) in enumerate(zip(JOBS, lines[2:]), 1):
			if name in skipped:
				self.assertRegex(line, f"^ok {number} - {name} # SKIP .*{skipped[name]}")
			else:
				self.assertEqual(line, f"ok {number} - {name}")
		self.assertEqual(lines[-1],
			f"# {len(JOBS) - 2} passed, 2 skipped, 0 failed of {len(JOBS)}, on the model: model")

	def test_passes_whole_on_a_machine_that_has_all(self):
		model = self.file("model.json", MODEL_THAT_CAN)
		done = self.selftest("--machine", str(MACHINE), str(SUITE), model=f"--model={model}")
		self.assertEqual(done.returncode, 0, done.stdout)
		self.assertIn(f"# {len(JOBS)} passed, 0 skipped", done.stdout)

	def test_machines_are_as_the_schema_has_them(self):
		for path in (SUITE / "machines").glob("*.json"):
			with self.subTest(path.name):
				done = self.selftest("--machine", str(path), *self.jobs(passes=PASSES))
				self.assertEqual(done.returncode, 0, done.stderr)


class Statuses(Selftest):
	def test_of_jobs_together(self):
		for documents, status in [
			({"a": PASSES}, 0), ({"a": PASSES, "b": ABSENT}, 0), ({"a": ABSENT}, 77),
			({"a": UNMET, "b": PASSES}, 6), ({"a": UNMET, "b": WRONG}, 3), ({"a": WRONG, "b": PASSES}, 3),
		]:
			with self.subTest(documents):
				self.assertEqual(self.selftest(*self.jobs(**documents)).returncode, status)

	def test_what_the_shell_has_opened_goes_on(self):
		[job] = self.jobs(job={"iommuctl": 1})
		output = self.scratch / "out"
		output.write_text("before\n")
		done = subprocess.run(["sh", "-c", f'exec "$0" --model selftest --output=/dev/stdout {job} >>{output}', table.PROGRAM],
				      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual(output.read_text().splitlines()[:4], ["before", "TAP version 14", "1..1", "ok 1 - job"])

	def test_a_job_that_failed_is_not_the_last(self):
		done = self.selftest(*self.jobs(unmet=UNMET, passes=PASSES))
		self.assertRegex(done.stdout, r"(?s)^TAP version 14\n1\.\.2\nnot ok 1 - unmet\n  ---\n  message: "
			r'"steps\[0\]: IPA 0x0 holds .*\n  \.\.\.\nok 2 - passes\n')

	def test_a_device_that_the_machine_lacks_skips_and_no_machine_is_a_mistake(self):
		[job] = self.jobs(unnamed=UNNAMED)
		done = self.selftest("--machine", str(MACHINE), job)
		self.assertEqual(done.returncode, 77)
		self.assertIn('# SKIP devices.dut: the machine has no device "another"', done.stdout)
		done = self.selftest(job)
		self.assertEqual(done.returncode, 3)
		self.assertIn("describe its devices with --machine=FILE", done.stdout)

	def test_another_errno_than_the_expected_one_is_no_lack_of_the_kernel(self):
		[job] = self.jobs(other=OTHER_ERRNO)
		done = self.selftest(job)
		self.assertEqual(done.returncode, 6, done.stdout)
		self.assertRegex(done.stdout, r'not ok 1 - other\n  ---\n  message: ".*; EINVAL was expected"')

	def test_a_job_that_hangs_is_ended_and_undone(self):
		done = self.selftest("--timeout", "1", *self.jobs(hangs=HANGS, passes=PASSES))
		self.assertEqual(done.returncode, 6)
		self.assertRegex(done.stdout, r'(?s)not ok 1 - hangs\n  ---\n  message: "did not end within 1 s".*\nok 2 - passes\n')

	def test_what_cannot_be_asked_for(self):
		empty = self.scratch / "empty"
		empty.mkdir()
		[job] = self.jobs(passes=PASSES)
		for arguments, status in [
			(["--format=xml", job], 2), (["--timeout=0", job], 2), (["--timeout=soon", job], 2), ([str(empty)], 2),
			(["--json", "--format=tap", job], 2), ([str(self.scratch / "none.json")], 3),
			(["--machine", job, job], 3), (["--machine", str(self.scratch / "none.json"), job], 3),
			(["--output", str(empty / "no" / "file"), job], 1),
		]:
			with self.subTest(arguments):
				done = self.selftest(*arguments)
				self.assertEqual(done.returncode, status, done.stderr)

	def test_an_interrupt_ends_the_job_that_runs_and_all_others(self):
		jobs = self.jobs(hangs=HANGS, passes=PASSES)
		process = table.subprocess.Popen([table.PROGRAM, "--model", "selftest", *jobs],
			stdout=table.subprocess.PIPE, stderr=table.subprocess.DEVNULL, text=True)
		self.assertEqual(process.stdout.readline(), "TAP version 14\n")
		process.send_signal(signal.SIGTERM)
		said, _ = process.communicate(timeout=table.patience.SECONDS)
		self.assertEqual(process.returncode, 1)
		self.assertIn("interrupted", said)
		self.assertNotIn("passes", said)


class Formats(Selftest):
	def setUp(self):
		super().setUp()
		self.chosen = self.jobs(passes=PASSES, absent=ABSENT, unmet=UNMET)

	def test_no_form_cuts_a_character(self):
		# One byte before them: a piece of any length then ends within one.
		name = "x" + "ä" * 100
		[step] = UNMET["steps"]
		[job] = self.jobs(**{name: {**UNMET, "steps": [{"name": name, **step}]}})
		self.assertRegex(self.selftest(job).stdout, r"\nnot ok 1 - xä+\n")
		said = xml.etree.ElementTree.fromstring(self.selftest("--format=junit", job).stdout.encode())
		[failure] = said.iter("failure")
		self.assertEqual(("\\x" in failure.text, name in failure.text), (False, True), failure.text)

	def test_junit(self):
		output = self.scratch / "result.xml"
		done = self.selftest("--format=junit", "--output", str(output), *self.chosen)
		self.assertEqual((done.returncode, done.stdout), (6, f"1 passed, 1 skipped, 1 failed: {output}\n"))
		[suite] = xml.etree.ElementTree.parse(output).getroot()
		self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("3", "1", "1"))
		self.assertEqual([(case.get("name"), [child.tag for child in case]) for case in suite],
			[("passes", []), ("absent", ["skipped"]), ("unmet", ["failure"])])
		self.assertIn("0000:00:1f.0", suite[1][0].get("message"))
		self.assertEqual(suite[2][0].get("type"), "unmet")

	def test_json(self):
		done = self.selftest("--json", *self.chosen)
		*tests, summary = [json.loads(line) for line in done.stdout.splitlines()]
		self.assertEqual([(line["test"]["name"], line["test"]["result"], line["test"]["status"]) for line in tests],
			[("passes", "passed", "done"), ("absent", "skipped", "skipped"), ("unmet", "failed", "unmet")])
		self.assertEqual(tests[2]["test"]["error"]["step"]["index"], 0)
		self.assertEqual({key: summary["selftest"][key] for key in ("backend", "tests", "passed", "skipped", "failed")},
			{"backend": "model", "tests": 3, "passed": 1, "skipped": 1, "failed": 1})
		self.assertEqual(self.selftest("--format=json", *self.chosen).returncode, 6)

	def test_what_a_terminal_takes_for_more_is_said_as_digits(self):
		name = "a\x7f\x85\u202e\u2028b"
		[step] = UNMET["steps"]
		[job] = self.jobs(unmet={**UNMET, "steps": [{"name": name, **step}]})
		done = self.selftest(job)
		self.assertEqual([character for character in name[1:-1] if character in done.stdout], [])
		self.assertIn("\\u202e", done.stdout)

	def test_xml_has_no_noncharacters(self):
		name = "a\ufffe\uffffb"
		[step] = UNMET["steps"]
		[job] = self.jobs(unmet={**UNMET, "steps": [{"name": name, **step}]})
		done = self.selftest("--format=junit", job)
		xml.etree.ElementTree.fromstring(done.stdout.encode())
		self.assertIn("a\\ufffe\\uffffb", done.stdout)

	def test_names_that_would_forge_lines_are_escaped(self):
		[job] = self.jobs(**{"a # SKIP\nok 2 - forged": UNMET})
		done = self.selftest(job)
		self.assertIn("\nnot ok 1 - a \\# SKIP\\nok 2 - forged\n", done.stdout.replace("\\\\n", "\\n"))
		self.assertEqual(len(re.findall("^ok", done.stdout, re.MULTILINE)), 0)


if __name__ == "__main__":
	unittest.main()
