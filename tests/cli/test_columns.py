#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The output of every command fits a terminal of 80 columns, and is the same text as elsewhere."""

import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import tempfile
import termios
import unittest

import table

ROOT = pathlib.Path(__file__).parents[2]
# It is named from the root: a path that is longer than a line would never fit.
JOB = "examples/nested-edu.json"
DEVICES = pathlib.Path("/sys/bus/pci/devices")
DEVICE = min((path.name for path in DEVICES.glob("*")), default=None)

# Arguments with which each command prints much. None: it prints nothing for humans, or changes this host.
SAMPLES = {
	"run": ["--model", "run", JOB],
	"plan": ["plan", JOB],
	"validate": ["validate", JOB],
	"schema": None,
	"device list": ["device", "list"],
	"device show": ["device", "show", DEVICE] if DEVICE else None,
	"device group": None,
	"device bind": None,
	"device unbind": None,
	"device vf create": None,
	"device vf destroy": None,
	"device persistent": None,
	"device cdi": None,
	"monitor": None,
	"doctor": ["doctor"],
	"decode": ["decode", "ste", "0x4010000b", "0xd6"],
	"bench invalidate": ["--model", "bench", "invalidate", "0000:00:01.0", "--rounds=1"],
	"completion": None,
	"help": ["help"],
	"selftest": None,
	"session start": None,
	"session list": ["session", "list"],
}
# Those that act in a session run in one; commands that change it have tests of their own.
SAMPLES.update({command: None for command in table.commands() if "--session" in table.global_options_of(command)})
SAMPLES.update({
	"session show": ["session", "show", "trial"],
	"session stats": ["session", "stats", "trial"],
	"dump": ["-s", "trial", "dump"],
	"walk": ["-s", "trial", "walk", "--device=edu", "0x1000"],
	"events": ["-s", "trial", "events", "--since=0"],
})

# Figures that differ from run to run.
MEASURED = {"bench invalidate", "session stats"}


def setUpModule():
	"""Runs in the root directory, with a session for commands that look at one."""
	os.chdir(ROOT)
	directory = tempfile.TemporaryDirectory()
	unittest.addModuleCleanup(directory.cleanup)
	os.environ["IOMMUCTL_RUNTIME_DIRECTORY"] = directory.name
	started = table.run("--model", "session", "start", "trial", JOB)
	if started.returncode:
		raise AssertionError(started.stderr)
	unittest.addModuleCleanup(table.run, "session", "stop", "trial")


def on_terminal(columns, *argv):
	"""The standard output of a command, on a terminal of so many columns."""
	controller, terminal = pty.openpty()
	fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
	with open(controller, "rb", buffering=0) as screen:
		with subprocess.Popen([table.PROGRAM, *map(str, argv)], stdout=terminal,
				stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
			os.close(terminal)
			parts = []
			try:
				while part := screen.read(1 << 16):
					parts.append(part)
			except OSError: # it has no other end any more
				pass
			process.wait()
	return b"".join(parts).decode().replace("\r\n", "\n")


class Columns(unittest.TestCase):
	def assert_fits(self, text, columns):
		self.assertNotEqual(text, "")
		for line in text.splitlines():
			self.assertLess(len(line), columns, line)
			self.assertEqual(line, line.rstrip())

	def test_every_command_is_here(self):
		self.assertEqual(sorted(SAMPLES), sorted(table.commands()))

	def test_what_every_command_says_fits_80_columns(self):
		for command, argv in SAMPLES.items():
			if argv:
				with self.subTest(command=command):
					self.assert_fits(on_terminal(80, *argv), 80)

	def test_every_help_fits_80_columns(self):
		for command in table.commands():
			with self.subTest(command=command):
				self.assert_fits(on_terminal(80, "help", *command.split()), 80)

	def test_words_and_their_order_are_those_of_a_file(self):
		for command, argv in SAMPLES.items():
			if argv and command not in MEASURED:
				with self.subTest(command=command):
					self.assertEqual(on_terminal(80, *argv).split(), table.run(*argv).stdout.split())

	def test_lines_are_whole_where_there_is_room(self):
		self.assertEqual(on_terminal(400, "plan", JOB), table.run("plan", JOB).stdout)

	def test_what_is_carried_over_stands_below_its_column(self):
		lines = on_terminal(80, "plan", JOB).splitlines()
		carried = [line for line in lines if not line.startswith(" " * 3 + "1") and line.startswith(" " * 10)]
		self.assertGreater(len(carried), 10)
		column = lines[0].index("memfd_create")
		self.assertEqual({len(line) - len(line.lstrip()) for line in carried}, {column})

	def test_what_programs_read_is_left_as_it_is(self):
		for argv in [["schema"], ["completion", "bash"], ["--json", "plan", JOB]]:
			with self.subTest(argv=argv):
				self.assertEqual(on_terminal(80, *argv), table.run(*argv).stdout)


if __name__ == "__main__":
	unittest.main()
