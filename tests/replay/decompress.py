#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""decompress.py FROM TO: undoes what xz did."""

import lzma
import pathlib
import sys

pathlib.Path(sys.argv[2]).write_bytes(lzma.decompress(pathlib.Path(sys.argv[1]).read_bytes()))
