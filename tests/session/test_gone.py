#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Objects that are gone while others that were made from them are alive: what a session says of both."""

import json
import unittest

import holder

MACHINE = {"iommuctl": 1, "smmus": [{"dirty-tracking": True}], "devices": [{"pci": "0000:00:01.0"}, {"pci": "0000:00:02.0"}]}
RAM = ("memory", "create", "ram", "size=16M", "ipa=0x40000000")
HWPT_OF_NIC = [RAM, ("ioas", "alloc", "guest", "map.0.memory=ram"), ("device", "open", "nic", "pci=0000:00:01.0"),
	("hwpt", "alloc", "s2", "device=nic", "ioas=guest")]
OTHER = ("stage1", "create", "other", "at=0x40900000", "asid=9")
SET_OTHER = ("cd", "set", "cds", "ssid=0", "stage1=other")
UNMET = {"check": {"ipa": "0x40000000", "text": "no"}}


class GoneTest(holder.SessionTest):
	def begin(self, verbs, job=None):
		machine = self.directory / "machine.json"
		machine.write_text(json.dumps(MACHINE))
		self.run_command("session", "stop", "vm")
		done = self.run_command(f"--model={machine}", "session", "start", "vm", *([str(job)] if job else []))
		self.assertEqual((done.status, done.err), (0, ""))
		for verb in verbs:
			self.do(*verb)

	def do(self, *argv):
		done = self.verb(*argv)
		self.assertEqual(done.status, 0, (argv, done.err))
		return done.out

	def apply(self, status, **document):
		with self.client() as client:
			said = client.apply(**document)
			self.assertEqual(holder.status_of(said), status, said)
			return said

	def saved(self):
		"""The saved job, and the remarks by their paths."""
		done = self.run_command("--json", "session", "save", "vm")
		self.assertEqual((done.status, done.err), (0, ""))
		[job] = [line["job"] for line in done.lines() if "job" in line]
		remarks = [line["remark"] for line in done.lines() if "remark" in line]
		return job, {remark["path"]: remark["message"] for remark in remarks}


class Failed(GoneTest):
	# What is made first, on top of the job, then the status of a request that fails, and its document.
	REQUESTS = {
		"a device that does not exist": (None, [*HWPT_OF_NIC, ("device", "close", "nic")], 1,
			{"devices": {"nic": {"pci": "0000:00:07.0"}}}),
		"memory elsewhere": (None, [*HWPT_OF_NIC, ("memory", "destroy", "ram")], 6,
			{"memory": {"ram": {"size": "64K", "ipa": "0x90000000"}}, "steps": [{"check": {"ipa": "0x90000000", "text": "no"}}]}),
		"a CD table elsewhere": (holder.SMALL_JOB, [("cd-table", "destroy", "cds")], 6,
			{"cd-tables": {"cds": {"at": "0x40180000"}}, "steps": [UNMET]}),
		"a CD table of other tables": (holder.SMALL_JOB,
			[("cd-table", "destroy", "cds"), ("stage1", "destroy", "kernel"), OTHER], 6,
			{"cd-tables": {"cds": {"at": "0x40180000", "contexts": [{"ssid": 0, "stage1": "other"}]}}, "steps": [UNMET]}),
		"a CD table and its tables": (holder.SMALL_JOB,
			[("cd-table", "destroy", "cds"), ("stage1", "destroy", "kernel")], 6,
			{"stage1": {"kernel": {"at": "0x40300000"}}, "cd-tables": {"cds": {"at": "0x40180000"}}, "steps": [UNMET]}),
		"a CD table with a changed CD": (holder.SMALL_JOB, [OTHER, SET_OTHER, ("cd-table", "destroy", "cds")], 6,
			{"cd-tables": {"cds": {"at": "0x40100000"}}, "steps": [UNMET]}),
	}

	def test_all_is_as_it_was(self):
		for what, (job, verbs, status, document) in self.REQUESTS.items():
			with self.subTest(what):
				self.begin(verbs, job)
				before = [self.saved(), self.do("session", "show", "--tree"), self.do("session", "show")]
				said = self.apply(status, **document)
				self.assertNotIn("undo", json.dumps(said))
				self.assertEqual([self.saved(), self.do("session", "show", "--tree"), self.do("session", "show")], before)

	def test_what_its_steps_destroyed_with_all_that_needed_it_is_gone(self):
		self.begin([*HWPT_OF_NIC, ("device", "close", "nic")])
		self.apply(6, devices={"nic": {"pci": "0000:00:02.0"}}, steps=[{"destroy": {"object": "hwpts.s2"}}, UNMET])
		self.assertNotIn("devices", self.saved()[0])

	def test_the_next_request_makes_it_again(self):
		for what, (job, verbs, status, document) in self.REQUESTS.items():
			with self.subTest(what):
				self.begin(verbs, job)
				self.apply(status, **document)
				if status != 1:
					self.apply(0, **{key: value for key, value in document.items() if key != "steps"})


class Mapped(GoneTest):
	"""Memory that is destroyed while an IOAS maps it, by a mapping that was made after the IOAS."""

	GONE = "it is gone; the job makes it again because other objects were made from it"
	UNSAID = ("the job does not make some of its mappings: they are of a device, or of memory that was made again elsewhere, "
		"or smaller")

	def begin_mapped(self):
		self.begin([RAM, ("memory", "create", "two", "size=1M", "ipa=0x50000000"), ("ioas", "alloc", "a"),
			("ioas", "map", "a", "memory=ram", "iova=0x40000000", "length=1M"),
			("ioas", "map", "a", "memory=two", "iova=0x60000000"), ("memory", "destroy", "ram")])

	def test_it_is_saved_and_shown(self):
		self.begin_mapped()
		job, remarks = self.saved()
		self.assertEqual([(one["memory"], one["iova"]) for one in job["ioas"]["a"]["map"]],
			[("ram", "0x40000000"), ("two", "0x60000000")])
		self.assertEqual(job["memory"]["ram"], {"size": "16M", "ipa": "0x40000000"})
		self.assertEqual(remarks, {"memory.ram": self.GONE})
		[shown] = [entry for entry in self.verb("--json", "session", "show").lines()[0]["session"]["objects"]
			if entry["object"] == "ioas.a"]
		self.assertTrue(shown["detail"].startswith("2 mappings: memory.ram at IOVA 0x40000000, memory.two"), shown)

	def test_its_place_is_taken_until_nothing_maps_it(self):
		self.begin_mapped()
		other = ("memory", "create", "other", "size=64K", "ipa=0x40000000")
		done = self.verb(*other)
		self.assertEqual((done.status, "memory.ram is gone, but an IOAS still maps it" in done.err), (3, True), done.err)
		self.do("ioas", "unmap", "a", "iova=0x40000000", "size=1M")
		self.do(*other)
		job, remarks = self.saved()
		self.assertEqual((sorted(job["memory"]), [one["memory"] for one in job["ioas"]["a"]["map"]], remarks),
			(["other", "two"], ["two"], {}))

	def test_a_mapping_that_no_job_makes_is_said(self):
		for place in ("size=16M", "ipa=0x90000000"), ("size=64K", "ipa=0x40000000"):
			with self.subTest(place):
				self.begin_mapped()
				self.do("memory", "create", "ram", *place)
				job, remarks = self.saved()
				self.assertEqual([one["memory"] for one in job["ioas"]["a"]["map"]], ["two"])
				self.assertEqual(remarks["ioas.a"], self.UNSAID)

	def test_a_mapping_of_what_is_no_memory_is_said(self):
		self.start("vm", holder.ROOT / "tests/rig/jobs/mock-dma-buf.json")
		self.assertEqual(self.saved()[1], {"ioas.guest": self.UNSAID})

	def test_what_a_step_mapped_stays_with_its_memory_when_the_request_fails(self):
		self.begin([("ioas", "alloc", "a")])
		self.apply(6, memory={"n": {"size": "64K", "ipa": "0x90000000"}}, steps=[
			{"ioas-map": {"ioas": "a", "map": {"memory": "n"}}}, {"check": {"ipa": "0x90000000", "text": "no"}}])
		job, remarks = self.saved()
		self.assertEqual([one["memory"] for one in job["ioas"]["a"]["map"]], ["n"])
		self.assertEqual(remarks, {"memory.n": self.GONE})


class Kept(GoneTest):
	"""Steps that have changed what is made again, or what they named."""

	TRACKING = [RAM, ("ioas", "alloc", "guest", "map.0.memory=ram"), ("device", "open", "nic", "pci=0000:00:01.0"),
		("hwpt", "alloc", "s3", "device=nic", "ioas=guest", "dirty-tracking=true"),
		("hwpt", "dirty-tracking", "s3", "on=true")]

	# By the object that steps have changed: the job, and what changes it.
	CHANGES = {
		"cd-tables.cds": (holder.SMALL_JOB, [OTHER, SET_OTHER]),
		"hwpts.s3": (None, TRACKING),
		"ioas.narrow": (None, [("ioas", "alloc", "narrow"), ("ioas", "allow", "narrow", "ranges.0.start=0", "ranges.0.last=0xfffff")]),
	}

	def begin_changed(self, label):
		job, verbs = self.CHANGES[label]
		self.begin(verbs, job)
		self.assertEqual(len(self.saved()[0]["steps"]), 1)

	def test_the_steps_of_what_a_step_makes_again_go(self):
		for label in self.CHANGES:
			with self.subTest(label):
				self.begin_changed(label)
				self.apply(0, steps=[{"destroy": {"object": label}}, {"create": {"object": label}}])
				self.assertNotIn("steps", self.saved()[0])

	def test_those_of_others_stay(self):
		for label in self.CHANGES:
			with self.subTest(label):
				self.begin_changed(label)
				self.apply(0, ioas={"late": {}}, steps=[
					{"create": {"object": "ioas.late"}}, {"destroy": {"object": "ioas.late"}}])
				self.assertEqual(len(self.saved()[0]["steps"]), 1)

	def test_what_changes_it_after_that_is_kept(self):
		self.begin_changed("cd-tables.cds")
		self.apply(0, steps=[{"destroy": {"object": "cd-tables.cds"}}, {"create": {"object": "cd-tables.cds"}},
			{"set-cd": {"cd-table": "cds", "stage1": "kernel", "ssid": 0}}])
		self.assertEqual([step["set-cd"]["stage1"] for step in self.saved()[0]["steps"]], ["kernel"])

	def test_a_cd_stays_when_its_tables_are_destroyed(self):
		self.begin_changed("cd-tables.cds")
		self.do("stage1", "destroy", "other")
		job, remarks = self.saved()
		self.assertEqual(([step["set-cd"]["stage1"] for step in job["steps"]], list(remarks)), (["other"], ["stage1.other"]))
		self.do("cd", "set", "cds", "ssid=0", "stage1=kernel")
		job, remarks = self.saved()
		self.assertEqual((list(job["stage1"]), remarks), (["kernel"], {}))

	def test_a_hwpt_that_replaces_one_goes_on_tracking(self):
		for keys, tracks in ((), True), (("dirty-tracking=false",), False):
			with self.subTest(keys):
				self.begin([*self.TRACKING, ("device", "attach", "nic", "hwpt=s3")])
				self.do("hwpt", "replace", "s3", "by=s4", *keys)
				steps = self.saved()[0].get("steps", [])
				self.assertEqual([step["hwpt-dirty-tracking"]["hwpt"] for step in steps], ["s4"] if tracks else [])


class MadeAgain(GoneTest):
	"""Objects that are made again, differently, after others were made from them."""

	NEW = "other objects were made from it before it was made again; in the job they are made from the new one"

	# By what is made again: the job, and what makes it again.
	OBJECTS = {
		"cd-tables.cds": (holder.SMALL_JOB, [("cd-table", "destroy", "cds"), OTHER,
			("cd-table", "create", "cds", "at=0x40180000", "contexts.0.ssid=0", "contexts.0.stage1=other")]),
		"stage1.kernel": (holder.SMALL_JOB, [("stage1", "destroy", "kernel"), ("stage1", "create", "kernel", "at=0x40900000")]),
		"devices.nic": (None, [*HWPT_OF_NIC, ("device", "close", "nic"), ("device", "open", "nic", "pci=0000:00:02.0")]),
	}

	def test_save_says_so(self):
		for label, (job, verbs) in self.OBJECTS.items():
			with self.subTest(label):
				self.begin(verbs, job)
				self.assertEqual(self.saved()[1], {label: self.NEW})

	def test_save_says_nothing_once_all_are_made_of_the_new_one(self):
		self.begin(self.OBJECTS["devices.nic"][1])
		self.do("hwpt", "destroy", "s2")
		self.do("hwpt", "alloc", "s2", "device=nic", "ioas=guest")
		self.assertEqual(self.saved()[1], {})
		self.begin(self.OBJECTS["cd-tables.cds"][1], self.OBJECTS["cd-tables.cds"][0])
		self.do("ste", "set", "s1", "by=s3", "cd-table=cds")
		self.assertEqual(self.saved()[1], {})

	def assert_pointer(self, pointer, asid):
		for look in (("walk", "--device=edu", "0x1000"), ("dump",), ("session", "show")):
			with self.subTest(look):
				said = self.do(*look)
				self.assertIn(f"S1ContextPtr={pointer}", said)
				if look[0] != "session":
					self.assertIn(f"ASID={asid}", said)

	def test_an_ste_is_shown_as_the_kernel_got_it(self):
		self.begin([], holder.SMALL_JOB)
		self.assert_pointer("0x40100000", "0x7")
		for verb in self.OBJECTS["cd-tables.cds"][1]:
			self.do(*verb)
		self.assert_pointer("0x40100000", "0x7")
		self.do("ste", "set", "s1", "by=s3", "cd-table=cds")
		self.assert_pointer("0x40180000", "0x9")

	def test_a_hwpt_that_the_same_request_makes_again_has_the_new_one(self):
		self.begin([("cd-table", "destroy", "cds"), OTHER, ("device", "detach", "edu")], holder.SMALL_JOB)
		self.apply(0, **{"cd-tables": {"cds": {"at": "0x40180000", "contexts": [{"ssid": 0, "stage1": "other"}]}}}, steps=[
			{"destroy": {"object": "hwpts.s1"}}, {"create": {"object": "hwpts.s1"}},
			{"attach": {"device": "edu", "hwpt": "s1"}}])
		self.assert_pointer("0x40180000", "0x9")


class Waiting(GoneTest):
	"""While a step waits, save has what there was before its request."""

	# A request, whose last step waits.
	CHANGES = {
		"mapped": {"steps": [{"ioas-map": {"ioas": "guest", "map": {"memory": "ram", "iova": "0x90000000"}}}]},
		"unmapped": {"steps": [{"ioas-unmap": {"ioas": "late", "iova": "0x80000000", "size": "4K"}}]},
		"destroyed": {"steps": [{"destroy": {"object": "ioas.late"}}]},
		"made again": {"cd-tables": {"cds": {"at": "0x40180000"}}},
	}

	def test_what_the_request_has_changed_is_not_saved(self):
		self.begin([("ioas", "alloc", "late"), ("ioas", "map", "late", "memory=ram", "iova=0x80000000", "length=4K"),
			("ioas", "map", "guest", "memory=ram", "iova=0x80000000", "length=4K"), ("cd-table", "destroy", "cds")],
			holder.SMALL_JOB)
		before, remarks = self.saved()
		self.assertEqual(list(remarks), ["cd-tables.cds"])
		for what, change in self.CHANGES.items():
			with self.subTest(what), self.client() as client:
				steps = [*change.get("steps", []), {"no-event": {"veventq": "events", "timeout-ms": 600000}}]
				client.send(json.dumps({"iommuctl": 1, "apply": {"document": {"iommuctl": 1, **change, "steps": steps}}}).encode()
					+ b"\n")
				self.wait_for(lambda: "waits" in self.verb("--json", "session", "show").lines()[0]["session"])
				self.assertEqual(self.saved(), (before, {}))
			self.wait_for(lambda: "waits" not in self.verb("--json", "session", "show").lines()[0]["session"])
			if what == "mapped":
				self.do("ioas", "unmap", "guest", "iova=0x90000000", "size=16M")
			elif what == "unmapped":
				self.do("ioas", "map", "late", "memory=ram", "iova=0x80000000", "length=4K")
			elif what == "destroyed":
				self.do("ioas", "alloc", "late")
				self.do("ioas", "map", "late", "memory=ram", "iova=0x80000000", "length=4K")
			self.assertEqual(self.saved(), (before, remarks))


if __name__ == "__main__":
	unittest.main(verbosity=2)
