#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PASIDs of a device in a session: their attachment is shown, and moves with its HWPT."""

import json
import unittest

import holder

MACHINE = {"iommuctl": 1, "smmus": [{"ssid-bits": 4}], "devices": [{"pci": "0000:00:01.0"}]}
HWPT = {"device": "edu", "ioas": "guest", "pasid": True}
JOB = {"iommuctl": 1, "devices": {"edu": {"pci": "0000:00:01.0"}}, "ioas": {"guest": {}},
	"hwpts": {"own": HWPT, "other": HWPT},
	"attach": [{"device": "edu", "hwpt": "own"}, {"device": "edu", "hwpt": "other", "pasid": 7},
		{"device": "edu", "hwpt": "other", "pasid": 8}]}


class Pasids(holder.SessionTest):
	def setUp(self):
		super().setUp()
		machine, job = self.directory / "machine.json", self.directory / "job.json"
		machine.write_text(json.dumps(MACHINE))
		job.write_text(json.dumps(JOB))
		done = self.run_command(f"--model={machine}", "session", "start", "vm", str(job))
		self.assertEqual(done.status, 0, done.err)

	def attachments(self):
		said = self.run_command("--json", "session", "show", "vm").lines()[0]["session"]["attachments"]
		return [(one["device"], one["to"], one.get("pasid")) for one in said]

	def test_show_says_what_each_is_attached_to(self):
		self.assertEqual(self.attachments(),
			[("edu", "hwpts.own", None), ("edu", "hwpts.other", 7), ("edu", "hwpts.other", 8)])
		said = self.run_command("session", "show", "vm").out
		self.assertIn("  devices.edu is attached to hwpts.own\n", said)
		self.assertIn("  devices.edu with PASID 7 is attached to hwpts.other\n", said)

	def test_the_tree_has_them_below_the_device(self):
		said = self.run_command("session", "show", "--tree", "vm").out
		self.assertRegex(said, r"(?m)^\|- hwpts\.own \(\d+\).* \[attached\]$")
		self.assertRegex(said, r"(?m)^\|- hwpts\.other \(\d+\).* \[attached, PASID 7\]$")
		self.assertRegex(said, r"(?m)^`- hwpts\.other \(\d+\), see above \[attached, PASID 8\]$")

	def test_the_tree_has_them_as_json(self):
		(edu,) = [one for one in self.run_command("--json", "session", "show", "--tree", "vm").lines()[0]["objects"]
			if one["object"] == "devices.edu"]
		self.assertEqual([(one["object"], one["as"], one.get("pasid")) for one in edu["uses"]],
			[("hwpts.own", "attached", None), ("hwpts.other", "attached", 7), ("hwpts.other", "attached", 8)])

	def test_the_graph_has_an_edge_for_each(self):
		said = self.run_command("session", "show", "--dot", "vm").out
		for how in ("attached", "attached, PASID 7", "attached, PASID 8"):
			self.assertEqual(said.count(f'[label="{how}", style=bold]'), 1, said)

	def test_they_move_when_their_hwpt_is_replaced(self):
		done = self.verb("hwpt", "replace", "other", "by=new")
		self.assertEqual(done.status, 0, done.err)
		self.assertEqual(self.attachments(),
			[("edu", "hwpts.own", None), ("edu", "hwpts.new", 7), ("edu", "hwpts.new", 8)])
		self.assertNotIn("hwpts.other", self.objects_of())


if __name__ == "__main__":
	unittest.main(verbosity=2)
