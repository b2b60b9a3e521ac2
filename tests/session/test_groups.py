#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Devices of one IOMMU group move together: all of them are undone before what they moved to, and shown there."""

import json
import unittest

import holder

MACHINE = {"iommuctl": 1, "smmus": [{"ssid-bits": 8}],
	"devices": [{"pci": "0000:00:01.0", "group": 1}, {"pci": "0000:00:01.1", "group": 1}]}
HWPT = {"device": "a", "ioas": "guest", "pasid": True}
TO_OLD = [{"device": "a", "hwpt": "old"}, {"device": "b", "hwpt": "old"}]
PASIDS_TO_OLD = [{"pasid": 3, **attach} for attach in TO_OLD]
A_TO_NEW, B_TO_NEW = ({"attach": {"device": device, "hwpt": "new"}} for device in "ab")
# How devices get to a HWPT that is newer than their attachments.
MOVES = {
	"one device moves both": (TO_OLD, [A_TO_NEW]),
	"the one that moved is detached": (TO_OLD, [B_TO_NEW, {"detach": {"device": "b"}}]),
	"the one that moved is made again": (TO_OLD,
		[A_TO_NEW, {"destroy": {"object": "devices.a"}}, {"create": {"object": "devices.a"}}, A_TO_NEW]),
	"a PASID moves that of both": (PASIDS_TO_OLD, [{"attach": {"device": "a", "hwpt": "new", "pasid": 3}}]),
}


def job(attach, steps=(), **hwpts):
	return {"iommuctl": 1, "devices": {"a": {"pci": "0000:00:01.0"}, "b": {"pci": "0000:00:01.1"}},
		"ioas": {"guest": {}}, "hwpts": {"old": HWPT, **hwpts}, "attach": attach, "steps": steps}


class Groups(holder.SessionTest):
	def setUp(self):
		super().setUp()
		machine = self.directory / "machine.json"
		machine.write_text(json.dumps(MACHINE))
		self.model = f"--model={machine}"

	def run_job(self, document, *argv):
		path = self.directory / "job.json"
		path.write_text(json.dumps(document))
		done = self.run_command(self.model, *argv, str(path))
		self.assertEqual(done.status, 0, done.err)
		return done

	def attachments(self):
		said = self.run_command("--json", "session", "show", "vm").lines()[0]["session"]["attachments"]
		return sorted((one["device"], one.get("pasid"), one["to"]) for one in said)

	def test_a_job_undoes_all_that_moved_before_what_they_moved_to(self):
		for name, (attach, steps) in MOVES.items():
			with self.subTest(name):
				said = self.run_job(job(attach, [{"create": {"object": "hwpts.new"}}, *steps], new=HWPT), "--json", "run")
				ended = said.lines()[-1]["run"]
				self.assertEqual((ended["result"], ended["left-behind"]), ("passed", 0))

	def test_so_does_a_session(self):
		for name, (attach, steps) in MOVES.items():
			with self.subTest(name):
				self.run_job(job(attach), "session", "start", "vm")
				with self.client() as client:
					self.assertEqual(holder.status_of(client.apply(hwpts={"new": HWPT}, steps=steps)), 0)
				done = self.run_command("session", "stop", "vm")
				self.assertEqual((done.status, done.err), (0, ""))

	def test_the_pasid_of_both_is_shown_and_saved_where_one_has_moved_it(self):
		self.run_job(job(PASIDS_TO_OLD, new=HWPT), "session", "start", "vm")
		self.assertEqual(self.verb("device", "attach", "a", "hwpt=new", "pasid=3").status, 0)
		self.assertEqual(self.attachments(), [("a", 3, "hwpts.new"), ("b", 3, "hwpts.new")])
		saved = json.loads(self.run_command("session", "save", "vm").out)
		self.assertEqual({attach["hwpt"] for attach in saved["attach"]}, {"new"})
		done = self.verb("hwpt", "destroy", "old")
		self.assertEqual((done.status, done.err), (0, ""))


if __name__ == "__main__":
	unittest.main(verbosity=2)
