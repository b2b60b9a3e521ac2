#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Page faults of a session: watchers see them, and they stay for the verbs that answer them."""

import json
import unittest

import holder
from holder import results

MACHINE = {
	"iommuctl": 1,
	"smmus": [{"stall": True, "ssid-bits": 4}],
	"devices": [{"pci": "0000:00:01.0"}],
}

CONTEXT = {"stage1": "tables", "s": 1}

JOB = {
	"iommuctl": 1,
	"memory": {"ram": {"size": "4M", "ipa": "0x40000000"}},
	"devices": {"edu": {"pci": "0000:00:01.0"}},
	"ioas": {"guest": {"map": [{"memory": "ram"}]}},
	"fault-queues": {"faults": {}},
	"hwpts": {
		"s2": {"device": "edu", "ioas": "guest", "nest-parent": True},
		"s1": {"device": "edu", "viommu": "vsmmu", "fault-queue": "faults",
			"ste": {"config": "s1", "cd-table": "cds", "s1dss": "ssid0"}},
	},
	"viommus": {"vsmmu": {"device": "edu", "hwpt": "s2"}},
	"vdevices": {"vedu": {"viommu": "vsmmu", "device": "edu", "vsid": "0x42"}},
	"veventqs": {"events": {"viommu": "vsmmu"}},
	"stage1": {"tables": {"at": "0x40200000", "size": "64K", "asid": 7, "map": [
		{"iova": "0x1000", "ipa": "0x40100000", "size": "4K"}]}},
	"cd-tables": {"cds": {"at": "0x40300000", "s1cdmax": 4,
		"contexts": [{"ssid": 0, **CONTEXT}, {"ssid": 3, **CONTEXT}]}},
	"attach": [{"device": "edu", "hwpt": "s1"}],
}


class Faults(holder.SessionTest):
	def setUp(self):
		super().setUp()
		machine, job = self.directory / "machine.json", self.directory / "job.json"
		machine.write_text(json.dumps(MACHINE))
		job.write_text(json.dumps(JOB))
		done = self.run_command(f"--model={machine}", "session", "start", "vm", str(job))
		self.assertEqual((done.status, done.err), (0, ""))

	def fault(self, iova, ssid=3, how="from"):
		"""A device that asks again by itself gets the answer at once that it has to wait."""
		self.do("dma", "edu", f"{how}={iova}", "size=4", f"ssid={ssid}", "expect=blocked")

	def do(self, *argv):
		done = self.verb(*argv)
		self.assertEqual(done.status, 0, done.err)
		return done.out

	def said(self, *options):
		"""What the session has read, without the summary."""
		lines = self.verb("--json", "events", *options).lines()
		for line in lines:
			self.assertIsNone(results.fault(line))
		return [line["event"] for line in lines[:-1]]

	def test_a_fault_is_decoded(self):
		self.fault("0x5000")
		self.fault("0x6004", how="to")
		self.verb("dma", "edu", "from=0x7000", "size=4")
		faults = [said["fault"] for said in self.said()]
		self.assertEqual(faults, [
			{"device": "devices.edu", "device-id": 1, "pasid": 3, "group": 0, "perm": "r", "address": "0x5000",
				"last": True, "place": 1, "count": 1},
			{"device": "devices.edu", "device-id": 1, "pasid": 3, "group": 1, "perm": "w", "address": "0x6004",
				"last": True, "place": 1, "count": 1},
			{"device": "devices.edu", "device-id": 1, "pasid": None, "group": 2, "perm": "r", "address": "0x7000",
				"last": True, "place": 1, "count": 1},
		])

	def test_as_text_a_fault_fits_a_line(self):
		self.fault("0x5000")
		first = self.verb("events").out.splitlines()[0]
		self.assertRegex(first, r"^\d\d:\d\d:\d\d 1 fault-queues\.faults: devices\.edu r 0x5000 PASID 3 group 0 1/1$")
		self.assertLess(len(first), 80)

	def test_who_watches_takes_nothing(self):
		self.fault("0x5000")
		self.assertEqual(len(self.said()), 1)
		self.do("page-fault", "faults", "device=edu", "iova=0x5000", "perm=r", "pasid=3", "count=1")
		self.assertEqual(self.verb("page-response", "faults").status, 0)
		self.assertEqual(len(self.said()), 1)
		self.assertIn("nothing", self.do("no-page-fault", "faults", "timeout-ms=0"))

	def test_only_what_was_taken_is_answered(self):
		self.fault("0x5000")
		self.said()
		done = self.verb("page-response", "faults")
		self.assertIn("no page-fault step has read a group from fault-queues.faults", done.err)
		self.do("page-fault", "faults")
		self.do("page-response", "faults", "code=invalid")
		self.assertEqual(self.verb("page-response", "faults").status, 3)

	def counts(self):
		(queue,) = self.run_command("--json", "session", "stats", "vm").lines()[0]["stats"]["fault-queues"]
		return queue

	def test_they_are_counted(self):
		none = {"object": "fault-queues.faults", "faults": 0, "waiting": 0, "answered": 0}
		self.assertEqual(self.counts(), none)
		self.fault("0x9000")
		self.do("events")
		self.assertEqual(self.counts(), {**none, "faults": 1, "waiting": 1})
		self.do("page-fault", "faults", "iova=0x9000")
		self.do("page-response", "faults", "code=invalid")
		self.assertEqual(self.counts(), {**none, "faults": 1, "answered": 1})
		self.assertIn("\nfault-queues.faults: page faults read: 1, waiting: 0, answered: 1\n",
			self.run_command("session", "stats", "vm").out)
		self.assertIn('\niommuctl_page_faults_answered_total{session="vm",fault_queue="faults"} 1\n',
			self.run_command("session", "stats", "--openmetrics", "vm").out)

	def test_followed_as_it_comes(self):
		for options in ([], ["--queue=faults"], ["--queue=fault-queues.faults"]):
			with self.subTest(options=options):
				follower = self.follow("--count=1", "--json", f"--since={self.next_event()}", *options)
				self.fault("0x5000")
				self.assertEqual(follower.wait(), 0)
				lines = [json.loads(line) for line in follower.stdout]
				for line in lines:
					self.assertIsNone(results.fault(line))
				self.assertEqual([line["event"]["type"] for line in lines[:-1]], ["page-fault"])

	def test_of_another_queue_nothing_is_shown(self):
		self.fault("0x5000")
		self.assertEqual(self.said("--queue=events"), [])
		self.assertEqual(len(self.said("--queue=faults", "--since=1")), 1)
		self.assertEqual(self.said("--queue=faults", "--since=2"), [])

	def test_what_is_detached_is_answered_by_the_kernel(self):
		self.fault("0x5000")
		self.do("page-fault", "faults")
		self.do("device", "detach", "edu")
		done = self.verb("page-response", "faults")
		self.assertEqual(done.status, 3)
		self.assertIn("ENOENT", done.err)

	def test_more_than_are_kept_wait_in_the_kernel(self):
		for page in range(70):
			self.fault(hex(0x100000 + page * 0x1000))
		self.assertEqual(len(self.said()), 64)
		for _ in range(64):
			self.do("page-fault", "faults")
			self.do("page-response", "faults")
		self.assertEqual(len(self.said()), 70)

	def test_a_queue_that_was_not_destroyed_is_read_as_before(self):
		with self.client() as client:
			said = client.apply(steps=[{"destroy": {"object": "fault-queues.faults"}, "expect": {"errno": "EBUSY"}}])
		self.assertEqual(holder.status_of(said), 0, said)
		self.fault("0x5000")
		self.assertEqual(len(self.said()), 1)
		self.do("page-fault", "faults", "iova=0x5000")
		self.do("page-response", "faults")

	def test_a_dma_engine_waits_for_the_answer(self):
		done = self.verb("dma", "edu", "from=0x5000", "size=4")
		self.assertEqual(done.status, 1)
		self.assertIn("waits for the response to a page fault", done.err)
		self.do("page-fault", "faults", "iova=0x5000")
		self.do("stage1", "map", "tables", "iova=0x5000", "ipa=0x40101000", "size=4K")
		self.do("page-response", "faults")
		self.do("dma", "edu", "from=0x5000", "to=0x1000", "size=4", "expect=done")


if __name__ == "__main__":
	unittest.main(verbosity=2)
