#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether ARCHITECTURE.md is about this tree: the functions and files that it names exist, each function in the file
named with it, and the command's rooms include only those that they may know.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
ROOTS = ("", "cli", "libiommuctl", "include")
CODE = ("cli", "libiommuctl")

NAME = re.compile(r"`([^`]+)`")
FUNCTION = re.compile(r"`(\w+)\(\)`(?: \(`([^`]+)`\))?")
FILE = re.compile(r"[\w*./-]+(?:/|\.(?:c|h|py|md|json|sym|build))")


def sources(pattern: str) -> list[Path]:
	"""The files or folders of that name: below a root, or somewhere in the tree if it has no folder."""
	found = [path for root in ROOTS for path in (SOURCE / root).glob(pattern)]
	if not found and "/" not in pattern.rstrip("/"):
		found = [path for root in CODE for path in (SOURCE / root).rglob(pattern)]
	return [path for path in found if path.is_dir()] if pattern.endswith("/") else found


def defines(path: Path, function: str) -> bool:
	return re.search(rf"^[a-z][^;\n]*\b{function}\([^;{{]*\{{|^[a-z][^;\n]*\b{function}\([^;]*\n\{{", path.read_text(),
			 re.MULTILINE) is not None


def missing_functions(text: str) -> Iterator[str]:
	"""A row of a table that begins with a file has functions of that file."""
	everywhere = [path for root in CODE for path in (SOURCE / root).rglob("*.c")]
	for line in text.splitlines():
		row = re.match(r"\| `([^`]+\.c)` \|", line)
		for function, file in FUNCTION.findall(line):
			file = row[1] if row else file
			if not any(defines(path, function) for path in (sources(file) if file else everywhere)):
				yield f"there is no {function}() in {file or 'the tree'}"


def missing_files(text: str) -> Iterator[str]:
	for name in NAME.findall(text):
		if FILE.fullmatch(name) and not sources(name):
			yield f"there is no {name}"


def unknown_rooms(text: str) -> Iterator[str]:
	section = text.partition("## The command")[2].partition("\n## ")[0]
	known = ""
	for folder, own in re.findall(r"^\| `([\w/]+)/` \|.*\| ([^|]+) \|$", section, re.MULTILINE):
		known = known if own == "the same" else own
		allowed = {folder.partition("/")[0], *NAME.findall(known)}
		for path in sorted((SOURCE / "cli" / folder).glob("*.[ch]")) if known != "all" else ():
			for included in re.findall(r'^#include "(\w+)/', path.read_text(), re.MULTILINE):
				if included not in allowed:
					yield f"{path.relative_to(SOURCE)} includes {included}/, which {folder}/ may not know"


def main() -> int:
	text = re.sub(r"(\()\n|\n(?=\(`)", lambda match: match[1] or " ", (SOURCE / "ARCHITECTURE.md").read_text())
	functions, files = len(FUNCTION.findall(text)), sum(map(bool, map(FILE.fullmatch, NAME.findall(text))))
	problems = [*missing_functions(text), *missing_files(text), *unknown_rooms(text)]
	print(f"{functions} functions and {files} files are named", *problems, sep="\n")
	return 1 if problems or not functions or not files else 0


if __name__ == "__main__":
	sys.exit(main())
