#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Events of a session, as they arrive and afterwards."""

import json
import unittest

import holder


class Events(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)

	def fault(self, iova, size=4):
		done = self.verb("dma", "edu", f"from={iova}", f"size={size}", "expect=blocked")
		self.assertEqual(done.status, 0, done.err)

	def fault_pages(self, first, count):
		with self.client() as client:
			said = client.apply(steps=[
				{"dma": {"device": "edu", "from": first + page * 0x1000, "size": 4, "expect": "blocked"}}
				for page in range(count)])
			self.assertEqual(holder.status_of(said), 0)

	def test_what_steps_have_taken_is_kept(self):
		lines = self.verb("--json", "events").lines()
		self.assertEqual([line["event"]["number"] for line in lines[:-1]], [1, 2])
		self.assertEqual(lines[-1], {"iommuctl": 1, "watched": {"events": 2, "lost": 0, "next": 3}})

	def test_since_a_number(self):
		lines = self.verb("--json", "events", "--since=2").lines()
		self.assertEqual([line["event"]["number"] for line in lines[:-1]], [2])

	def test_those_that_a_failure_shows_stay_for_the_steps_that_follow(self):
		self.fault("0x9000")
		done = self.verb("ioas", "map", "guest", "memory=ram", "iova=0x8000000")
		self.assertEqual(done.status, 1, done.err)
		self.assertIn("InputAddr=0x9000", done.err)
		self.assertEqual(self.verb("event", "events", "type=F_TRANSLATION").status, 0)

	def test_those_of_a_vdevice_that_is_gone_are_there_and_the_attachment_is_no_news(self):
		self.fault("0x9000")
		self.assertEqual(self.verb("vdevice", "destroy", "vedu").status, 0)
		wrong = self.verb("hwpt", "alloc", "x", "device=edu", "ioas=guest", "nest-parent=perhaps")
		self.assertEqual((wrong.status, "attach[" in wrong.err), (3, False), wrong.err)
		self.assertEqual(self.verb("event", "events", "type=F_TRANSLATION").status, 0)

	def test_following_begins_with_the_next(self):
		follower = self.follow("--count=1")
		self.assertEqual(follower.stderr.readline(), "following events; Ctrl-C ends it\n")
		self.fault("0x9000")
		self.assertEqual(follower.wait(), 0)
		self.assertRegex(follower.stdout.read(),
			r"^\d\d:\d\d:\d\d 3 veventqs\.events: F_TRANSLATION .*InputAddr=0x9000\nevents: 1, lost: 0, next: 4\n$")

	def test_all_who_follow_see_all(self):
		followers = [self.follow("--json", "--count=3", "--since=3") for _ in range(5)]
		for iova in ("0x9000", "0xa000", "0xb000"):
			self.fault(iova)
		for follower in followers:
			self.assertEqual(follower.wait(), 0)
			said = [json.loads(line) for line in follower.stdout]
			self.assertEqual([line["event"]["number"] for line in said[:-1]], [3, 4, 5])

	def test_an_idle_queue_ends_it(self):
		done = self.verb("events", "--follow", "--idle-timeout=50ms")
		self.assertEqual((done.status, done.out), (0, "events: 0, lost: 0, next: 3\n"))

	def test_fewer_events_than_were_asked_for_are_not_what_was_expected(self):
		done = self.verb("events", "--follow", "--count=2", "--idle-timeout=50ms")
		self.assertEqual((done.status, done.out), (6, "events: 0, lost: 0, next: 3\n"))
		self.assertIn("0 of 2 events came", done.err)

	def test_a_number_that_is_yet_to_come_leaves_out_nothing(self):
		done = self.verb("events", "--since=99")
		self.assertEqual((done.status, done.out), (0, "events: 0, lost: 0, next: 3\n"))

	def test_a_step_takes_an_event_that_is_followed(self):
		follower = self.follow("--count=1")
		follower.stderr.readline()
		self.fault("0x9000")
		done = self.verb("event", "events", "type=F_TRANSLATION", "inputaddr=0x9000")
		self.assertEqual(done.status, 0, done.err)
		self.assertEqual(follower.wait(), 0)

	def test_looking_takes_nothing_from_a_step_while_there_is_room(self):
		self.fault_pages(0x100000, 70)
		self.verb("events")
		done = self.verb("event", "events", "type=F_TRANSLATION", "inputaddr=0x100000")
		self.assertEqual(done.status, 0, done.err)

	def test_a_step_is_told_of_events_that_made_room_for_those_who_look(self):
		for first in (0x100000, 0x200000):
			self.fault_pages(first, 60)
			self.verb("events")
		done = self.verb("event", "events", "type=F_TRANSLATION", "inputaddr=0x100000")
		self.assertEqual((done.status, "50 events read for watching clients were dropped before a step took them" in done.err), (1, True), done.err)
		self.assertNotIn("overflowed", done.err)

	def test_what_is_no_longer_kept_is_counted(self):
		with self.client() as client:
			for _ in range(24):
				said = client.apply(steps=[{"dma": {"device": "edu", "from": "0x9000", "size": 4,
					"expect": "blocked"}}] * 50)
				self.assertEqual(holder.status_of(said), 0)
				client.ask(events={})
		lines = self.verb("--json", "events").lines()
		self.assertEqual(lines[0]["event"]["type"], "gone")
		self.assertEqual(lines[0]["event"]["lost"] + lines[-1]["watched"]["events"], lines[-1]["watched"]["next"] - 1)

	def test_an_overflow_of_the_queue_is_told(self):
		self.verb("veventq", "destroy", "events")
		self.assertEqual(self.verb("veventq", "alloc", "few", "viommu=vsmmu", "depth=2").status, 0)
		self.fault("0x9000", size=64)
		lines = self.verb("--json", "events").lines()
		self.assertGreater(lines[-1]["watched"]["lost"], 0)

	def test_that_nothing_can_come_of_a_viommu_is_said(self):
		self.verb("veventq", "destroy", "events")
		why = "has no vEVENTQ: SMMU events for its devices are lost"
		self.assertEqual(self.verb("events").out.splitlines()[0], f"viommus.vsmmu {why}")
		self.assertEqual(self.verb("--json", "events").lines()[0]["event"],
			{"object": "viommus.vsmmu", "type": "unheard", "event": why})
		self.verb("veventq", "alloc", "new", "viommu=vsmmu", "depth=2")
		self.assertNotIn("no vEVENTQ", self.verb("events").out)

	def test_a_blocked_dma_that_no_event_tells_of_has_that_as_its_cause(self):
		self.verb("veventq", "destroy", "events")
		done = self.verb("dma", "edu", "from=0x9000", "size=4")
		self.assertEqual(done.status, 1)
		self.assertIn("the read of IOVA 0x9000 was blocked", done.err)
		self.assertIn("viommus.vsmmu has no vEVENTQ: the SMMU's event is lost", done.err)
		[error] = [line["error"] for line in self.verb("--json", "dma", "edu", "from=0x9000", "size=4").lines()
			if "error" in line]
		self.assertIn("veventqs", error["hint"])
		done = self.verb("dma", "edu", "from=0x9000", "to=0x1000", "size=4", "expect.ipa=0x40200000", "expect.text=page")
		self.assertIn("viommus.vsmmu has no vEVENTQ", done.err)

	def test_a_queue_that_is_not_there(self):
		done = self.verb("events", "--queue=nothing")
		self.assertEqual(done.status, 1)
		self.assertIn("nothing", done.err)

	def test_the_end_of_the_session_ends_it(self):
		follower = self.follow()
		follower.stderr.readline()
		self.assertEqual(self.run_command("session", "stop", "vm").status, 0)
		self.assertEqual(follower.wait(), 1)
		self.assertIn("ended before it answered", follower.stderr.read())


if __name__ == "__main__":
	unittest.main(verbosity=2)
