#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel wants a device back from a session: it is unbound from its driver, removed or pulled."""

import json
import os
import subprocess
import unittest

import holder

# Ten minutes, as long as a step may wait: no test waits for that.
NO_EVENT = {"no-event": {"veventq": "events", "timeout-ms": 600000}}

# Everything in a session with SMALL_JOB that survives without a device.
LEFT = ["memory.ram", "ioas.guest", "hwpts.s2", "viommus.vsmmu", "stage1.kernel", "cd-tables.cds", "hwpts.s1", "veventqs.events"]

# Objects that go with the device.
GONE = ["vdevices.vedu", "irqs.edu-msi"]

# Commands that name the device afterwards.
NAMES_IT = {
	"attach": {"apply": {"document": {"iommuctl": 1, "steps": [{"attach": {"device": "edu", "hwpt": "s1"}}]}}},
	"an attachment": {"apply": {"document": {"iommuctl": 1, "attach": [{"device": "edu", "hwpt": "s1"}]}}},
	"DMA": {"apply": {"document": {"iommuctl": 1, "steps": [{"dma": {"device": "edu", "from": 0x1000, "size": 4}}]}}},
	"a vDEVICE": {"apply": {"document": {"iommuctl": 1, "vdevices": {"v": {
		"viommu": "vsmmu", "device": "edu", "vsid": 1}}}}},
	"close": {"apply": {"document": {"iommuctl": 1, "steps": [{"destroy": {"object": "devices.edu"}}]}}},
	"replace": {"replace": {"hwpt": "s1", "by": "s3", "with": {"device": "edu"}}},
	"walk": {"walk": {"device": "edu", "iova": 0x1000}},
	"dump": {"dump": {"device": "edu"}},
	"export": {"export": {"objects": [{"name": "devices.edu"}]}},
}


class Reclaim(holder.SessionTest):
	def shown(self):
		return self.run_command("--json", "session", "show", "vm").lines()[0]["session"]

	def unplug(self, *options):
		done = self.verb("device", "unplug", "edu", *options)
		self.assertEqual((done.status, done.err), (0, ""))

	def take(self, *options):
		"""The kernel wants the device, and gets it."""
		self.unplug(*options)
		self.wait_for(lambda: "taken" in self.shown())


class GivenBack(Reclaim):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)

	def test_it_goes_with_what_needs_it_and_the_rest_stays(self):
		self.assertEqual(set(self.objects_of()), {*LEFT, *GONE, "devices.edu"})
		self.take()
		self.assertEqual(sorted(self.objects_of()), sorted(LEFT))
		self.assertEqual(self.shown()["attachments"], [])

	def test_its_files_are_closed(self):
		pid = self.pid_of("vm")
		before = holder.open_files(pid)
		self.take("returns=true")
		# The device, the eventfd of its request, and that of its interrupt.
		self.wait_for(lambda: holder.open_files(pid) < before - 2)

	def test_show_says_so(self):
		self.take()
		(taken,) = self.shown()["taken"]
		self.assertEqual((taken["device"], taken["pci"]), ("devices.edu", "0000:00:01.0"))
		self.assertEqual(sorted(taken["with"]), sorted(GONE))
		self.assertRegex(self.run_command("session", "show", "vm").out,
			r"\n  devices\.edu was taken back by the kernel at \d\d:\d\d:\d\d\n")

	def test_who_follows_events_is_told(self):
		pid = self.pid_of("vm")
		# The listening socket: the client that asked for the process has gone.
		self.wait_for(lambda: holder.open_sockets(pid) == 1)
		follower = subprocess.Popen([holder.PROGRAM, "-s", "vm", "--json", "events", "--follow", "--count=1"],
			env={**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}, stdout=subprocess.PIPE, text=True)
		self.wait_for(lambda: holder.open_sockets(pid) == 2)
		self.take()
		event = json.loads(follower.communicate()[0].splitlines()[0])["event"]
		self.assertEqual((event["object"], event["type"]), ("devices.edu", "device-request"))
		self.assertRegex(event["event"], "^released, with its attachments, ")
		self.assertEqual(follower.returncode, 0)

	def test_who_follows_one_queue_is_told_and_goes_on(self):
		since = self.next_event()
		follower = self.follow("--json", "--queue=events", "--count=1", f"--since={since}")
		self.take("returns=true")
		self.verb("device", "open", "edu", "pci=0000:00:01.0")
		self.verb("vdevice", "alloc", "vedu", "viommu=vsmmu", "device=edu", "vsid=0x42")
		self.verb("device", "attach", "edu", "hwpt=s1")
		self.verb("dma", "edu", "from=0x9000", "size=4", "expect=blocked")
		self.assertEqual(follower.wait(), 0)
		said = [json.loads(line) for line in follower.stdout]
		self.assertEqual([line["event"]["type"] for line in said[:-1]], ["device-request", "F_TRANSLATION"])
		self.assertEqual(said[-1]["watched"]["events"], 1)

	def test_the_events_that_are_kept_have_it_as_text(self):
		self.take()
		self.assertRegex(self.verb("events").out,
			r"\d\d:\d\d:\d\d \d+ devices\.edu: the kernel wants it back: released, with its attachments, ")

	def test_what_names_it_is_refused_with_the_cause_and_the_remedy(self):
		self.take()
		with self.client() as client:
			for title, request in NAMES_IT.items():
				with self.subTest(title):
					said = client.ask(**request)
					self.assertEqual(holder.status_of(said), 1)
					error = said[0]["error"]
					self.assertEqual((error["code"], error["object"]), ("device-taken", "devices.edu"))
					self.assertIn("the kernel took it back, at ", error["message"])
					self.assertIn("device open edu pci=0000:00:01.0", error["hint"])

	def test_the_rest_goes_on(self):
		self.take()
		self.assertEqual(self.verb("ioas", "alloc", "more").status, 0)
		self.assertEqual(self.verb("device", "open", "other", "pci=0000:00:02.0").status, 0)
		self.assertEqual(self.verb("vdevice", "alloc", "v", "viommu=vsmmu", "device=other", "vsid=7").status, 0)
		self.assertEqual(self.verb("device", "attach", "other", "hwpt=s1").status, 0)

	def test_one_that_has_gone_for_good_cannot_be_opened(self):
		self.take()
		done = self.verb("device", "open", "edu", "pci=0000:00:01.0")
		self.assertEqual(done.status, 1)
		self.assertIn("ENOENT", done.err)
		self.assertEqual(sorted(self.objects_of()), sorted(LEFT))
		self.assertIn("taken", self.shown())

	def test_one_that_is_bound_again_can_be_opened_anew_by_the_same_name(self):
		self.take("returns=true")
		self.assertEqual(self.verb("device", "open", "edu", "pci=0000:00:01.0").status, 0)
		self.assertNotIn("taken", self.shown())
		self.assertEqual(self.verb("vdevice", "alloc", "vedu", "viommu=vsmmu", "device=edu", "vsid=0x42").status, 0)
		self.assertEqual(self.verb("device", "attach", "edu", "hwpt=s1").status, 0)
		with self.client() as client:
			self.assertEqual(holder.status_of(client.apply(steps=[
				{"dma": {"device": "edu", "from": 0x1000, "size": 4, "expect": "done"}}])), 0)

	def test_one_that_was_closed_can_be_opened_anew_by_the_same_name(self):
		with self.client() as client:
			self.assertEqual(holder.status_of(client.apply(steps=[{"detach": {"device": "edu"}},
				{"destroy": {"object": "vdevices.vedu"}}, {"destroy": {"object": "devices.edu"}}])), 0)
		self.assertEqual(self.verb("device", "open", "edu", "pci=0000:00:01.0").status, 0)
		self.assertIn("devices.edu", self.objects_of())

	def test_a_step_that_waits_is_ended(self):
		with self.client() as client:
			client.send(json.dumps({"iommuctl": 1, "apply": {"document": {"iommuctl": 1, "ioas": {"new": {}},
				"steps": [{"unplug": {"device": "edu"}}, NO_EVENT]}}}).encode() + b"\n")
			answer = client.answer()
			self.assertEqual(holder.status_of(answer), 1)
			error = next(line["error"] for line in answer if "error" in line)
			self.assertEqual((error["code"], error["message"]), ("ended", "ended: the kernel wants devices.edu back"))
		self.wait_for(lambda: "taken" in self.shown())
		self.assertEqual(sorted(self.objects_of()), sorted(LEFT))

	def test_what_is_saved_stops_cleanly_and_runs_again(self):
		self.take("returns=true")
		saved = self.directory / "saved.json"
		self.assertEqual(self.verb("session", "save", f"--output={saved}").status, 0)
		self.assertEqual(self.run_command("session", "stop", "vm").err, "")
		self.start("vm", saved)
		self.assertNotIn("taken", self.shown())

	def test_with_pasids(self):
		self.run_command("session", "stop", "vm")
		machine = self.directory / "machine.json"
		machine.write_text(json.dumps({"iommuctl": 1, "smmus": [{"ssid-bits": 4}],
			"devices": [{"pci": "0000:00:01.0"}]}))
		job = self.directory / "job.json"
		job.write_text(json.dumps({"iommuctl": 1, "devices": {"edu": {"pci": "0000:00:01.0"}}, "ioas": {"guest": {}},
			"hwpts": {"plain": {"device": "edu", "ioas": "guest", "pasid": True}},
			"attach": [{"device": "edu", "hwpt": "plain"}, {"device": "edu", "hwpt": "plain", "pasid": 1},
				{"device": "edu", "hwpt": "plain", "pasid": 2}]}))
		done = self.run_command(f"--model={machine}", "session", "start", "vm", str(job))
		self.assertEqual(done.status, 0, done.err)
		self.take()
		self.assertEqual((self.objects_of(), self.shown()["attachments"]), (["ioas.guest", "hwpts.plain"], []))


class Kept(Reclaim):
	def wanted(self):
		return self.shown().get("wanted")

	def test_with_keep_devices_it_stays_until_it_is_closed(self):
		self.start("vm", "--keep-devices", holder.SMALL_JOB)
		before = self.objects_of()
		self.unplug("returns=true")
		self.wait_for(self.wanted)
		self.assertEqual((self.wanted(), self.objects_of()), (["devices.edu"], before))
		self.assertIn("\n  devices.edu is wanted back by the kernel\n", self.run_command("session", "show", "vm").out)
		self.assertIn("kept until it is closed", self.verb("events").out)
		with self.client() as client:
			self.assertEqual(holder.status_of(client.apply(steps=[{"detach": {"device": "edu"}},
				{"destroy": {"object": "vdevices.vedu"}}, {"destroy": {"object": "devices.edu"}}])), 0)
		self.assertIsNone(self.wanted())
		self.assertEqual(self.verb("device", "open", "edu", "pci=0000:00:01.0").status, 0)

	def test_it_is_told_once_and_does_not_end_a_wait(self):
		self.start("vm", "--keep-devices", holder.SMALL_JOB)
		self.unplug()
		self.wait_for(self.wanted)
		with self.client() as client:
			quiet = {"no-event": {"veventq": "events", "timeout-ms": 1}}
			self.assertEqual(holder.status_of(client.apply(steps=[{"unplug": {"device": "edu"}}, quiet])), 0)
		self.assertEqual(self.verb("events").out.count("the kernel wants it back"), 1)

	def test_one_that_was_handed_over_is_for_its_new_owner_to_give_back(self):
		self.start("vm", holder.SMALL_JOB)
		before = self.objects_of()
		done = self.verb("session", "export", "--", "true", "{fd:devices.edu}")
		self.assertEqual(done.status, 0, done.err)
		self.unplug()
		self.wait_for(self.wanted)
		self.assertEqual(self.objects_of(), before)
		self.assertIn("devices.edu: the kernel wants it back: kept, because another process has it open", self.verb("events").out)

	def test_one_whose_ids_were_shown_is_given_back(self):
		self.start("vm", holder.SMALL_JOB)
		self.assertRegex(self.verb("session", "export", "devices.edu").out, r"\Adevices\.edu  id \d+  file\n\Z")
		self.take()

	def test_one_whose_export_failed_is_given_back(self):
		self.start("vm", holder.SMALL_JOB)
		done = self.verb("session", "export", "--", "true", "{fd:devices.edu}", "{id:hwpts.nope}")
		self.assertEqual(done.status, 1)
		self.take()


class OneShot(Reclaim):
	def test_run_keeps_it_to_its_end(self):
		job = json.loads(holder.SMALL_JOB.read_text())
		job["steps"].insert(0, {"unplug": {"device": "edu"}})
		path = self.directory / "job.json"
		path.write_text(json.dumps(job))
		done = self.run_command("--model", "run", str(path))
		self.assertEqual(done.status, 0, done.err)
		self.assertIn("ok   steps[0]         unplug                        devices.edu\n", done.out)


if __name__ == "__main__":
	unittest.main(verbosity=2)
