#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py [--words SCHEMA] FUZZER [ARGUMENT...]: runs a fuzzer with its initial corpus, and with words of its language.

SEEDS says which files of the tree a fuzzer begins with, beside those of corpus/NAME. What it finds on the way goes to a
directory that is removed, unless an ARGUMENT is a directory.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SEEDS = {
	"job": ("examples/*.json", "examples/selftest/*.json", "tests/rig/jobs/*.json", "tests/cli/jobs/*.json",
		"tests/cli/every-key.json"),
	"record": ("tests/cli/hosts/*.json",),
	"machine": ("examples/machines/*.json", "tests/model/*.json", "tests/model/x86/*.json"),
}
LONGEST = 4096 # as -max_len: a longer seed would be cut, and be no document


def words_of(schema: object) -> set[str]:
	"""Keys and values in the schema."""
	if isinstance(schema, list):
		return set().union(*map(words_of, schema))
	if not isinstance(schema, dict):
		return set()
	own = set(schema.get("properties", ())) if isinstance(schema.get("properties"), dict) else set()
	own |= {value for value in [schema.get("const"), *schema.get("enum", ())] if isinstance(value, str)}
	return own.union(*map(words_of, schema.values()))


def write_words(schema: Path, to: Path) -> None:
	words = words_of(json.loads(schema.read_text()))
	to.write_text("".join(f'"\\"{word}\\""\n' for word in sorted(words) if re.fullmatch(r"[\w$-]+", word)))


def seeds_of(name: str) -> list[Path]:
	files = [*(HERE / "corpus" / name).glob("*")]
	for pattern in SEEDS.get(name, ()):
		files += ROOT.glob(pattern)
	return sorted(file for file in files if file.stat().st_size <= LONGEST)


def main() -> int:
	arguments = sys.argv[1:]
	schema = Path(arguments[1]).resolve() if arguments[0] == "--words" else None
	fuzzer, *arguments = arguments[2:] if schema else arguments
	name = Path(fuzzer).name.removeprefix("fuzz-")
	with tempfile.TemporaryDirectory(prefix="iommuctl-fuzz-") as directory:
		if schema:
			write_words(schema, Path(directory) / "words")
			arguments.append(f"-dict={directory}/words")
		if seeds := seeds_of(name):
			arguments.append("-seed_inputs=" + ",".join(map(str, seeds)))
		return os.spawnv(os.P_WAIT, fuzzer, [fuzzer, *arguments])


if __name__ == "__main__":
	sys.exit(main())
