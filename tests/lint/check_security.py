#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the tests that SECURITY.md names exist: check_security.py INTRO-TESTS.JSON, which Meson writes.

`NAME` is one of Meson's tests, `NAME/PART` a test within that program. Not every build has all of them: `fuzz/NAME`
is a fuzzer, `threads/NAME` a test of threads, `oom` the suite of that name. Rig cases are in their own table.
"""

import json
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
TESTS = SOURCE / "tests"


def meson_tests(path: Path) -> set[str]:
	return {test["name"] for test in json.loads(path.read_text())}


def rig_cases() -> set[str]:
	return {case["name"] for case in json.loads((TESTS / "rig" / "cases.json").read_text())}


def has_part(name: str, part: str) -> bool:
	source = TESTS / "unit" / (name.replace("-", "_") + ".c")
	return source.exists() and re.search(rf"^\w*Test\w*\(\w+,\s*{part}\b", source.read_text(), re.MULTILINE) is not None


def exists(named: str, names: set[str]) -> bool:
	name, _, part = named.partition("/")
	if name in ("fuzz", "threads"):
		return (TESTS / name / f"{part}.c").exists()
	if named == "oom":
		return (TESTS / name / "run.py").exists()
	return name in names and (not part or has_part(name, part))


def main() -> int:
	names = meson_tests(Path(sys.argv[1])) | rig_cases()
	rows = [line.rstrip("|").rpartition("|")[2] for line in (SOURCE / "SECURITY.md").read_text().splitlines()
		if line.startswith("|")]
	named = [found for row in rows for found in re.findall(r"`([^`]+)`", row)]
	missing = [found for found in named if not exists(found, names)]
	print(f"{len(named)} tests are named" + "".join(f"\nthere is no test {found}" for found in missing))
	return 1 if missing or not named else 0


if __name__ == "__main__":
	sys.exit(main())
