# SPDX-License-Identifier: MIT
"""The cases of the real-kernel rig that run a job, and how one is run on the model machine."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "rig"), str(SOURCE / "tests")]

import cases
import patience
import suite

# The rig's machines, as models.
MACHINES = {
	"nested": "--model",
	"no-canwbs": "--model=tests/model/no-canwbs.json",
	"shared-group": "--model=tests/model/shared-group.json",
}


def chosen() -> dict[str, cases.Case]:
	return {name: case for name, case in suite.all_cases().items()
		if case.run[0] == "iommuctl" and "run" in case.run and case.machine in MACHINES}


def run(program: str, case: cases.Case) -> cases.Outcome:
	return run_program(program, MACHINES[case.machine], *case.run[1:])


def run_program(program: str, *arguments: str) -> cases.Outcome:
	done = subprocess.run([Path(program).resolve(), *arguments], cwd=SOURCE, stdin=subprocess.DEVNULL, capture_output=True, text=True,
			      errors="replace", timeout=patience.SECONDS)
	return cases.Outcome(done.returncode, done.stdout, done.stderr, kernel_log="", leftovers="", boot_log="")
