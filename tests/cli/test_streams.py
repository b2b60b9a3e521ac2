#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Output that cannot be written is a failure; colours are for terminals that want them."""

import json
import os
import pty
import socket
import subprocess
import tempfile
import time
import unittest

import table


def stderr_on_terminal(*argv, **variables):
	"""A command's standard error, on a terminal."""
	environment = {name: value for name, value in {**os.environ, **variables}.items()
		if value is not None and (name != "NO_COLOR" or name in variables)}
	controller, terminal = pty.openpty()
	with open(controller, "rb", buffering=0) as reader:
		table.run(*argv, stderr=terminal, env=environment)
		os.close(terminal)
		return reader.read(4096).decode()


class LostOutput(unittest.TestCase):
	def assert_lost(self, done, errno):
		self.assertEqual(done.returncode, 1)
		self.assertRegex(done.stderr, rf"^iommuctl: standard output: write: .*\({errno}\)$")

	def run_in_shell(self, command):
		return table.execute("bash", "-c", command, "bash", table.PROGRAM)

	def test_full_device(self):
		self.assert_lost(self.run_in_shell('"$1" help >/dev/full'), "ENOSPC")

	def test_full_device_in_json_mode(self):
		self.assert_lost(self.run_in_shell('"$1" --json help >/dev/full'), "ENOSPC")

	def test_closed_standard_output(self):
		self.assert_lost(self.run_in_shell('"$1" help >&-'), "EBADF")

	def test_reader_that_went_away(self):
		reader, writer = os.pipe()
		os.close(reader)
		done = table.run("help", stdout=writer)
		os.close(writer)
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_reader_that_has_had_enough(self):
		for argv in ["schema", "--json schema", "help run", "completion bash", "--model run -"]:
			with self.subTest(argv=argv):
				done = self.run_in_shell(f'echo \'{{"iommuctl":1}}\' | "$1" {argv} | head -c 1 >/dev/null; '
					'echo ${PIPESTATUS[1]}')
				self.assertEqual(done.stdout, "0\n")
				self.assertRegex(done.stderr, r"^(model: .*\n)?$")

	def test_a_full_device_under_a_selftest(self):
		with tempfile.NamedTemporaryFile("w", suffix=".json") as job:
			job.write('{"iommuctl":1}')
			job.flush()
			for options in ["", "--format=junit", "--json"]:
				with self.subTest(options):
					self.assert_lost(self.run_in_shell(f'"$1" --model selftest {options} {job.name} >/dev/full'), "ENOSPC")
			done = self.run_in_shell(f'"$1" --model selftest --output=/dev/full {job.name}')
			self.assertEqual((done.returncode, done.stdout), (1, ""))
			self.assertRegex(done.stderr, r"/dev/full: write: .*\(ENOSPC\)")

	def test_a_selftest_that_nobody_reads(self):
		reader, writer = os.pipe()
		os.close(reader)
		with tempfile.NamedTemporaryFile("w", suffix=".json") as job:
			job.write('{"iommuctl":1}')
			job.flush()
			done = table.run("--model", "selftest", job.name, stdout=writer)
		os.close(writer)
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_a_failure_keeps_its_status_without_a_reader(self):
		reader, writer = os.pipe()
		os.close(reader)
		done = table.run("--json", "validate", "nope.json", stdout=writer)
		os.close(writer)
		self.assertEqual((done.returncode, done.stderr), (3, ""))

	def test_a_failure_keeps_its_status(self):
		done = self.run_in_shell('"$1" --json no-such-command >/dev/full')
		self.assertEqual(done.returncode, 2)

	def test_closed_standard_input(self):
		done = self.run_in_shell('"$1" decode event - <&-')
		self.assertEqual(done.returncode, 1)
		self.assertRegex(done.stderr, r"^iommuctl: standard input: read: .* \(EBADF\)$")


class Lines(unittest.TestCase):
	def test_json_mode_writes_nothing_that_ends_a_line_or_reorders_it(self):
		evil = "a\n\x1b[2J\x7f\x85\x9b\u2028\u2029\u202e\u2066"
		job = json.dumps({"iommuctl": 1, "name": evil, "steps": [{"name": evil, evil: 1}]}, ensure_ascii=False)
		for argv in [["validate", evil], ["plan", "-"], ["--model=" + evil, "run", "-"], [evil]]:
			with self.subTest(argv):
				done = table.run("--json", *argv, input=job)
				self.assertTrue(all(character.isprintable() or character == "\n" for character in done.stdout))
				self.assertEqual((done.stdout.count("\n"), done.stderr), (1, ""))
				self.assertIn("error", json.loads(done.stdout))


class Blocks(unittest.TestCase):
	STEPS = 10_000
	JOB = json.dumps({"iommuctl": 1, "memory": {"ram": {"size": "16M", "ipa": "1G"}}, "ioas": {"guest": {}},
		"steps": [{"ioas-map": {"ioas": "guest", "map": {"memory": "ram", "iova": hex(page << 12), "length": "4K"}}}
			for page in range(STEPS)]})

	def writes_of(self, *argv):
		"""The standard output of @argv for JOB, write by write: a packet each."""
		ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		with tempfile.TemporaryFile("w+") as job, ours:
			job.write(self.JOB)
			job.seek(0)
			with subprocess.Popen([table.PROGRAM, *argv], stdin=job, stdout=theirs) as process:
				theirs.close()
				writes = list(iter(lambda: ours.recv(1 << 20), b""))
			self.assertEqual(process.returncode, 0)
		return writes

	def test_a_plan_is_written_in_large_blocks(self):
		for json_mode in [[], ["--json"]]:
			with self.subTest(json_mode):
				writes = self.writes_of(*json_mode, "plan", "-")
				self.assertEqual(b"".join(writes).count(b"\n"), self.STEPS + 3)
				self.assertGreaterEqual(min(map(len, writes[:-1])), 64 * 1024)


class Progress(unittest.TestCase):
	"""The trace goes to a pipe that nobody reads for a while, so the mappings take that long."""
	MAPS = 4000
	JOB = json.dumps({"iommuctl": 1, "memory": {"ram": {"size": "16M", "ipa": "1G"}}, "ioas": {"guest": {
		"map": [{"memory": "ram", "iova": hex(page << 12), "length": "4K"} for page in range(MAPS)]}}})

	def run_slowly(self, *argv, wait, **variables):
		"""Standard error, a terminal, once @wait(it) has returned, and at the end."""
		environment = {**os.environ, "TERM": "xterm", **variables}
		controller, terminal = pty.openpty()
		with tempfile.TemporaryDirectory() as folder, open(controller, "rb", buffering=0) as screen:
			trace = os.path.join(folder, "trace")
			job = os.path.join(folder, "job.json")
			os.mkfifo(trace)
			with open(job, "w") as file:
				file.write(self.JOB)
			with subprocess.Popen([table.PROGRAM, "--model", f"--trace={trace}", *argv, "run", job],
					stderr=terminal, stdout=subprocess.PIPE, env=environment) as process:
				os.close(terminal)
				with open(trace, "rb") as calls:
					before = wait(screen)
					while calls.read(1 << 20):
						pass
				process.communicate()
				try:
					after = screen.read(1 << 16).decode()
				except OSError: # the terminal has no other end any more
					after = ""
		self.assertEqual(process.returncode, 0)
		return before, after

	@staticmethod
	def wait_for_percents(screen):
		said = ""
		while said.count("%") < 2:
			said += screen.read(4096).decode()
		return said

	@staticmethod
	def wait_for_nothing(screen):
		time.sleep(1.5) # else what is shown after a second could not be seen missing
		os.set_blocking(screen.fileno(), False)
		said = (screen.read(4096) or b"").decode()
		os.set_blocking(screen.fileno(), True)
		return said

	def test_it_shows_on_a_terminal_and_is_taken_away(self):
		before, after = self.run_slowly(wait=self.wait_for_percents, NO_COLOR="1")
		self.assertRegex(before, r"\r\x1b\[Kioas\.guest: mapping: \d+%, [\d.]+[KM] of 16M")
		self.assertRegex(after, r"(^|of 16M)\r\x1b\[K$")

	def test_it_shows_nowhere_else(self):
		for argv, variables in [(["--json"], {}), ([], {"TERM": "dumb"})]:
			with self.subTest(argv=argv, variables=variables):
				said = "".join(self.run_slowly(*argv, wait=self.wait_for_nothing, **variables))
				self.assertNotIn("mapping", said)
				self.assertNotIn("\x1b", said)


class Colors(unittest.TestCase):
	def test_terminal_gets_them(self):
		for term in ["xterm", "xterm-256color", "linux", "screen"]:
			self.assertIn("\x1b[", stderr_on_terminal("no-such-command", TERM=term), term)

	def test_terminal_without_colours_gets_none(self):
		for term in ["", "dumb", "unknown", "vt100", "vt102", "vt220", "linux-m", "xterm-mono"]:
			self.assertNotIn("\x1b", stderr_on_terminal("no-such-command", TERM=term), term)

	def test_terminal_of_no_name_gets_none(self):
		self.assertNotIn("\x1b", stderr_on_terminal("no-such-command", TERM=None))

	def test_empty_no_color_counts_as_not_set(self):
		self.assertIn("\x1b[", stderr_on_terminal("no-such-command", TERM="xterm", NO_COLOR=""))

	def test_no_color_is_honoured(self):
		self.assertNotIn("\x1b", stderr_on_terminal("no-such-command", TERM="xterm", NO_COLOR="1"))

	def test_no_terminal_gets_none(self):
		self.assertNotIn("\x1b", table.run("no-such-command").stderr)

	def test_control_characters_of_the_user_reach_no_terminal(self):
		said = stderr_on_terminal("\x1b]0;title\x07", NO_COLOR="1")
		self.assertNotIn("\x1b", said)
		self.assertIn("\\x1b]0;title\\x07", said)


if __name__ == "__main__":
	unittest.main()
