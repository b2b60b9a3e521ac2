# SPDX-License-Identifier: MIT
"""QEMU and its firmware from Debian, whatever suite the host runs."""

from dataclasses import dataclass
from pathlib import Path

from aptroot import AptRoot, Host, program
from host import run

PACKAGES = ("qemu-system-arm", "qemu-efi-aarch64")
SUITES = {
	"stable": ("trixie",),
	# Knows machines with several SMMUs, and gives a guest an SMMU that the host's translates for.
	"newest": ("trixie-backports", "trixie"),
}


@dataclass(frozen=True)
class Emulator:
	command: tuple[str, ...]
	firmware: Path
	version: str


def unpacked(host: Host, which: str, arch: str) -> Path:
	suite, *beside = SUITES[which]
	apt = AptRoot(suite, arch, host, beside)
	return apt.unpacked(f"qemu-{which}-{arch}", apt.closure(*PACKAGES))


def emulator(host: Host, which: str) -> Emulator:
	root = unpacked(host, which, host.arch)
	share = root / "usr/share"
	command = (*program(root, "usr/bin/qemu-system-aarch64"), "-L", str(share / "qemu"))
	version = run(*command, "--version").splitlines()[0]
	return Emulator(command, share / "qemu-efi-aarch64/QEMU_EFI.fd", version)
