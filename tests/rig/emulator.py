# SPDX-License-Identifier: MIT
"""QEMU and its firmware from one Debian suite, whatever suite the host runs."""

from dataclasses import dataclass
from pathlib import Path

from aptroot import AptRoot, Host
from host import Failure, run

SUITE = "trixie"
PACKAGES = ("qemu-system-arm", "qemu-efi-aarch64")


@dataclass(frozen=True)
class Emulator:
	command: tuple[str, ...]
	firmware: Path
	version: str


def emulator(host: Host) -> Emulator:
	apt = AptRoot(SUITE, host.arch, host)
	usr = apt.unpacked("qemu", apt.closure(*PACKAGES)) / "usr"
	loaders = [*usr.glob("lib64/ld-linux-*.so.*"), *usr.glob("lib/ld-linux-*.so.*")]
	libraries = list(usr.glob("lib/*-linux-gnu"))
	if not loaders or not libraries:
		raise Failure(f"no C library in {usr}")
	command = (str(loaders[0]), "--library-path", ":".join(map(str, libraries)),
		   str(usr / "bin/qemu-system-aarch64"), "-L", str(usr / "share/qemu"))
	version = run(*command, "--version").splitlines()[0]
	return Emulator(command, usr / "share/qemu-efi-aarch64/QEMU_EFI.fd", version)
