# SPDX-License-Identifier: MIT
"""Libraries from the host's own suite for an architecture, so that they fit the host's cross compiler."""

from pathlib import Path

from aptroot import AptRoot, Host
from architecture import Architecture

PACKAGES = ("libc6", "libjansson-dev", "libseccomp-dev", "libudev-dev", "libfdt-dev",
	    "busybox-static")


def sysroot(host: Host, architecture: Architecture) -> Path:
	apt = AptRoot(host.suite, architecture.debian, host)
	return apt.unpacked(f"sysroot-{architecture.debian}", apt.closure(*PACKAGES))


def libraries(root: Path, architecture: Architecture) -> Path:
	return root / "usr/lib" / architecture.triplet
