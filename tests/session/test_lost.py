#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client that stops reading is not a failure, and a full disk is reported as such."""

import os
import subprocess
import unittest

import holder

COMMANDS = ["session show", "session save", "session stats", "events", "walk --device=edu 0x1000", "dump",
	"ioas alloc x", "dma edu from=0x1000 size=4"]
FULL = "iommuctl: standard output: write: No space left on device (ENOSPC)\n"


class Lost(holder.SessionTest):
	def run_into(self, out, *argv):
		"""The exit status and standard error of a command whose standard output is @out."""
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}
		done = subprocess.run([holder.PROGRAM, *map(str, argv)], stdout=out, stderr=subprocess.PIPE, text=True,
			check=False, timeout=holder.patience.SECONDS, env=environment)
		return done.returncode, done.stderr

	def run_without_reader(self, *argv):
		reader, writer = os.pipe()
		os.close(reader)
		try:
			return self.run_into(writer, *argv)
		finally:
			os.close(writer)

	def test_a_reader_that_has_gone_is_no_failure(self):
		self.start("vm", holder.SMALL_JOB)
		for command in COMMANDS:
			for options in ([], ["--json"]):
				with self.subTest(command, options=options):
					self.assertEqual(self.run_without_reader("-s", "vm", *options, *command.split()), (0, ""))
					self.verb("ioas", "destroy", "x")

	def test_a_full_disk_is_one(self):
		self.start("vm", holder.SMALL_JOB)
		with open("/dev/full", "w", encoding="utf-8") as full:
			for command in COMMANDS:
				with self.subTest(command):
					self.assertEqual(self.run_into(full, "-s", "vm", *command.split()), (1, FULL))

	def test_a_failure_keeps_its_status_and_is_told(self):
		self.start("vm")
		status, said = self.run_without_reader("-s", "vm", "ioas", "destroy", "none")
		self.assertNotIn(status, (0, 1))
		self.assertIn("ioas.none", said)

	def test_what_is_started_is_held_though_it_could_not_be_said(self):
		for argv in (["session", "start", "vm", holder.SMALL_JOB], ["run", "--keep=vm", holder.SMALL_JOB]):
			with self.subTest(argv), open("/dev/full", "w", encoding="utf-8") as full:
				self.assertEqual(self.run_into(full, "--model", *argv), (1, FULL))
				self.assertIn("hwpts.s1", self.objects_of())
				self.assertEqual(self.run_command("session", "stop", "vm").status, 0)

	def test_who_follows_goes_when_its_reader_has(self):
		self.start("vm")
		for options in ([], ["--json"]):
			status, said = self.run_without_reader("-s", "vm", *options, "events", "--follow")
			self.assertEqual((status, "write" in said), (0, False))


if __name__ == "__main__":
	unittest.main(verbosity=2)
