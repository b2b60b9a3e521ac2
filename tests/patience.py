#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a test, or anything that a test runs, may take before it counts as hanging: the one setting for all tests.

No verdict depends on the speed or the load of a machine, so this is far more than anything needs. Meson runs this file
to get it.
"""

import signal

SECONDS = 1800


def heed_signals():
	"""Programs that a test starts heed the signals that end programs, even if the test's parent ignores them (nohup)."""
	for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
		if signal.getsignal(number) == signal.SIG_IGN:
			signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
	print(SECONDS)
