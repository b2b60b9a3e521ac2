# SPDX-License-Identifier: MIT
"""Where two runs of a sequence diverge, and the shortest sequence that still does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backends import Kernel, Model, Run

CONTEXT = 6
END = "(nothing)"


@dataclass(frozen=True)
class Divergence:
	index: int
	kernel: tuple[str, ...]
	model: tuple[str, ...]
	line: int # of the first that differs

	@property
	def cause(self) -> tuple[str, str, str]:
		"""The likely common part of divergences with one cause: the operation and both results."""
		said = self.kernel_line if self.kernel_line != END else self.model_line
		name = said.split()[1] if said[:1].isdigit() else said.split()[0]
		return (name, *results(self.kernel_line, self.model_line))

	@property
	def kernel_line(self) -> str:
		return self.kernel[self.line] if self.line < len(self.kernel) else END

	@property
	def model_line(self) -> str:
		return self.model[self.line] if self.line < len(self.model) else END

	def report(self, context: int = CONTEXT) -> str:
		before = self.kernel[max(0, self.line - context):self.line]
		return "\n".join([*(f"    {line}" for line in before),
				  f"  K {self.kernel_line}", f"  M {self.model_line}"])


def results(kernel: str, model: str) -> tuple[str, str]:
	"""The results in the two lines; if they are the same, the value that differs."""
	said = tuple(" ".join(re.findall(r"-> (\S+)", line)) or line.split()[0] for line in (kernel, model))
	if said[0] != said[1]:
		return said
	for ours, theirs in zip(kernel.split(), model.split()):
		if ours != theirs:
			return tuple(re.sub(r"[0-9a-f]{3,}", "#", word) for word in (ours, theirs))
	return said


def compare(kernel: Run, model: Run) -> Divergence | None:
	for line in range(max(len(kernel.lines), len(model.lines))):
		found = Divergence(kernel.index, kernel.lines, model.lines, line)
		if found.kernel_line != found.model_line:
			return found
	return None


def ranges(numbers: Sequence[int]) -> str:
	"""In the form of the driver's --keep."""
	parts: list[list[int]] = []
	for number in numbers:
		if parts and number == parts[-1][1] + 1:
			parts[-1][1] = number
		else:
			parts.append([number, number])
	return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


class Shrinker:
	"""Leaves out operations as long as the two still diverge in the same way."""

	def __init__(self, kernel: Kernel, model: Model, arguments: Sequence[str]) -> None:
		self.kernel = kernel
		self.model = model
		self.arguments = arguments # but for the sequence

	def differing(self, index: int, candidates: Sequence[Sequence[int]]) -> list[Divergence | None]:
		"""Runs all candidates in one boot."""
		common = [*self.arguments, "--first", str(index), "--print"]
		keeps = [f"--keep={ranges(candidate)}" for candidate in candidates]
		kernel = self.kernel.run([*common, *keeps])
		return [compare(ours, self.model.run([*common, keep])[0]) for ours, keep in zip(kernel, keeps)]

	def shrink(self, found: Divergence) -> Divergence:
		kept = [int(line.split()[0]) for line in found.kernel[:found.line + 1] if line[:1].isdigit()]
		chunk = (len(kept) + 1) // 2
		while chunk:
			shorter = self.shorter(found, kept, chunk)
			if shorter:
				found, kept = shorter
				chunk = min(chunk, (len(kept) + 1) // 2)
			elif chunk == 1:
				break
			else:
				chunk //= 2
		return found

	def shorter(self, found: Divergence, kept: list[int], chunk: int) -> tuple[Divergence, list[int]] | None:
		"""Leaves out as many as possible of the chunks that can each be left out."""
		chunks = [kept[at:at + chunk] for at in range(0, len(kept), chunk)]
		alone = self.try_without(found, kept, [[part] for part in chunks])
		spare = [part for part, divergence in zip(chunks, alone) if divergence]
		if not spare:
			return None
		half = (len(spare) + 1) // 2
		choices = [spare, spare[:half], spare[half:], spare[::2], spare[1::2], spare[:1]]
		choices = [choice for choice in choices if choice]
		for choice, divergence in zip(choices, self.try_without(found, kept, choices)):
			if divergence:
				gone = {number for part in choice for number in part}
				return divergence, [number for number in kept if number not in gone]
		return None

	def try_without(self, found: Divergence, kept: list[int],
			choices: Sequence[Sequence[Sequence[int]]]) -> list[Divergence | None]:
		candidates = []
		for choice in choices:
			gone = {number for part in choice for number in part}
			candidates.append([number for number in kept if number not in gone])
		return [divergence if candidate and divergence and divergence.cause == found.cause else None
			for candidate, divergence in zip(candidates, self.differing(found.index, candidates))]
