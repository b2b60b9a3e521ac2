# SPDX-License-Identifier: MIT
"""The two backends of sequences: the model, here, and the real kernel, in the rig's machine."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "rig"))

import cases  # noqa: E402
import initrd  # noqa: E402
import kernel  # noqa: E402
import machine  # noqa: E402
import patience  # noqa: E402
from aptroot import Host  # noqa: E402
from cpio import Archive  # noqa: E402
from crossbuild import built  # noqa: E402
from emulator import emulator  # noqa: E402
from host import Failure  # noqa: E402

DRIVER = "tests/conformance/driver"
# A DMA takes a tenth of a second by the machine's clock, which costs nothing.
MACHINE_SECONDS = 10_000_000
PATIENCE = 4 # times that of all tests
# The console shows no kernel messages; afterwards "tainted" shows whether it warned.
WRAPPER = ('dmesg -n 1; echo 2 > /proc/sys/vm/nr_hugepages; "$@"; status=$?; '
	   'echo "tainted $(cat /proc/sys/kernel/tainted)" >&2; exit $status')
MEMORY_LINE = "memory"


@dataclass(frozen=True)
class Run:
	"""The output of one run of a sequence. An interrupted run has no hash."""
	index: int
	hash: str
	operations: int
	lines: tuple[str, ...] = ()


def parse(text: str) -> list[Run]:
	"""The runs in the driver's output, and at the end the rest of one that was interrupted."""
	runs, lines = [], []
	for line in text.splitlines():
		match = re.fullmatch(r"sequence (\d+) ([0-9a-f]{16}) (\d+)", line)
		if match:
			runs.append(Run(int(match[1]), match[2], int(match[3]), tuple(lines)))
			lines = []
		else:
			lines.append(line)
	return runs + [Run(-1, "", 0, tuple(lines))] if lines else runs


class Model:
	"""The driver of this build."""

	def __init__(self, driver: Path) -> None:
		self.driver = driver.resolve()
		# Meson's tests run with a path to the libraries of their build, which a mutant must not use.
		self.environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}

	def run(self, arguments: Sequence[str]) -> list[Run]:
		command = ["timeout", str(PATIENCE * patience.SECONDS), self.driver, "--model", *arguments]
		result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
					env=self.environment)
		runs = parse(result.stdout)
		if result.returncode:
			runs = [run for run in runs if run.hash]
			end = f"exit {result.returncode}: {result.stderr[-2000:].strip()}"
			left = parse(result.stdout)[len(runs):]
			runs.append(Run(-1, "", 0, (*(left[0].lines if left else ()), f"the model ended: {end}")))
		return runs


class Kernel:
	"""The driver built for the rig's machine; everything is made ready once."""

	def __init__(self) -> None:
		host = Host()
		patient = replace(machine.MACHINES["nested"], case_seconds=MACHINE_SECONDS, patience=PATIENCE)
		image = kernel.image(host, patient.board.kernel)
		architecture = patient.board.kernel.architecture
		with built(host, architecture) as build:
			system = initrd.system(build)
			driver = (build.programs.parent.parent.parent / DRIVER).read_bytes()
		archive = Archive()
		archive.file(f"{initrd.GUEST_SOURCE}/{DRIVER}", driver, executable=True)
		self.driver = archive.finish()
		self.boot = machine.Boot(emulator(host, patient.emulator, architecture), image, patient, system)

	def run(self, arguments: Sequence[str]) -> list[Run]:
		"""One boot."""
		command = ["sh", "-c", WRAPPER, "sh", DRIVER, *arguments]
		boot = replace(self.boot, cases=initrd.cases({"conformance": command}) + self.driver)
		with tempfile.TemporaryDirectory(prefix="iommuctl-conformance-") as results:
			machine.run(boot, Path(results), "cases")
			outcome = cases.read_outcome(Path(results), "conformance")
		complaints = cases.trouble(outcome.kernel_log, [])
		if outcome.status or complaints or "tainted 0" not in outcome.stderr:
			raise Failure(f"in the machine: exit {outcome.status}\n{outcome.stderr}" + "\n".join(complaints))
		return parse(outcome.stdout)

	def run_side_by_side(self, commands: Sequence[Sequence[str]]) -> list[Run]:
		"""A boot for each."""
		with ThreadPoolExecutor(len(commands)) as pool:
			return [run for runs in pool.map(self.run, commands) for run in runs]
