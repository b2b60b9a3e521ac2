# SPDX-License-Identifier: MIT
"""Makes a C source of a file: embed.py FILE NAME, whose text becomes the string NAME."""

import pathlib
import sys

data = pathlib.Path(sys.argv[1]).read_bytes()
# Numbers, as the longest literal that C promises is shorter than a schema.
print(f'#include "output/results_schema.h"\n\nconst char {sys.argv[2]}[] = {{')
for start in range(0, len(data), 16):
	print("\t" + " ".join(f"{byte}," for byte in data[start:start + 16]))
print("\t0,\n};")
