# SPDX-License-Identifier: MIT
"""Models with one broken rule each: a good comparison notices every one."""

import json
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backends import DRIVER, Model, Run
from host import Failure, log

SOURCE = Path(__file__).resolve().parents[2]
FILE = Path(__file__).resolve().parent / "mutants.json"
AT_ONCE = 50 # sequences


@dataclass(frozen=True)
class Mutant:
	"""The broken rule, and the replaced piece of one file."""
	name: str
	rule: str
	file: str
	replace: str
	by: str
	mock: bool = False # whether it takes sequences of mock devices to notice it


class Workshop:
	"""A copy of the source and a build of it, for one mutant after the other."""

	def __init__(self, place: Path) -> None:
		self.source, self.build = place / "source", place / "build"
		shutil.copytree(SOURCE, self.source, ignore=shutil.ignore_patterns(".git"))
		self.run("meson", "setup", self.build, self.source)
		self.compile()

	def run(self, *command: str | Path) -> None:
		done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
				      stderr=subprocess.STDOUT, text=True, errors="replace")
		if done.returncode:
			raise Failure(f"mutants: {' '.join(map(str, command))}\n{done.stdout}")

	def compile(self) -> None:
		self.run("ninja", "-C", self.build, DRIVER)

	@contextmanager
	def model(self, mutant: Mutant) -> Iterator[Model]:
		path = self.source / mutant.file
		original = path.read_text()
		if original.count(mutant.replace) != 1:
			raise Failure(f"{FILE.name}: {mutant.name}: the text to replace is not exactly once in {mutant.file}")
		path.write_text(original.replace(mutant.replace, mutant.by))
		try:
			self.compile()
			yield Model(self.build / DRIVER)
		finally:
			path.write_text(original)


def catch(mutant: Model, expected: dict[int, Run], arguments: Sequence[str]) -> int | None:
	"""The first sequence that differs from `expected`."""
	order = sorted(expected)
	for at in range(0, len(order), AT_ONCE):
		batch = order[at:at + AT_ONCE]
		runs = {run.index: run.hash for run in
			mutant.run([*arguments, "--only", ",".join(map(str, batch))])}
		for index in batch:
			if runs.get(index) != expected[index].hash:
				return index
	return None


def load() -> list[Mutant]:
	return [Mutant(**document) for document in json.loads(FILE.read_text())]


@contextmanager
def workshop() -> Iterator[Workshop]:
	with tempfile.TemporaryDirectory(prefix="iommuctl-mutants-") as place:
		log.info("building the model for its mutants")
		yield Workshop(Path(place))
