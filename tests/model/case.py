#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs cases of the real-kernel rig on the model machine, which must meet the same expectations.

case.py names             list the cases
case.py IOMMUCTL NAME     run one
case.py PROGRAM NAME ARG  run one that is of a program, which is built for the model
"""

import sys

import jobs
from jobs import cases


def main() -> int:
	if sys.argv[1:] == ["names"]:
		print(*jobs.chosen(), sep="\n")
		return 0
	program, name, *arguments = sys.argv[1:]
	case = jobs.suite.all_cases()[name] if arguments else jobs.chosen()[name]
	outcome = jobs.run_program(program, *arguments) if arguments else jobs.run(program, case)
	found = cases.problems(case, outcome)
	if found:
		print(cases.report(case, outcome, found))
	return 1 if found else 0


if __name__ == "__main__":
	sys.exit(main())
