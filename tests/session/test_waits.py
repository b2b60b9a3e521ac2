#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A step of one client waits: others are served meanwhile, and anyone with the right can end it."""

import contextlib
import json
import os
import signal
import unittest

import holder

# Ten minutes, as long as a step may wait: no test waits for that.
FOREVER = 600000

NO_EVENT = {"no-event": {"veventq": "events", "timeout-ms": FOREVER}}
EVENT = {"event": {"veventq": "events", "type": "F_TRANSLATION", "timeout-ms": FOREVER}}

# Commands that only look, and are answered while the step of another waits.
LOOKS = {
	"show": {},
	"save": {},
	"stats": {},
	"events": {},
	"walk": {"device": "edu", "iova": 0x1000},
	"dump": {},
	"export": {"objects": [{"name": "iommufd"}]},
}

# Commands that would change something.
CHANGES = {
	"apply": {"document": {"iommuctl": 1, "ioas": {"late": {}}}},
	"replace": {"hwpt": "s1", "by": "s3", "with": {}},
}


class Waiting(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)

	def shown(self):
		return self.run_command("--json", "session", "show", "vm").lines()[0]["session"]

	def is_waiting(self):
		return "waits" in self.shown()

	def is_idle(self):
		return not self.is_waiting()

	@contextlib.contextmanager
	def waiting(self, *steps, **document):
		"""A client whose last step waits."""
		with self.client() as client:
			client.send(json.dumps({"iommuctl": 1, "apply": {"document": {
				"iommuctl": 1, "steps": list(steps), **document}}}).encode() + b"\n")
			self.wait_for(self.is_waiting)
			yield client


class Waits(Waiting):
	def test_who_waits_is_shown(self):
		with self.waiting(NO_EVENT):
			shown = self.shown()["waits"]
			self.assertEqual(shown, {"client": os.getpid(), "step": "steps[0]", "action": "no-event"})
			self.assertIn(f"  client {os.getpid()} waits in steps[0] (no-event)\n",
				self.run_command("session", "show", "vm").out)

	def test_what_exists_is_shown_as_before(self):
		self.verb("ioas", "map", "guest", "memory=ram", "iova=0x90000000", "length=64K")
		before = self.shown()["objects"]
		self.assertIn("2 mappings: memory.ram at IOVA 0x40000000, memory.ram at IOVA 0x90000000",
			[one["detail"] for one in before])
		with self.waiting(NO_EVENT):
			self.assertEqual(self.shown()["objects"], before)
		self.wait_for(self.is_idle)
		with self.waiting({"ioas-unmap": {"ioas": "guest", "iova": "0x90000000", "size": "64K"}}, NO_EVENT):
			self.assertIn("1 mapping: memory.ram at IOVA 0x40000000", [one["detail"] for one in self.shown()["objects"]])

	def test_what_only_looks_is_answered(self):
		with self.waiting(NO_EVENT), self.client() as other:
			for request, arguments in LOOKS.items():
				with self.subTest(request):
					self.assertEqual(holder.status_of(other.ask(**{request: arguments})), 0)
			self.assertTrue(self.is_waiting())

	def test_many_may_look_and_none_of_them_ends_the_wait(self):
		with self.waiting(NO_EVENT), contextlib.ExitStack() as stack:
			others = [stack.enter_context(self.client()) for _ in range(20)]
			for other in others:
				other.send(b'{"iommuctl":1,"show":{}}\n' * 20)
			for other in others:
				self.assertEqual([holder.status_of(other.answer()) for _ in range(20)], [0] * 20)
			self.assertTrue(self.is_waiting())

	def test_what_changes_something_is_told_who_waits(self):
		for step in NO_EVENT, EVENT:
			(action,) = step
			with self.subTest(action), self.client() as other:
				with self.waiting(step):
					for request, arguments in CHANGES.items():
						said = other.ask(**{request: arguments})
						self.assertEqual(holder.status_of(said), 1)
						error = said[0]["error"]
						self.assertEqual((error["code"], error["operation"], error["object"]), ("busy", request, "vm"))
						self.assertIn(f"client {os.getpid()} waits in steps[0] ({action})", error["message"])
				self.wait_for(self.is_idle)
		self.assertNotIn("ioas.late", self.objects_of())

	def test_the_command_says_what_helps(self):
		with self.waiting(NO_EVENT):
			done = self.verb("ioas", "alloc", "late")
			self.assertEqual((done.status, done.out), (1, ""))
			self.assertIn("try again when it is done, in ", done.err)

	def test_after_the_wait_all_goes_on(self):
		with self.waiting(EVENT) as client, self.client() as other:
			self.assertEqual(holder.status_of(other.apply(ioas={"late": {}})), 1)
			client.socket.close()
			self.wait_for(self.is_idle)
			self.assertEqual(holder.status_of(other.apply(ioas={"late": {}})), 0)

	def test_who_goes_away_takes_its_step_along(self):
		before = self.objects_of()
		for ends in "closes", "is killed":
			with self.subTest(ends):
				if ends == "closes":
					with self.waiting(NO_EVENT, ioas={"new": {}}) as client:
						self.assertIn("ioas.new", self.objects_of())
						client.socket.close()
				else:
					child = os.fork()
					if not child:
						with self.waiting(NO_EVENT, ioas={"new": {}}):
							signal.pause()
					self.wait_for(self.is_waiting)
					os.kill(child, signal.SIGKILL)
					os.waitpid(child, 0)
				self.wait_for(self.is_idle)
				self.assertEqual(self.objects_of(), before)

	def test_who_sends_no_more_still_waits_for_its_answer(self):
		with self.waiting({"no-event": {"veventq": "events", "timeout-ms": FOREVER}}) as client, self.client() as other:
			client.socket.shutdown(1)
			self.assertEqual(holder.status_of(other.ask(show={})), 0)
			self.assertTrue(self.is_waiting())

	def test_who_goes_away_before_its_turn_does_no_harm(self):
		with self.waiting(NO_EVENT) as client:
			with self.client() as hasty:
				hasty.send(json.dumps({"iommuctl": 1, "apply": {"document": {
					"iommuctl": 1, "ioas": {"late": {}}}}}).encode() + b"\n")
			client.socket.close()
		self.wait_for(self.is_idle)
		self.assertEqual(self.verb("ioas", "alloc", "other").status, 0)

	def test_stop_ends_the_step_and_then_the_session(self):
		pid = self.pid_of("vm")
		with self.waiting(NO_EVENT, ioas={"new": {}}) as client, self.client() as other:
			said = other.ask(stop={})
			self.assertEqual(said, [{"iommuctl": 1, "done": {"status": 0, "name": "done"}}])
			answer = client.answer()
			self.assertEqual(holder.status_of(answer), 1)
			error = next(line["error"] for line in answer if "error" in line)
			self.assertEqual(error["code"], "ended")
			self.assertEqual(error["message"], f"ended: client {os.getpid()} stopped the session")
			self.assertEqual(error["path"], "steps[0]")
		self.wait_for(lambda: not os.path.exists(f"/proc/{pid}"))

	def test_stop_is_heard_also_of_who_does_not_listen(self):
		pid = self.pid_of("vm")
		with self.waiting(NO_EVENT):
			with self.client() as other:
				other.send(b'{"iommuctl":1,"stop":{}}\n')
			self.wait_for(lambda: self.state_of(pid) in (None, "Z"))

	def state_of(self, pid):
		"""The state as in ps(1), or None if there is no such process."""
		try:
			with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
				return stat.read().rsplit(")", 1)[1].split()[0]
		except (FileNotFoundError, ProcessLookupError):
			return None

	def test_stop_goes_before_what_waits_for_its_turn(self):
		with self.waiting(NO_EVENT), self.client() as hasty, self.client() as other:
			hasty.send(json.dumps({"iommuctl": 1, "apply": {"document": {
				"iommuctl": 1, "steps": [NO_EVENT]}}}).encode() + b"\n")
			self.assertEqual(holder.status_of(other.ask(stop={})), 0)

	def test_an_expectation_does_not_excuse_the_end(self):
		step = {**NO_EVENT, "expect": {"errno": "ECANCELED"}}
		with self.waiting(step) as client, self.client() as other:
			self.assertEqual(holder.status_of(other.ask(stop={})), 0)
			answer = client.answer()
			self.assertEqual(holder.status_of(answer), 1)
			self.assertFalse([line for line in answer if "step" in line])

	def test_a_new_client_is_let_in(self):
		with self.waiting(NO_EVENT), contextlib.ExitStack() as stack:
			for _ in range(300):
				self.assertEqual(holder.status_of(stack.enter_context(self.client()).ask(show={})), 0)
			self.assertTrue(self.is_waiting())

	def test_bad_clients_do_not_end_it(self):
		with self.waiting(NO_EVENT):
			for sent in b"hello\n", b"x" * (1 << 20) + b"x", b'{"iommuctl":1,"reboot":{}}\n':
				with self.client() as bad:
					bad.send(sent)
					self.assertNotEqual(holder.status_of(bad.answer()), 0)
			self.assertTrue(self.is_waiting())


class Events(Waiting):
	"""An event that others also read still reaches the step that waits for it."""

	FAULT = {"dma": {"device": "edu", "from": 0x9000, "size": 4, "expect": "blocked"}}
	FOLLOW = b'{"iommuctl":1,"events":{"follow":true,"count":1}}\n'

	def test_who_follows_and_who_waits_both_get_it(self):
		with self.client() as follower, self.client() as client:
			follower.send(self.FOLLOW)
			self.assertEqual(holder.status_of(client.apply(steps=[self.FAULT, EVENT])), 0)
			self.assertEqual(follower.answer()[0]["event"]["type"], "F_TRANSLATION")

	def test_who_follows_hears_while_another_waits(self):
		with self.client() as follower:
			follower.send(self.FOLLOW)
			with self.waiting(self.FAULT, EVENT, NO_EVENT):
				self.assertEqual(follower.answer()[0]["event"]["type"], "F_TRANSLATION")
				self.assertTrue(self.is_waiting())


if __name__ == "__main__":
	unittest.main(verbosity=2)
