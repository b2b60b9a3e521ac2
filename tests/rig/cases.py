# SPDX-License-Identifier: MIT
"""The list of cases, and when one passes."""

import json
import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from host import RIG, Failure

sys.path.append(str(RIG.parent))
from support import results  # noqa: E402

FILE = RIG / "cases.json"
KEYS = {"name", "machine", "run", "exit", "stdout", "stderr", "kernel-log"}
KERNEL_TROUBLE = re.compile(
	r"BUG|WARNING|Oops|Call trace|KASAN|UBSAN|KFENCE|Kernel panic|Internal error|Unable to handle"
	r"|lockup|blocked for more than|detected stall|refcount_t|possible recursive locking")


@dataclass(frozen=True)
class Case:
	name: str
	machine: str
	run: list[str]
	exit: int = 0
	stdout: list[str] = field(default_factory=list)
	stderr: list[str] = field(default_factory=list)
	kernel_log: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
	"""The result of a case in the guest."""
	status: int
	stdout: str
	stderr: str
	kernel_log: str
	leftovers: str
	boot_log: str


def load(machines: set[str]) -> dict[str, Case]:
	"""The cases by name, in the order of the file."""
	cases: dict[str, Case] = {}
	for document in json.loads(FILE.read_text()):
		case = parse(document, machines)
		if case.name in cases:
			raise Failure(f"{FILE.name}: two cases are named {case.name}")
		cases[case.name] = case
	return cases


def parse(document: dict[str, Any], machines: set[str]) -> Case:
	name = document.get("name", "")

	def expect(condition: bool, message: str) -> None:
		if not condition:
			raise Failure(f"{FILE.name}: case \"{name}\": {message}")

	def strings(key: str) -> list[str]:
		value = document.get(key, [])
		expect(isinstance(value, list) and all(isinstance(item, str) for item in value),
		       f"\"{key}\" must be a list of strings")
		return value

	def patterns(key: str) -> list[str]:
		for pattern in strings(key):
			try:
				re.compile(pattern)
			except re.error as error:
				expect(False, f"\"{key}\": {pattern}: {error}")
		return strings(key)

	unknown = set(document) - KEYS
	expect(not unknown, "unknown " + ", ".join(sorted(unknown)))
	expect(re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) is not None, "a name is made of a-z, 0-9 and -")
	machine = document.get("machine", "nested")
	expect(machine in machines, f"\"machine\" must be one of {', '.join(sorted(machines))}")
	expect(bool(strings("run")), "\"run\" must say what to run")
	status = document.get("exit", 0)
	expect(isinstance(status, int) and 0 <= status <= 255, "\"exit\" must be an exit status")
	return Case(name, machine, strings("run"), status,
		    patterns("stdout"), patterns("stderr"), patterns("kernel-log"))


def read_outcome(results: Path, name: str) -> Outcome:
	"""Reads what the guest's init left for the host."""
	def text(path: str) -> str:
		return (results / path).read_text(errors="replace")

	return Outcome(int(text(f"{name}/status")), text(f"{name}/stdout"), text(f"{name}/stderr"),
		       text(f"{name}/kernel-log"), text(f"{name}/leftovers"), text("kernel-log"))


def problems(case: Case, outcome: Outcome) -> list[str]:
	"""The expectations that were not met; none if the case passed."""
	found = []
	if outcome.status != case.exit:
		found.append(f"exit status {outcome.status}, expected {case.exit}")
	found += unmatched("stdout", case.stdout, outcome.stdout)
	found += unmatched("stderr", case.stderr, outcome.stderr)
	found += unmatched("the kernel log", case.kernel_log, outcome.kernel_log)
	found += results.faults(outcome.stdout)
	if outcome.leftovers:
		found.append("left behind: " + outcome.leftovers.strip())
	found += [f"the kernel says: {line}" for line in trouble(outcome.kernel_log, case.kernel_log)]
	found += [f"the kernel says before the first case: {line}" for line in trouble(outcome.boot_log, [])]
	return found


def unmatched(stream: str, patterns: list[str], text: str) -> list[str]:
	"""The first of `patterns` that is not in `text` after the previous one."""
	position = 0
	for pattern in patterns:
		match = re.compile(pattern, re.MULTILINE).search(text, position)
		if not match:
			return [f"{stream} lacks, at this place: {pattern}"]
		position = match.end()
	return []


def trouble(kernel_log: str, expected: list[str]) -> list[str]:
	return [line for line in kernel_log.splitlines()
		if KERNEL_TROUBLE.search(line) and not any(re.search(pattern, line) for pattern in expected)]


def report(case: Case, outcome: Outcome, found: list[str]) -> str:
	parts = [f"{case.name} on {case.machine}: {shlex.join(case.run)}", *(f"  {problem}" for problem in found)]
	for title, text in (("stdout", outcome.stdout), ("stderr", outcome.stderr), ("kernel log", outcome.kernel_log)):
		parts += [f"--- {title}", text.rstrip("\n")]
	return "\n".join(parts)
