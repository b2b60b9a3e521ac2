# SPDX-License-Identifier: MIT
"""arm64 libraries of the host's own suite, so that they fit the host's cross compiler."""

from pathlib import Path

from aptroot import AptRoot, Host

TRIPLET = "aarch64-linux-gnu"
PACKAGES = ("libc6", "libjansson-dev", "libudev-dev", "libnl-3-dev", "libnl-route-3-dev", "libfdt-dev",
	    "busybox-static")


def sysroot(host: Host) -> Path:
	apt = AptRoot(host.suite, "arm64", host)
	return apt.unpacked("sysroot", apt.closure(*PACKAGES))


def libraries(root: Path) -> Path:
	return root / "usr/lib" / TRIPLET
