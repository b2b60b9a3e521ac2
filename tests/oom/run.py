#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs programs of a build with each of their allocations failing, one after the other. See README.md."""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
VERBS = sorted((SOURCE / "tests/session").glob("verbs*.json"))
COUNTS = struct.Struct("QQq") # struct counts of failing_memory.c
OUTPUT_FD, COUNTS_FD = 100, 101 # the file of --trace=/dev/fd/100, and that of OOM_FD; above those that are open here
# Actions that wait, on the model for something that is already there or never comes.
WAITING = {"event", "no-event", "trigger-msi"}
OUT_OF_MEMORY = 1             # exit status
# What differs from run to run: addresses, durations, processes, and directories of sessions; in a case with "figures"
# all numbers.
VARYING = re.compile(r'(0x(?=[0-9a-f]{9})|"nanoseconds":|<|sessions-|"pid":|process )[0-9a-f.]+')
FIGURES = re.compile(r"() *-?[0-9.]+")

Outcome = collections.namedtuple("Outcome", "status signal out err file calls failed left more")
Point = collections.namedtuple("Point", "number for_good")


class Program:
	"""A command line, and what it does with enough memory."""

	def __init__(self, case: dict, build: Path, as_json: bool, files: bool = False):
		self.files = files
		self.program = build / case.get("program", "cli/iommuctl")
		self.preload = build / "tests/oom/libfailing-memory.so"
		self.argv = [str(self.program), *(["--json"] if as_json else []), *case["argv"]]
		self.as_json = as_json
		self.figures = case.get("figures", False)
		self.failed = case.get("failed")
		self.name = " ".join([*(["files:"] if files else []), self.program.name, *self.argv[1:]])

	def execute(self, point: Point, more: str = "OOM_NOTHING") -> Outcome:
		files = [os.memfd_create(name) for name in ("out", "err", "file", "counts")]
		environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "LD_PRELOAD": str(self.preload),
			       "IOMMUCTL_RUNTIME_DIRECTORY": f"sessions-{threading.get_native_id()}",
			       "OOM_FAIL": f"{point.number}{'+' if point.for_good else ''}", "OOM_FD": str(COUNTS_FD),
			       more: "1", **({"OOM_FILES": "1"} if self.files else {})}
		places = (1, 2, OUTPUT_FD, COUNTS_FD)
		actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
			   *((os.POSIX_SPAWN_DUP2, file, place) for file, place in zip(files, places))]
		try:
			child = os.posix_spawn(self.program, self.argv, environment, file_actions=actions)
			_, status = os.waitpid(child, 0)
			out, err, file, counts = (os.pread(fd, os.fstat(fd).st_size, 0) for fd in files)
		finally:
			for fd in files:
				os.close(fd)
		calls, failed, left = COUNTS.unpack_from(counts) if counts else (0, 0, 0)
		return Outcome(os.waitstatus_to_exitcode(status), os.WIFSIGNALED(status), self.lines(out), self.lines(err),
			       self.lines(file), calls, failed, left, counts[COUNTS.size:])

	def lines(self, text: bytes) -> list[str]:
		varying = FIGURES if self.figures else VARYING
		return varying.sub(r"\g<1>0", text.decode()).split("\n")


def is_json(lines: list[str]) -> bool:
	try:
		return lines[-1] == "" and all(isinstance(json.loads(line), dict) for line in lines[:-1])
	except ValueError:
		return False


def names_memory(lines: list[str]) -> bool:
	"""Or files, if files run out instead."""
	return any(re.search("memory|ENOMEM|EMFILE|Too many open files|no file descriptor", line) for line in lines)


def invented(lines: list[str], usual: list[str]) -> list[str]:
	"""Results that do not appear with enough memory."""
	usual = set(usual)
	return [line for line in lines if line not in usual and not names_memory([line])
		and not re.match(r'{"iommuctl":1,"run":{.*"result":"failed"', line)]


def faults(program: Program, usual: Outcome, outcome: Outcome) -> list[str]:
	"""What is wrong with how the program ended."""
	found = []
	if outcome.signal:
		return [f"killed by signal {-outcome.status}"]
	if program.as_json and not is_json(outcome.out):
		found.append("standard output is not whole lines of JSON")
	if program.as_json and outcome.file != [""] and not is_json(outcome.file):
		found.append("the file is not whole lines of JSON")
	said = outcome[:5] == usual[:5]
	if not said and outcome.status not in (OUT_OF_MEMORY, program.failed):
		found.append(f"exit status {outcome.status}, with other output than usual")
	if not said and not names_memory(outcome.out + outcome.err):
		found.append("nothing says that memory ran out")
	if not said and program.failed is None:
		found += [f"invented: {line}" for line in invented(outcome.out, usual.out)]
	if re.search(r'"left-behind":[1-9]|[1-9][0-9]* left behind', "\n".join(outcome.out + outcome.err)):
		found.append("something was left behind")
	if outcome.left > usual.left:
		found.append(f"{outcome.left - usual.left} allocations were not freed")
	return found


def all_points(calls: int) -> list[Point]:
	return [Point(number, for_good) for for_good in (False, True) for number in range(1, calls + 1)]


def points_of_sites(stacks: bytes) -> list[Point]:
	"""Of the allocations with the same stack the first, also permanently, and the last."""
	stacks = list(enumerate(struct.unpack(f"{len(stacks) // 8}Q", stacks), 1))
	first = {stack: number for number, stack in reversed(stacks)}
	last = {stack: number for number, stack in stacks}
	once = sorted({*first.values(), *last.values()})
	return [*(Point(number, False) for number in once), *(Point(number, True) for number in sorted(first.values()))]


def source_lines(program: Program, where: bytes) -> list[str]:
	"""The stack of the allocation that failed, as functions and lines of the program."""
	where = where.decode()
	name = re.escape(str(program.program))
	places = re.findall(rf"^{name}\(.*\+(0x[0-9a-f]+)\)", where, re.MULTILINE)
	if not places or not shutil.which("addr2line"):
		return where.splitlines()
	found = subprocess.run(["addr2line", "-sfp", "-e", program.program, *places], capture_output=True, text=True,
			       check=False)
	return found.stdout.splitlines()


def show(program: Program, point: Point, found: list[str]) -> None:
	print(f"# allocation {point.number}{' and all that follow' if point.for_good else ''}:")
	for line in found:
		print(f"#   {line}")
	outcome = program.execute(point, "OOM_WHERE")
	for line in [*outcome.out[-4:-1], *outcome.err[:-1]]:
		print(f"#     | {line[:300]}")
	for line in source_lines(program, outcome.more)[:12]:
		print(f"#     at {line}")


def all_files() -> set[Path]:
	"""The files of the working directory; the folders of sessions stay."""
	return {path for path in Path().rglob("*") if not path.is_dir()}


class Suite:
	def __init__(self, build: Path, shown: int, all_points: bool):
		self.build = build
		self.shown = shown
		self.all = all_points
		self.workers = concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0)))
		self.initial = all_files()

	def check(self, program: Program, status: int | None) -> tuple[str, list]:
		"""A summary, and the points at which something is wrong. With enough of everything, the program ends with this status."""
		never = Point(0, False)
		usual = program.execute(never)
		if usual.signal or status not in (None, usual.status):
			return f"{program.name}: exit status {usual.status}", [(program, never, ["as a whole"])]
		if program.execute(never)[:5] != usual[:5]:
			return f"{program.name}: differs from run to run", [(program, never, ["as a whole"])]
		tried = all_points(usual.calls) if self.all or program.files else points_of_sites(program.execute(never, "OOM_SITES").more)
		outcomes = self.workers.map(program.execute, tried)
		wrong = [(program, point, found) for point, outcome in zip(tried, outcomes)
			if (found := faults(program, usual, outcome))]
		if all_files() != self.initial:
			wrong.append((program, never, [f"files were left: {sorted(all_files() - self.initial)}"]))
		return f"{program.name}: {len(tried)} points of {usual.calls} {'calls' if program.files else 'allocations'}", wrong

	def run(self, number: int, program: Program, status: int | None) -> None:
		summary, wrong = self.check(program, status)
		print(f"{'not ok' if wrong else 'ok'} {number} - {summary}" + (f", wrong at {len(wrong)}" if wrong else ""),
		      flush=True)
		for failure in wrong[:self.shown]:
			show(*failure)


def content(value: dict | str) -> str:
	"""JSON as it is, or the contents of a file of the source. A job that waits in vain does so at each point."""
	if not isinstance(value, str):
		return json.dumps(value, indent=2)
	text = (SOURCE / value).read_text()
	if '"steps"' not in text:
		return text
	job = json.loads(text)
	for step in job["steps"]:
		for action in WAITING & step.keys():
			step[action]["timeout-ms"] = 1
	return json.dumps(job, indent=2)


def command_of(argv: list[str], commands: list[str]) -> str:
	"""The command of a command line, or ""."""
	words = list(argv)
	while words and words[0].startswith("-"):
		del words[:2 if words[0] == "-s" else 1]
	found = [name for name in commands if words[:len(name.split())] == name.split()]
	return max(found, key=len, default="")


def all_commands(build: Path) -> list[str]:
	told = subprocess.run([build / "cli/iommuctl", "help"], capture_output=True, text=True, check=True).stdout
	return [name.strip() for name in re.findall(r"^  ([a-z](?:[a-z0-9-]+ ?){1,3}?)  +\S", told, re.MULTILINE)]


def all_cases(build: Path) -> list[tuple[dict, bool]]:
	"""The lines of the table and, for each other command, its first line for sessions. No command is left out."""
	commands = all_commands(build)
	table = json.loads((HERE / "cases.json").read_text())["cases"]
	cases = [(case, as_json) for case in table for as_json in (False, True) if not (as_json and case.get("program"))]
	covered = {command_of(case["argv"], commands) for case in table}
	for row in (row for path in VERBS for row in json.loads(path.read_text())):
		command = command_of(row["argv"], commands)
		if command not in covered and "bare" not in row:
			cases.append(({"argv": ["-s", "none", *row["argv"]], "exit": None}, False))
			covered.add(command)
	if missing := [command for command in commands if command not in covered]:
		raise SystemExit(f"cases.json lacks {', '.join(missing)}")
	return cases


def main() -> None:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("build", type=lambda name: Path(name).resolve())
	parser.add_argument("--only", default="", help="only command lines that contain this")
	parser.add_argument("--show", type=int, default=5, metavar="N", help="show N failures of a command")
	parser.add_argument("--files", action="store_true", help="let calls that open files or map memory fail, not allocations")
	parser.add_argument("--all", action="store_true", help="try each allocation, not only two of each stack")
	arguments = parser.parse_args()
	table = json.loads((HERE / "cases.json").read_text())
	programs = [(Program(case, arguments.build, as_json, arguments.files), case.get("exit", 0))
		for case, as_json in all_cases(arguments.build) if not (arguments.files and case.get("program"))]
	programs = [(program, status) for program, status in programs if arguments.only in program.name]
	with tempfile.TemporaryDirectory() as directory:
		os.chdir(directory)
		for name, value in table["files"].items():
			Path(name).write_text(content(value))
		suite = Suite(arguments.build, arguments.show, arguments.all)
		print(f"1..{len(programs)}", flush=True)
		for number, (program, status) in enumerate(programs, 1):
			suite.run(number, program, status)
		os.chdir("/")


if __name__ == "__main__":
	sys.exit(main())
