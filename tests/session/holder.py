# SPDX-License-Identifier: MIT
"""A session on the model machine and its clients, shared by the tests of sessions."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import patience  # noqa: E402
from support import results  # noqa: E402

patience.heed_signals()

PROGRAM = os.environ.get("IOMMUCTL", "iommuctl")
SMALL_JOB = ROOT / "examples/nested-edu.json"


class Done:
	"""How a command ended."""

	def __init__(self, done):
		self.status = done.returncode
		self.out = done.stdout
		self.err = done.stderr
		results.check(self.out)

	def lines(self):
		"""The output in JSON mode."""
		return [json.loads(line) for line in self.out.splitlines()]


def run(directory, *argv, program=(), **options):
	"""Runs a command whose sessions are in the directory."""
	environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(directory)}
	environment.pop("IOMMUCTL_SESSION", None)
	return Done(subprocess.run([*program, PROGRAM, *argv], capture_output=True, text=True, check=False,
		timeout=patience.SECONDS, env={**environment, **options.pop("env", {})}, **options))


class Client:
	"""A connection, byte by byte."""

	def __init__(self, path):
		self.socket = socket.socket(socket.AF_UNIX)
		self.socket.settimeout(patience.SECONDS)
		self.socket.connect(str(path))
		self.unread = b""

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.socket.close()

	def send(self, data):
		self.socket.sendall(data)

	def line(self):
		"""The next line; None: there are no more."""
		while b"\n" not in self.unread:
			try:
				data = self.socket.recv(65536)
			except ConnectionResetError:
				data = b""
			if not data:
				return None
			self.unread += data
		line, self.unread = self.unread.split(b"\n", 1)
		said = json.loads(line)
		assert not results.fault(said), results.fault(said)
		return said

	def answer(self):
		"""The lines of an answer; the last says how it ended."""
		lines = []
		while True:
			line = self.line()
			if line is None:
				return lines
			lines.append(line)
			if "done" in line:
				return lines

	def ask(self, **request):
		self.send(json.dumps({"iommuctl": 1, **request}).encode() + b"\n")
		return self.answer()

	def apply(self, **document):
		return self.ask(apply={"document": {"iommuctl": 1, **document}})


def status_of(answer):
	return answer[-1]["done"]["status"]


class SessionTest(unittest.TestCase):
	"""Has a directory for sessions, and ends all sessions left in it."""

	def setUp(self):
		self.directory = Path(tempfile.mkdtemp(prefix="iommuctl-session-"))
		self.addCleanup(self.clean_up)

	def clean_up(self):
		for lock in self.directory.glob("*.lock"):
			pid = self.pid_of(lock.stem)
			if pid:
				os.kill(pid, signal.SIGKILL)
		shutil.rmtree(self.directory, ignore_errors=True)

	def run_command(self, *argv, **options):
		return run(self.directory, *argv, **options)

	def start(self, name="vm", *argv, **options):
		done = self.run_command("--model", "session", "start", name, *map(str, argv), **options)
		self.assertEqual((done.status, done.err), (0, ""))
		return done

	def verb(self, *argv, name="vm", **options):
		return self.run_command("-s", name, *argv, **options)

	def follow(self, *options):
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}
		follower = subprocess.Popen([PROGRAM, "-s", "vm", "events", "--follow", *options], env=environment,
			stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
		self.addCleanup(follower.stderr.close)
		self.addCleanup(follower.stdout.close)
		return follower

	def client(self, name="vm"):
		return Client(self.directory / f"{name}.sock")

	def pid_of(self, name):
		"""The process that holds a session, or None."""
		done = self.run_command("--json", "session", "show", name)
		return done.lines()[0]["session"]["pid"] if done.status == 0 else None

	def objects_of(self, name="vm"):
		return self.run_command("session", "show", "--names", name).out.split()

	def next_event(self):
		"""The number of the next event: a client that follows from there on misses none, however late."""
		return self.verb("--json", "events").lines()[-1]["watched"]["next"]

	def wait_for(self, condition):
		end = time.monotonic() + patience.SECONDS
		while not condition():
			self.assertLess(time.monotonic(), end, "what is waited for does not come")
			time.sleep(0.01)


def links_of(pid):
	"""The open files of a process; connections may close meanwhile."""
	for fd in Path(f"/proc/{pid}/fd").iterdir():
		with contextlib.suppress(FileNotFoundError):
			yield os.readlink(fd)


def open_files(pid):
	"""The number of open files without connections: those of earlier clients may still exist."""
	return sum(not link.startswith("socket:") for link in links_of(pid))


def open_sockets(pid):
	return sum(link.startswith("socket:") for link in links_of(pid))
