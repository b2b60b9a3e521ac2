# SPDX-License-Identifier: MIT
"""QEMU and its firmware from one Debian suite, whatever suite the host runs."""

from dataclasses import dataclass
from pathlib import Path

from aptroot import AptRoot, Host, program
from host import run

SUITE = "trixie"
PACKAGES = ("qemu-system-arm", "qemu-efi-aarch64")


@dataclass(frozen=True)
class Emulator:
	command: tuple[str, ...]
	firmware: Path
	version: str


def emulator(host: Host) -> Emulator:
	apt = AptRoot(SUITE, host.arch, host)
	root = apt.unpacked("qemu", apt.closure(*PACKAGES))
	share = root / "usr/share"
	command = (*program(root, "usr/bin/qemu-system-aarch64"), "-L", str(share / "qemu"))
	version = run(*command, "--version").splitlines()[0]
	return Emulator(command, share / "qemu-efi-aarch64/QEMU_EFI.fd", version)
