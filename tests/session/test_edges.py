#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Edges of the protocol, of the command line, and of the directory of sessions."""

import json
import re
import subprocess
import threading
import unittest
from pathlib import Path

import holder

SHOW = b'{"iommuctl":1,"show":{"as":"names"}}\n'

# Arguments of 'ioas alloc', and the message about them.
ARGUMENTS = {
	"a name that is no UTF-8": ([b"\xff"], "is not valid UTF-8"),
	"a key that is no UTF-8": ([b"x", b"\xff.y=1"], "is not valid UTF-8"),
	"a value that is no UTF-8": ([b"x", b"y=\xc3("], "is not valid UTF-8"),
	"keys that are too deep": (["x", "a." * 60000 + "b=1"], "keys are nested too deeply"),
	"a key inside of what is not an object": (["x", "map=[1]", "map.0.a.b=1"], "an element of a list"),
	"an index that is none": (["x", "map.0x.iova=1"], "an element of a list"),
	"an index that is too great": (["x", "map.99999999999999999999.iova=1"], "an element of a list"),
	"no key": (["x", "=1"], "KEY=VALUE was expected"),
	"half of a JSON": (["x", "map={"], "begins like JSON"),
	"a key twice in a JSON": (["x", 'map={"memory":"a","memory":"b"}'], "or has a key twice"),
	"a key twice": (["x", "huge-pages=true", "huge-pages=true"], "'huge-pages': the key is given twice"),
}


class Arguments(holder.SessionTest):
	def test_each_is_refused_before_the_session_is_asked(self):
		self.start("vm")
		for title, (arguments, said) in ARGUMENTS.items():
			with self.subTest(title):
				done = self.run_command("-s", "vm", "ioas", "alloc", *arguments, errors="replace")
				self.assertEqual((done.status, said in done.err), (2, True), (done.status, done.err[-200:]))
		self.assertEqual(self.objects_of(), [])

	def test_an_empty_name_of_a_session(self):
		done = self.run_command("-s", "", "ioas", "alloc", "x")
		self.assertEqual((done.status, "has an empty value" in done.err), (2, True), done.err)
		done = self.run_command("session", "show", "")
		self.assertEqual((done.status, "'' is not a valid session name" in done.err), (2, True), done.err)


# Values that a session would refuse, and that the command line already refuses.
WRONG = {
	("events", "--count=5000000000"): "--count 5000000000: expected a number up to 0xffffffff",
	("events", "--idle-timeout=10ms"): "--idle-timeout requires --follow",
	("ste", "set", "s1", "config=bypass"): "by=NAME is missing",
	("hwpt", "replace", "s1", "nest-parent=true"): "by=NAME is missing",
	("invalidate", "v", "commands.0.words.1=0x11"): "a number in a list is named by its index",
	("invalidate", "v", "commands.0.words.x=0x11"): "a number in a list is named by its index",
	("invalidate", "v", "commands.0.words.0=1", "commands.0.words.0=2"): "given twice",
	("session", "show", "other"): "--session=vm and 'other' are different sessions",
	("session", "save", "other"): "--session=vm and 'other' are different sessions",
	("session", "stats", "other"): "--session=vm and 'other' are different sessions",
	("session", "stop", "other"): "--session=vm and 'other' are different sessions",
	("session", "export", "other", "iommufd"): "--session=vm and 'other' are different sessions",
}

# Commands that succeed, so that an expected failure does not occur.
MAKES = {
	("memory", "create"): ["size=4K", "ipa=0x90000000"],
	("device", "open"): ["pci=0000:00:02.0"],
	("ioas", "alloc"): [],
	("hwpt", "alloc"): ["device=edu", "ioas=guest"],
	("viommu", "alloc"): ["device=edu", "hwpt=s2"],
	("stage1", "create"): ["at=0x40a00000", "size=64K"],
	("cd-table", "create"): ["at=0x40b00000"],
	("fault-queue", "alloc"): [],
}

# Commands that set a key themselves, and the key.
SAID = {
	("ioas", "unmap", "x", "ioas=other", "iova=0"): "'ioas'",
	("dma", "x", "device=other", "from=0"): "'device'",
	("invalidate", "x", "viommu=other", "command.0.op=CFGI_ALL"): "'viommu'",
	("dma", "x", "step.dma={}", "from=0"): "'step.dma'",
	("ioas", "destroy", "x", "step.destroy={}"): "'step.destroy'",
	("ioas", "alloc", "x", "step.create={}"): "'step.create'",
}


class Keys(holder.SessionTest):
	def test_what_the_command_says_is_not_said_again(self):
		self.start("vm")
		for argv, key in SAID.items():
			with self.subTest(argv):
				done = self.verb(*argv)
				self.assertEqual((done.status, key in done.err, " is already set by " in done.err), (2, True, True), done.err)

	def test_what_the_object_says_is_no_key_in_the_help(self):
		for command, key in {("dma",): "device", ("ioas", "unmap"): "ioas", ("event",): "veventq"}.items():
			with self.subTest(command):
				self.assertNotRegex(self.run_command(*command, "--help").out, rf"(?m)^  {key}  ")

	def test_a_key_of_several_fields_is_there_once(self):
		keys = re.findall(r"(?m)^  (\S+)  ", self.run_command("event", "--help").out.split("Keys:\n")[1].split("\n\n")[0])
		self.assertEqual(sorted(keys), sorted(set(keys)))
		self.assertIn("type", keys)


class Lines(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)

	def test_a_wrong_value_is_told_before_the_session_is_asked(self):
		for argv, said in WRONG.items():
			with self.subTest(argv):
				done = self.verb(*argv)
				self.assertEqual((done.status, said in done.err), (2, True), done.err)

	def test_numbers_of_a_list_are_said_one_by_one(self):
		done = self.verb("invalidate", "vsmmu", "commands.0.words.0=0x11", "commands.0.words.1=0")
		self.assertEqual((done.status, "TLBI_NH_ASID" in done.out), (0, True), done.err)

	def test_a_walk_begins_anywhere_in_64_bits(self):
		done = self.verb("walk", "--device=edu", "0xffffffffffffffff")
		self.assertEqual((done.status, "F_TRANSLATION" in done.out), (0, True), done.err)

	def test_what_is_made_may_be_expected_to_fail(self):
		before = self.objects_of()
		for command, said in MAKES.items():
			with self.subTest(command):
				done = self.verb(*command, "new", *said, "step.expect.errno=EXDEV")
				self.assertEqual((done.status, "EXDEV was expected" in done.err), (6, True), done.err)
		done = self.verb("hwpt", "alloc", "new", "device=edu", "ioas=guest", "dirty-tracking=true",
			"step.expect.errno=EOPNOTSUPP", "step.name=untracked")
		self.assertEqual((done.status, "which fails with EOPNOTSUPP" in done.out), (0, True), done.err)
		self.assertEqual(self.objects_of(), before)

	def test_pages_promise_a_step_where_there_is_one(self):
		for command, takes in {**dict.fromkeys(MAKES, True), ("dma",): True, ("ioas", "destroy"): True,
			("hwpt", "replace"): False, ("ste", "set"): False}.items():
			with self.subTest(command):
				self.assertEqual("step.expect.errno" in self.run_command(*command, "--help").out, takes)


class Background(holder.SessionTest):
	def test_a_trace_goes_on_in_a_file_and_ends_on_standard_error(self):
		trace = self.directory / "trace"
		done = self.run_command("--model", f"--trace={trace}", "session", "start", "vm")
		self.assertEqual((done.status, done.err), (0, ""))
		self.verb("ioas", "alloc", "later")
		self.assertIn("IOMMU_IOAS_ALLOC", trace.read_text())
		done = self.run_command("--model", "--trace", "session", "start", "other", str(holder.SMALL_JOB))
		self.assertEqual((done.status, "IOMMU_IOAS_ALLOC" in done.err), (0, True))

	def test_a_call_of_a_later_request_may_fail(self):
		self.assertEqual(self.run_command("--model", "--fail-call=2", "session", "start", "vm").status, 0)
		done = self.verb("ioas", "alloc", "later")
		self.assertEqual((done.status, "ENOMEM" in done.err), (1, True), done.err)


# What is asked of a session with a kept step, after these verbs, and the places and messages of the mistakes.
EXISTS = "would fail with EEXIST: {} exists at this point"
GONE = ("cd-table", "destroy", "cds")
MISTAKES = {
	"a HWPT that exists": ((), {"steps": [{"create": {"object": "hwpts.s1"}}]},
		[("steps[0].create", EXISTS.format("hwpts.s1"))]),
	"a device that others were made for": ((), {"steps": [{"create": {"object": "devices.edu"}}]},
		[("steps[0].create", EXISTS.format("devices.edu"))]),
	"one that may fail": ((), {"steps": [{"create": {"object": "cd-tables.cds"}, "expect": {"errno": "EEXIST"}}]}, []),
	"a table that is gone, which a kept step changes": ((GONE,), {"steps": [{"create": {"object": "cd-tables.cds"}}]}, [
		("hwpts.s1.ste.cd-table", '"cds" is made by a step, but needed before the steps begin'),
		("session.steps[0].set-cd", "would fail with ENODEV: cd-tables.cds does not exist at this point")]),
	"a step after such a table": ((GONE,), {"cd-tables": {"cds": {"at": "0x40100000"}}, "steps": [
		{"create": {"object": "hwpts.s1"}}]}, [("steps[0].create", EXISTS.format("hwpts.s1"))]),
}


class Places(holder.SessionTest):
	def test_mistakes_are_where_the_request_has_them(self):
		for title, (verbs, document, problems) in MISTAKES.items():
			with self.subTest(title):
				self.run_command("session", "stop", "vm")
				self.start("vm", holder.SMALL_JOB)
				for verb in (("cd", "set", "cds", "stage1=kernel", "asid=9"), *verbs):
					self.assertEqual(self.verb(*verb).status, 0)
				with self.client() as client:
					said = client.apply(**document)
				found = [(one["path"], one["message"]) for line in said for one in line.get("error", {}).get("problems", ())]
				self.assertEqual((found, holder.status_of(said)), (problems, 3 if problems else 0))


class Requests(holder.SessionTest):
	def test_more_than_the_longest_request_may_wait_in_a_row(self):
		self.start("vm")
		count = 3 * (1 << 20) // len(SHOW)
		with self.client() as client:
			sender = threading.Thread(target=client.send, args=(SHOW * count,))
			sender.start()
			statuses = {holder.status_of(client.answer()) for _ in range(count)}
			sender.join()
		self.assertEqual(statuses, {0})

	def test_the_longest_request_may_have_another_behind_it(self):
		self.start("vm")
		with self.client() as client:
			longest = SHOW[:-1] + b" " * ((1 << 20) - len(SHOW) + 1) + b"\n"
			sender = threading.Thread(target=client.send, args=(longest + longest + SHOW,))
			sender.start()
			self.assertEqual([holder.status_of(client.answer()) for _ in range(3)], [0, 0, 0])
			sender.join()

	def test_what_a_session_has_been_started_with_stays(self):
		job = self.directory / "job.json"
		job.write_text('{"iommuctl":1,"backend":"model","rlimit-mode":"process"}')
		self.start("vm", job)
		with self.client() as client:
			self.assertEqual(holder.status_of(client.apply(**{"rlimit-mode": "process", "backend": "model"})), 0)
			self.assertEqual(holder.status_of(client.apply(backend="kernel")), 0)
			said = client.apply(**{"rlimit-mode": "user"}, ioas={"x": {}})
			self.assertEqual((said[0]["error"]["code"], said[0]["error"]["object"]), ("EBUSY", "rlimit-mode"))
		saved = json.loads(self.run_command("session", "save", "vm").out)
		self.assertEqual((saved["rlimit-mode"], saved["backend"], "ioas" in saved), ("process", "model", False))

	def test_a_device_of_a_machine_is_refused_before_anything_is_made(self):
		self.start("vm")
		for arguments in (["session", "apply", str(holder.ROOT / "examples/selftest/translate.json")],
			["device", "open", "x", "machine=dut"]):
			done = self.run_command("-s", "vm", *arguments)
			said = 'is "dut" of the machine, but no machine is given' in done.err
			self.assertEqual((done.status, said, done.out), (3, True, ""), done.err)
		self.assertEqual(self.objects_of(), [])

	def test_who_watches_and_does_not_read_keeps_nobody_busy(self):
		self.start("vm", holder.SMALL_JOB)
		pid = self.pid_of("vm")
		blocked = {"dma": {"device": "edu", "from": "0x5000", "size": 4, "expect": "blocked"}}
		with self.client() as client:
			for _ in range(12):
				client.apply(steps=[blocked] * 90)
				client.ask(events={})
		with self.client() as deaf:
			for _ in range(8):
				deaf.send(json.dumps({"iommuctl": 1, "events": {"since": 1}}).encode() + b"\n")
			deaf.send(json.dumps({"iommuctl": 1, "events": {
				"since": 1, "follow": True, "idle-timeout": 1}}).encode() + b"\n")
			self.wait_for(lambda: self.state_of(pid) == "S")

	@staticmethod
	def state_of(pid):
		return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


class Directory(holder.SessionTest):
	def test_a_name_may_look_like_that_of_a_lock(self):
		for name in ("a.lock", "a.lock.b", "a.sock"):
			self.start(name)
		self.assertEqual(self.run_command("session", "list").out.split(), ["a.lock", "a.lock.b", "a.sock"])

	def test_files_of_others_are_in_nobodys_way(self):
		for number in range(10000):
			(self.directory / f"junk{number}.{('lock', 'sock', 'x')[number % 3]}").touch()
		self.start("vm")
		self.assertEqual(self.run_command("session", "list").out, "vm\n")
		self.assertEqual(self.run_command("session", "stop", "vm").status, 0)
		# In the end, each would be checked for a session behind it.
		for path in self.directory.glob("junk*"):
			path.unlink()

	def test_of_many_who_start_one_name_one_does(self):
		for _ in range(5):
			starts = [subprocess.Popen([holder.PROGRAM, "--model", "session", "start", "vm"], text=True,
				env={"IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}, stdout=subprocess.DEVNULL,
				stderr=subprocess.PIPE) for _ in range(20)]
			said = [start.communicate()[1] for start in starts]
			self.assertEqual(sorted(start.returncode for start in starts), [0] + [1] * 19, said)
			self.assertEqual(sum("runs already" in text for text in said), 19)
			self.assertEqual(self.run_command("session", "stop", "vm").status, 0)

	def test_who_lists_is_not_in_the_way_of_who_starts(self):
		"""A stale lock is checked all the time, while the name is taken and given back."""
		over = threading.Event()
		failed = []

		def list_all():
			while not over.is_set():
				failed.extend([1] if self.run_command("session", "list").status else [])

		lists = [threading.Thread(target=list_all) for _ in range(4)]
		for thread in lists:
			thread.start()
		try:
			for _ in range(20):
				(self.directory / "vm.lock").touch()
				self.start("vm")
				self.assertEqual(self.run_command("session", "stop", "vm").status, 0)
				self.wait_for(lambda: not (self.directory / "vm.lock").exists())
		finally:
			over.set()
			for thread in lists:
				thread.join()
		self.assertEqual(failed, [])


if __name__ == "__main__":
	unittest.main(verbosity=2)
