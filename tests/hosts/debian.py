# SPDX-License-Identifier: MIT
"""Programs of a newer Debian than the machine's, unpacked beside it as the rig does."""

import pathlib
import sys

import place

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "rig"))

import aptroot  # noqa: E402
import host  # noqa: E402

# The first suites with udevadm verify (systemd 254).
SYSTEMD = "trixie"
# A whole system: the packages to boot, and those that its units and the command need.
SYSTEM = ("systemd", "udev", "dash", "grep", "libc-bin", "bash", "coreutils", "util-linux", "mount", "libjansson4", "libseccomp2", "libudev1",
	"libnl-3-200", "libnl-route-3-200")


def files(suite, *packages):
	"""The contents of these packages, without dependencies."""
	return unpacked(suite, packages, lambda root: root.files(*packages))


def closure(suite, *packages):
	"""A tree of these packages and all their dependencies."""
	return unpacked(suite, packages, lambda root: root.closure(*packages))


def unpacked(suite, packages, select):
	try:
		machine = aptroot.Host()
		root = aptroot.AptRoot(suite, machine.arch, machine)
		return root.unpacked(f"hosts-{suite}-{packages[0]}", select(root))
	except host.Missing as missing:
		return place.skip_or_fail(str(missing))


def program(path):
	"""The command that starts a program of SYSTEM; systemd's have a library of their own."""
	loader, option, libraries, *rest = aptroot.program(closure(SYSTEMD, *SYSTEM), path)
	more = [f"{directory}/systemd" for directory in libraries.split(":")]
	return loader, option, ":".join([libraries, *more]), *rest
