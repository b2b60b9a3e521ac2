#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a test, or anything that a test runs, may take until it counts as hanging: the one setting of all tests.

No verdict depends on the speed or the load of a machine, so this is far more than anything needs. Meson asks for it by
running this file.
"""

SECONDS = 1800

if __name__ == "__main__":
	print(SECONDS)
