#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""monitor ends when and as requested. Its output about real devices is a case of the rig."""

import json
import signal
import subprocess
import unittest

import table

# No host has it: nothing is reported about it.
NO_DEVICE = "fffe:00:00.0"


class Monitor(unittest.TestCase):
	def start(self, *argv, **settings):
		"""A monitor that listens."""
		settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
		process = subprocess.Popen([table.PROGRAM, *argv], text=True, **settings)
		self.addCleanup(process.stderr.close)
		self.addCleanup(process.wait)
		self.addCleanup(process.kill)
		self.assertRegex(process.stderr.readline(), "^iommuctl: listening to (the kernel|udevd)$")
		return process

	def test_signals_end_it_with_a_summary(self):
		for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
			with self.subTest(signal=number.name):
				process = self.start("monitor", NO_DEVICE)
				process.send_signal(number)
				out, err = process.communicate(timeout=table.patience.SECONDS)
				self.assertEqual((process.returncode, out), (0, ""))
				self.assertEqual(err, f"iommuctl: 0 events, 0 losses; ended by {number.name}\n")

	def test_ends_when_its_reader_has_gone(self):
		process = self.start("monitor", NO_DEVICE)
		process.stdout.close()
		process.wait(timeout=table.patience.SECONDS)
		self.assertEqual(process.returncode, 0)
		self.assertIn("ended by its reader", process.stderr.read())

	def test_in_json_mode_stderr_is_silent(self):
		done = table.run("--json", "monitor", "--idle-timeout=1ms", NO_DEVICE)
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertEqual(json.loads(done.stdout)["monitor"]["ended-by"], "--idle-timeout")


if __name__ == "__main__":
	unittest.main()
