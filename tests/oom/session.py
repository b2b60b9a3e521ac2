#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes each allocation fail that the holder of a session makes while it serves a request: see README.md.

The requests are those of the commands of tests/session/verbs.json, one after the other: each as the one before it has left
the session. They are recorded once, between the command and a session, and then sent without the command.
"""

import argparse
import collections
import contextlib
import json
import mmap
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import patience  # noqa: E402

VERBS = ROOT / "tests/session/verbs.json"
# struct control of failing_memory.c
CALLS, FAILED, LEFT, FIRST, SITES = (8 * index for index in range(5))
SITES_MAX = 65536
NEVER = 1 << 62
SHARE = 3 # of the stacks, each row tries every so many-th
SESSION = "vm"
# Commands that have no row in that table.
OTHERS = [["session", "show", SESSION], ["session", "show", "--tree", SESSION], ["session", "save", SESSION],
	["session", "stats", SESSION], ["session", "list"], ["session", "apply", "empty.json"],
	["session", "export", "iommufd"], ["events", "--count=1", "--idle-timeout=1ms"], ["dump"]]
# Shows the state of a session.
LOOKS = [{"save": {}}, {"show": {"as": "tree"}}]
# The state does not show what these take or make.
PASSING = ("dma", "event ", "no-event", "page-", "no-page-fault", "msi")
VARYING = re.compile(r'("(?:pid|nanoseconds|age|fd)":|process |fd |events read: )[0-9.]+')
FIGURES = re.compile(r"[0-9.]+[num]?s?")

Row = collections.namedtuple("Row", "name requests usual points after")


class Holder:
	"""A session on the model, whose holder fails on request."""

	def __init__(self, build: Path, directory: Path):
		self.program = build / "cli/iommuctl"
		self.directory = directory
		self.preload = str(build / "tests/oom/libfailing-memory.so")
		file = os.memfd_create("control", 0)
		os.ftruncate(file, SITES + 8 * SITES_MAX)
		self.control = mmap.mmap(file, 0)
		self.set(FIRST, NEVER)
		self.process = subprocess.Popen(
			[self.program, "--model", "session", "start", "--foreground", SESSION],
			env={**self.environment(directory), "LD_PRELOAD": self.preload, "OOM_SHARED": str(file)}, pass_fds=[file],
			stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
		os.close(file)
		if not self.process.stdout.readline():
			raise RuntimeError(f"the session did not start: {self.process.stderr.read().decode()}")
		self.send([b'{"iommuctl":1,"show":{}}\n']) # it is ready once it answers

	@staticmethod
	def environment(directory: Path) -> dict[str, str]:
		return {"PATH": os.environ["PATH"], "LC_ALL": "C", "IOMMUCTL_RUNTIME_DIRECTORY": str(directory)}

	def stop(self) -> str:
		"""Unexpected output of the holder, at its end."""
		if self.process.poll() is None:
			self.set(FIRST, NEVER)
			self.send([b'{"iommuctl":1,"stop":{}}\n'])
		_, said = self.process.communicate(timeout=patience.SECONDS)
		self.control.close()
		return said.decode() + (f"status {self.process.returncode}" if self.process.returncode else "")

	def get(self, place: int) -> int:
		return struct.unpack_from("q", self.control, place)[0]

	def set(self, place: int, value: int) -> None:
		struct.pack_into("q", self.control, place, value)

	def connect(self) -> socket.socket:
		client = socket.socket(socket.AF_UNIX)
		client.settimeout(patience.SECONDS)
		client.connect(str(self.directory / f"{SESSION}.sock"))
		return client

	def send(self, requests: list[bytes]) -> str:
		"""
		The answers, each on a connection of its own. However busy the machine is, the holder finds each request whole
		when it looks, and is at rest behind it: so it makes the same allocations each time.
		"""
		answers = ""
		for request in requests:
			self.process.send_signal(signal.SIGSTOP)
			with self.connect() as client:
				client.sendall(request)
				client.shutdown(socket.SHUT_WR)
				self.process.send_signal(signal.SIGCONT)
				with contextlib.suppress(ConnectionResetError):
					while data := client.recv(1 << 16):
						answers += data.decode()
			self.wait_for_rest()
		return VARYING.sub(r"\g<1>0", answers)

	def wait_for_rest(self) -> None:
		"""Until it sleeps: it only does so in poll(2)."""
		while self.state_of_process() not in "SZ":
			time.sleep(0.0002)

	def state_of_process(self) -> str:
		return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]

	def send_failing(self, requests: list[bytes], first: int) -> str:
		"""The answers with this allocation failing; 0: none fails, and all stacks are noted."""
		for place, value in ((CALLS, 0), (FAILED, 0), (FIRST, first)):
			self.set(place, value)
		said = self.send(requests)
		self.set(FIRST, NEVER)
		return said

	def files(self) -> int:
		"""The number of open files, except connections."""
		count = 0
		for fd in Path(f"/proc/{self.process.pid}/fd").iterdir():
			with contextlib.suppress(FileNotFoundError):
				count += not os.readlink(fd).startswith("socket:")
		return count

	def state(self) -> str:
		return f"{self.files()} files\n" + self.send([json.dumps({"iommuctl": 1, **look}).encode() + b"\n" for look in LOOKS])

	def points(self) -> list[int]:
		"""Of the allocations for the last requests, those with the same stack once."""
		calls = self.calls()
		stacks = struct.unpack_from(f"{calls}Q", self.control, SITES + 8)
		return sorted({stack: calls - i for i, stack in enumerate(reversed(stacks))}.values())

	def calls(self) -> int:
		return min(self.get(CALLS), SITES_MAX - 1)


class Recorder:
	"""Stands between commands and a session, and keeps the requests."""

	def __init__(self, holder: Holder, directory: Path):
		self.holder = holder
		self.directory = directory
		self.listener = socket.socket(socket.AF_UNIX)
		self.listener.bind(str(directory / f"{SESSION}.sock"))
		self.listener.listen()

	def pass_on(self) -> bytes:
		"""The requests of one connection, until either end has closed it."""
		asked = b""
		client, _ = self.listener.accept()
		with client, self.holder.connect() as server:
			while True:
				ready, _, _ = select.select([client, server], [], [])
				for end in ready:
					data = b""
					with contextlib.suppress(ConnectionError):
						data = end.recv(1 << 16)
						(server if end is client else client).sendall(data)
					if not data:
						return asked
					asked += data if end is client else b""

	def record(self, argv: list[str]) -> list[bytes]:
		asked = b""
		named = argv[:1] == ["session"] and argv[1] not in ("apply", "export")
		command = subprocess.Popen([self.holder.program, *([] if named else ["-s", SESSION]), *argv],
			env=Holder.environment(self.directory), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
			stderr=subprocess.DEVNULL)
		with open(os.pidfd_open(command.pid), "rb") as end:
			while self.listener in select.select([self.listener, end], [], [])[0]:
				asked += self.pass_on()
		command.wait()
		return [line + b"\n" for line in asked.split(b"\n") if line and b'"stop"' not in line]


def names_memory(text: str) -> bool:
	return "memory" in text or "ENOMEM" in text


def is_whole(text: str) -> bool:
	"""Lines of JSON, of which the last says how it ended."""
	lines = [json.loads(line) for line in text.splitlines()]
	return text.endswith("\n") and "done" in lines[-1]


def is_usual(said: str, row: Row) -> bool:
	if row.name.startswith("session stats"):
		said, usual = (FIGURES.sub("", text).split() for text in (said, row.usual))
		return said == usual
	return said == row.usual


class Suite:
	def __init__(self, build: Path, directory: Path, choice: str, shown: int):
		self.build = build
		self.directory = directory
		self.choice = choice
		self.shown = shown
		self.past: list[bytes] = []
		self.holder: Holder | None = None

	def start(self) -> None:
		"""A session in the state after the requests so far."""
		if self.holder:
			self.holder.stop()
		self.holder = Holder(self.build, self.directory)
		self.holder.send(self.past)

	def record(self) -> list[tuple[str, list[bytes]]]:
		between = self.directory / "between"
		between.mkdir(mode=0o700)
		self.start()
		recorder = Recorder(self.holder, between)
		argvs = [*(row["argv"] for row in json.loads(VERBS.read_text())), *OTHERS]
		return [(" ".join(argv), recorder.record(argv)) for argv in argvs]

	def choose(self, number: int) -> list[int]:
		"""Requests share most stacks: successive ones try different stacks."""
		if self.choice == "all":
			return list(range(1, self.holder.calls() + 1))
		return self.holder.points()[number % SHARE::SHARE] if self.choice == "share" else self.holder.points()

	def learn(self) -> list[Row]:
		recorded = self.record()
		self.start()
		rows = []
		for name, requests in recorded:
			if requests: # some are refused before anyone is asked
				usual = self.holder.send_failing(requests, 0)
				points = self.choose(len(rows))
				rows.append(Row(name, requests, usual, points, self.holder.state()))
		return rows

	def faults(self, said: str, row: Row, before: str) -> list[str]:
		"""Steps that were carried out, or a whole request before memory for the answer ran out, stay: the answer says so."""
		stays = "how far the request got" in said or '"steps"' in str(row.requests)
		found = []
		if not is_whole(said):
			found.append("the answer is not whole")
		if not names_memory(said):
			found.append("nothing says that memory ran out")
		if '"status":1,' not in said:
			found.append("the status is not 1")
		try:
			if self.holder.state() not in ([before, row.after] if stays else [before]):
				found.append("the session is not as it was before")
		except (FileNotFoundError, ConnectionError):
			found.append(f"the holder has ended: {self.holder.process.wait(patience.SECONDS)}")
		return found

	def check(self, row: Row) -> list[tuple]:
		wrong = []
		before = self.holder.state()
		for point in row.points:
			said = self.holder.send_failing(row.requests, point)
			found = self.faults(said, row, before) if not is_usual(said, row) else []
			if found:
				wrong.append((point, found, said))
			if found or row.name.startswith(PASSING) or "  event: " in row.usual + said or self.holder.state() != before:
				self.start()
		return wrong

	def run(self, only: str) -> bool:
		rows = self.learn()
		print(f"1..{len(rows) + 1}", flush=True)
		self.start()
		right = True
		for number, row in enumerate(rows, 1):
			wrong = self.check(row) if only in row.name else []
			print(f"{'not ok' if wrong else 'ok'} {number} - {row.name}: {len(row.points)} points"
				+ (f", wrong at {len(wrong)}" if wrong else ""), flush=True)
			for point, found, said in wrong[:self.shown]:
				print(f"# allocation {point}: {', '.join(found)}\n#   | {said[:1500].strip()}", flush=True)
			right = right and not wrong
			self.past += row.requests
			self.holder.send(row.requests)
		said = self.holder.stop()
		print(f"{'not ok' if said else 'ok'} {len(rows) + 1} - the session ends {said}")
		return right and not said


def main() -> int:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("build", type=lambda name: Path(name).resolve())
	parser.add_argument("--only", default="", help="only commands that contain this")
	parser.add_argument("--stacks", dest="choice", action="store_const", const="stacks", default="share",
		help=f"try one allocation of each stack, not only of every {SHARE}rd")
	parser.add_argument("--all", dest="choice", action="store_const", const="all", help="try each allocation")
	parser.add_argument("--show", type=int, default=5, metavar="N", help="show N failures of a request")
	arguments = parser.parse_args()
	directory = Path(tempfile.mkdtemp(prefix="iommuctl-oom-"))
	try:
		os.chdir(directory)
		Path("empty.json").write_text('{"iommuctl": 1}')
		return 0 if Suite(arguments.build, directory, arguments.choice, arguments.show).run(arguments.only) else 1
	finally:
		shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
	sys.exit(main())
