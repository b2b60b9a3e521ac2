# SPDX-License-Identifier: MIT
"""QEMU and its firmware from Debian, whatever suite the host runs."""

from dataclasses import dataclass
from pathlib import Path

from aptroot import AptRoot, Host, program
from architecture import ARM64, X86_64, Architecture
from host import run

SUITES = {
	"stable": ("trixie",),
	# Supports machines with several SMMUs, and guest SMMUs that are nested in the host's.
	"newest": ("trixie-backports", "trixie"),
}


@dataclass(frozen=True)
class Packages:
	names: tuple[str, ...]
	firmware: str # that is asked for; without, the machine has its own
	directories: tuple[str, ...] # with firmware, of /usr/share


PACKAGES = {
	ARM64: Packages(("qemu-system-arm", "qemu-efi-aarch64"), "qemu-efi-aarch64/QEMU_EFI.fd", ("qemu",)),
	X86_64: Packages(("qemu-system-x86", "seabios"), "", ("qemu", "seabios")),
}


@dataclass(frozen=True)
class Emulator:
	command: tuple[str, ...]
	version: str


def unpacked(host: Host, which: str, emulated: Architecture, runs_on: str) -> Path:
	suite, *beside = SUITES[which]
	apt = AptRoot(suite, runs_on, host, beside)
	return apt.unpacked(f"qemu-{emulated.qemu}-{which}-{runs_on}", apt.closure(*PACKAGES[emulated].names))


def emulator(host: Host, which: str, emulated: Architecture) -> Emulator:
	root = unpacked(host, which, emulated, host.arch)
	packages = PACKAGES[emulated]
	share = root / "usr/share"
	command = program(root, f"usr/bin/qemu-system-{emulated.qemu}")
	version = run(*command, "--version").splitlines()[0]
	places = [argument for name in packages.directories for argument in ("-L", str(share / name))]
	firmware = ("-bios", str(share / packages.firmware)) if packages.firmware else ()
	return Emulator((*command, *places, *firmware), version)
