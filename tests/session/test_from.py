#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Events that a VMM passes on: what watchers see, and what happens to a VMM that sends something else."""

import contextlib
import json
import signal
import socket
import struct
import subprocess
import unittest

import holder
from holder import results

MAGIC, VERSION, EVENTS, FAULTS, SMMUV3, CMDQV = 0x50415449, 1, 1, 2, 1, 2
LOST_EVENTS = 1
F_TRANSLATION = 0x10


def packet(kind, data, queue=b"smmu0", **fields):
	"""The packet of include/iommuctl/event_tap.h, unless fields say otherwise."""
	values = {"magic": MAGIC, "version": VERSION, "type": SMMUV3, "size": len(data), "dropped": 0, "reserved": 0, **fields}
	return struct.pack("=IHHIIQ32sQ", values["magic"], values["version"], kind, values["type"], values["size"],
		values["dropped"], queue, values["reserved"]) + data


def event(sequence, address=0x5000):
	return struct.pack("=II4Q", 0, sequence, F_TRANSLATION | 0x42 << 32, 0, address, 0)


def loss(sequence):
	return struct.pack("=II", LOST_EVENTS, sequence)


def fault(address, grpid=5, last=True, pasid=3):
	return struct.pack("=6IQ2I", 1 | 2 * last, 7, pasid, grpid, 3, 0, address, 0, 9)


class From(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.path = self.directory / "vm.events"
		self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		self.listener.settimeout(holder.patience.SECONDS)
		self.addCleanup(self.listener.close)
		self.listener.bind(str(self.path))
		self.listener.listen()

	def watch(self, *options):
		follower = subprocess.Popen([holder.PROGRAM, *options, "events", "--follow", f"--from={self.path}"],
			stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
		self.addCleanup(follower.stderr.close)
		self.addCleanup(follower.stdout.close)
		vmm, _ = self.listener.accept()
		self.addCleanup(vmm.close)
		return follower, vmm

	def said(self, *packets):
		"""The output for packets, as JSON of the schema; the last is the summary."""
		follower, vmm = self.watch("--json")
		for one in packets:
			vmm.send(one)
		vmm.close()
		out, err = follower.communicate(timeout=holder.patience.SECONDS)
		self.assertEqual((follower.returncode, err), (0, ""))
		lines = [json.loads(line) for line in out.splitlines()]
		for line in lines:
			self.assertIsNone(results.fault(line))
		return [line["event"] for line in lines[:-1]], lines[-1]["watched"]

	def refused(self, *packets):
		follower, vmm = self.watch()
		for one in packets:
			vmm.send(one)
		_, err = follower.communicate(timeout=holder.patience.SECONDS)
		self.assertEqual(follower.returncode, 1)
		self.assertIn("is not a packet of events", err)

	def test_events_are_decoded(self):
		events, watched = self.said(packet(EVENTS, event(7) + event(8, 0x6000)))
		self.assertEqual([(one["object"], one["type"], one["number"]) for one in events],
			[("smmu0", "F_TRANSLATION", 1), ("smmu0", "F_TRANSLATION", 2)])
		self.assertIn("InputAddr=0x6000", events[1]["event"])
		self.assertEqual(watched, {"events": 2, "lost": 0, "next": 3})

	def test_what_is_missing_is_counted_by_queue(self):
		events, watched = self.said(packet(EVENTS, event(7)), packet(EVENTS, event(100), queue=b"smmu1"),
			packet(EVENTS, event(11)), packet(EVENTS, loss(13), queue=b"smmu0"))
		self.assertEqual([one.get("lost") for one in events], [None, None, 3, 2])
		self.assertEqual(events[3]["type"], "lost")
		self.assertEqual(watched["lost"], 5)

	def test_errors_of_a_cmdqv_are_decoded(self):
		cmdqv = struct.pack("=II2Q", 0, 7, 0x5, 1) + loss(9)
		events, watched = self.said(packet(EVENTS, cmdqv, queue=b"cmdqv0", type=CMDQV), packet(EVENTS, event(0)))
		self.assertEqual([(one["object"], one["type"]) for one in events],
			[("cmdqv0", "LVCMDQ_ERR"), ("cmdqv0", "lost"), ("smmu0", "F_TRANSLATION")])
		self.assertEqual(events[0]["event"], "LVCMDQ_ERR queues: 0 2 64")
		self.assertEqual(events[0]["fields"]["LVCMDQ_ERR_MAP_0"]["value"], "0x5")
		self.assertEqual(watched, {"events": 2, "lost": 2, "next": 4})

	def test_a_queue_is_of_one_type(self):
		self.refused(packet(EVENTS, event(0)), packet(EVENTS, struct.pack("=II2Q", 0, 1, 1, 0), type=CMDQV))

	def test_page_faults_are_decoded(self):
		faults, watched = self.said(packet(FAULTS, fault(0x5000, last=False) + fault(0x6000), queue=b"prq", dropped=4))
		self.assertEqual(faults[0]["fault"], {"device-id": 7, "pasid": 3, "group": 5, "perm": "rw",
			"address": "0x5000", "last": False})
		self.assertTrue(faults[1]["fault"]["last"])
		self.assertEqual((watched["events"], watched["lost"]), (2, 4))

	def test_as_text(self):
		follower, vmm = self.watch()
		vmm.send(packet(FAULTS, fault(0x5000, last=False), queue=b"prq"))
		vmm.close()
		self.assertRegex(follower.communicate()[0],
			r"^\d\d:\d\d:\d\d 1 prq: device id 7 rw 0x5000 PASID 3 group 5, more follow\nevents: 1, lost: 0, next: 2\n$")

	def test_a_signal_ends_it_with_the_summary(self):
		follower, vmm = self.watch()
		vmm.send(packet(EVENTS, event(0)))
		self.assertIn("F_TRANSLATION", follower.stdout.readline())
		follower.send_signal(signal.SIGINT)
		self.assertEqual(follower.wait(), 0)
		self.assertEqual(follower.stdout.read(), "events: 1, lost: 0, next: 2\n")

	def test_count_queue_and_idle_timeout(self):
		for options, told in (["--count=1"], 1), (["--queue=other", "--idle-timeout=50ms"], 0):
			with self.subTest(options=options):
				follower = subprocess.Popen([holder.PROGRAM, "events", "--follow", f"--from={self.path}", *options],
					stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
				# A watcher that waits for only 50 ms may be gone by now.
				with self.listener.accept()[0] as vmm:
					with contextlib.suppress(BrokenPipeError):
						vmm.send(packet(EVENTS, event(0) + event(1)))
					out, _ = follower.communicate(timeout=holder.patience.SECONDS)
				self.assertEqual(follower.returncode, 0)
				self.assertEqual(len(out.splitlines()), told + 1)

	def test_fewer_than_were_asked_for_are_not_what_was_expected(self):
		follower = subprocess.Popen([holder.PROGRAM, "events", "--follow", f"--from={self.path}", "--count=1",
			"--idle-timeout=50ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
		with self.listener.accept()[0]:
			_, err = follower.communicate(timeout=holder.patience.SECONDS)
		self.assertEqual(follower.returncode, 6)
		self.assertIn("0 of 1 events came", err)

	def test_what_is_no_packet_ends_it(self):
		good = event(0)
		for what, bad in {
			"nothing of it": b"\0",
			"half a header": packet(EVENTS, good)[:63],
			"another version": packet(EVENTS, good, version=2),
			"another kind": packet(3, good),
			"more than it says": packet(EVENTS, good, size=len(good) - 1),
			"less than it says": packet(EVENTS, good, size=len(good) + 1),
			"no name": packet(EVENTS, good, queue=b""),
			"a name for the terminal": packet(EVENTS, good, queue=b"\x1b[2J"),
			"half an event": packet(EVENTS, good[:-1]),
			"half a page fault": packet(FAULTS, fault(0)[:-1]),
			"a number from the past": packet(EVENTS, event(5) + event(4)),
			"too much": packet(EVENTS, good * 60),
		}.items():
			with self.subTest(what):
				self.refused(bad)

	def test_too_many_queues_end_it(self):
		self.refused(*(packet(EVENTS, event(0), queue=f"smmu{i}".encode()) for i in range(65)))

	def test_of_another_type_nothing_is_said(self):
		self.assertEqual(self.said(packet(EVENTS, b"\0" * 24, type=99))[0], [])

	def test_options_that_do_not_go_together(self):
		for options in (["--from=x"], ["--from=x", "--follow", "--since=1"]):
			with self.subTest(options=options):
				self.assertEqual(self.run_command("events", *options).status, 2)
		self.assertEqual(self.run_command("-s", "vm", "events", "--follow", "--from=x").status, 2)

	def test_where_nobody_listens(self):
		plain = self.directory / "stream"
		with socket.socket(socket.AF_UNIX) as listener:
			listener.bind(str(plain))
			listener.listen()
			for path, reason in ((self.directory / "none", "nobody listens"), (plain, "SOCK_SEQPACKET"), ("x" * 200, "too long")):
				done = self.run_command("events", "--follow", f"--from={path}")
				self.assertEqual(done.status, 1)
				self.assertIn(reason, done.err)
				self.assertNotIn("\\n", done.err)
		self.assertIn("\n  hint: start the VMM with the option", self.run_command("events", "--follow", "--from=none").err)


if __name__ == "__main__":
	unittest.main(verbosity=2)
