#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the jobs of the rig on its real kernel and on the model machine: both must print the same.

transcripts.py IOMMUCTL [NAME...]
"""

import difflib
import os
import re
import sys

import jobs
from jobs import cases, suite

import host

# Differences between equal runs: the backend, ids, and calls, because the kernel's device takes time for a DMA and is
# polled more often. Traces, with addresses and times in each line, are left out.
WHO = [
	(re.compile(r"^model: .*\n", re.MULTILINE), ""),
	(re.compile(r"\d+ calls to the (kernel|model)"), "CALLS"),
	(re.compile(r'"backend":"(kernel|model)"'), '"backend":"BACKEND"'),
	(re.compile(r'"calls":\d+'), '"calls":CALLS'),
	(re.compile(r'"id":\d+'), '"id":ID'),
]


# It prints how long calls took.
MEASURED = {"stats"}


def without_trace(case: cases.Case, stderr: str) -> str:
	return "" if "--trace" in case.run else stderr


def transcript(case: cases.Case, outcome: cases.Outcome) -> list[str]:
	text = f"exit {outcome.status}\n{outcome.stdout}---\n{without_trace(case, outcome.stderr)}"
	for pattern, replacement in WHO:
		text = pattern.sub(replacement, text)
	return text.splitlines()


def compare(program: str, chosen: list[cases.Case]) -> int:
	differing = 0
	for machine in jobs.MACHINES:
		group = [case for case in chosen if case.machine == machine]
		on_kernel = suite.run_cases(machine, group, wallclock=False) if group else {}
		for case in group:
			difference = list(difflib.unified_diff(
				transcript(case, on_kernel[case.name]), transcript(case, jobs.run(program, case)),
				f"{case.name} on the kernel", f"{case.name} on the model", lineterm=""))
			print(*difference, sep="\n", end="\n" if difference else "")
			differing += bool(difference)
	print(f"{len(chosen)} transcripts compared, {differing} differ")
	return 1 if differing else 0


def main() -> int:
	program, *names = sys.argv[1:]
	known = {name: case for name, case in jobs.chosen().items() if name not in MEASURED}
	try:
		return compare(program, [known[name] for name in names or known])
	except host.Missing as missing:
		print(missing, file=sys.stderr)
		return 1 if os.environ.get("CI") == "true" else 77


if __name__ == "__main__":
	sys.exit(main())
