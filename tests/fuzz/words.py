#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""words.py DIRECTORY...: prints the STEs and commands that fuzz-codecs has found, in the form that
tests/rig/programs/codec_verdicts reads. A line has two words: the kernel does not take the rest of an STE.
"""

import struct
import sys
from pathlib import Path

KINDS = {0: "ste", 2: "cmd"} # of codecs.c
FUNCTIONS = 6
BEFORE = 1 + 6 * 4 + 2 * 8 # the kind, and the registers of an SMMU


def line_of(data: bytes) -> str | None:
	kind = KINDS.get(data[0] % FUNCTIONS) if data else None
	if not kind or len(data) <= BEFORE:
		return None
	words = struct.unpack("<2Q", data[BEFORE:BEFORE + 16].ljust(16, b"\0"))
	return f"{kind} {words[0]:#018x} {words[1]:#018x}"


def main() -> int:
	files = [file for name in sys.argv[1:] for file in Path(name).iterdir()]
	print("\n".join(sorted({line for file in files if (line := line_of(file.read_bytes()))})))
	return 0


if __name__ == "__main__":
	sys.exit(main())
