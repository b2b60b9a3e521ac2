# SPDX-License-Identifier: MIT
"""Runs cases in machines: one boot serves all the cases of a machine in one invocation of the test runner."""

import functools
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import cases
import initrd
import kernel
import machine
from aptroot import AptRoot, Host
from architecture import ARM64
from cases import Case, Outcome
from crossbuild import built
from emulator import emulator, unpacked
from host import SOURCE, Failure, Missing, cache, digest, locked


@functools.cache
def all_cases() -> dict[str, Case]:
	return cases.load(set(machine.MACHINES))


def prepare(machine_name: str, commands: Mapping[str, Sequence[str]], wallclock: bool = False) -> machine.Boot:
	"""Fetches or builds everything that a boot of this machine needs."""
	host = Host()
	chosen = machine.MACHINES[machine_name]
	image = kernel.image(host, chosen.board.kernel)
	guests = {"Image": image}
	if chosen.guest_64k:
		guests["Image-64k"] = kernel.image(host, kernel.ARM64_64K)
	with built(host, chosen.board.kernel.architecture) as build:
		system = initrd.system(build)
		if chosen.el2:
			system += initrd.guest(build, guests)
	shared = peer(host, chosen)
	return machine.Boot(emulator(host, chosen.emulator, chosen.board.kernel.architecture), image, chosen, system,
			    initrd.cases(commands), wallclock, shared)


def peer(host: Host, chosen: machine.Machine) -> Path | None:
	"""The contents of this machine's /peer/usr."""
	if chosen.udevd:
		apt = AptRoot(host.suite, "arm64", host)
		return apt.unpacked("udevd", apt.closure("udev")) / "usr"
	return unpacked(host, "newest", ARM64, ARM64.debian) / "usr" if chosen.peer else None


def run_commands(machine_name: str, commands: Mapping[str, Sequence[str]], results: Path,
		 wallclock: bool = False) -> None:
	"""Boots and runs the commands; `results` gets a directory for each."""
	machine.run(prepare(machine_name, commands, wallclock), results, "cases")


def run_cases(machine_name: str, chosen: Sequence[Case], wallclock: bool) -> dict[str, Outcome]:
	with tempfile.TemporaryDirectory(prefix="iommuctl-rig-") as results:
		run_commands(machine_name, {case.name: case.run for case in chosen}, Path(results), wallclock)
		return {case.name: cases.read_outcome(Path(results), case.name) for case in chosen}


def outcome(case: Case) -> Outcome:
	"""This case's outcome in the boot that the tests of one "meson test" share, else in one of its own."""
	runner = os.getppid()
	if b"meson" not in Path("/proc", str(runner), "cmdline").read_bytes():
		return run_cases(case.machine, [case], wallclock=False)[case.name]
	results = runs(runner) / case.machine
	ended, taken = results / "ended", results / "taken" / case.name
	with locked(results):
		if not ended.exists() or taken.exists():
			shutil.rmtree(results, ignore_errors=True)
			taken.parent.mkdir(parents=True)
			together = {c.name: c.run for c in all_cases().values() if c.machine == case.machine}
			try:
				run_commands(case.machine, together, results)
			except (Missing, Failure) as error:
				(results / type(error).__name__).write_text(str(error))
			ended.touch()
		taken.touch()
		return shared_outcome(case, results)


def shared_outcome(case: Case, results: Path) -> Outcome:
	"""A boot that failed has outcomes of the cases before the failure."""
	if not (results / case.name).exists():
		for exception in (Missing, Failure):
			reason = results / exception.__name__
			if reason.exists():
				raise exception(reason.read_text())
	return cases.read_outcome(results, case.name)


def runs(runner: int) -> Path:
	"""A directory that only tests started by this process share; those of ended processes are removed."""
	base = cache() / "runs"
	base.mkdir(exist_ok=True)
	for run in base.iterdir():
		pid, started, _ = run.name.split("-")
		if start_time(pid) != started:
			shutil.rmtree(run, ignore_errors=True)
	path = base / f"{runner}-{start_time(str(runner))}-{digest(SOURCE)}"
	path.mkdir(exist_ok=True)
	return path


def start_time(pid: str) -> str:
	"""When a running process started, in clock ticks since this machine booted."""
	try:
		return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[19]
	except (OSError, IndexError):
		return ""
