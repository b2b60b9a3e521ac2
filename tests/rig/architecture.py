# SPDX-License-Identifier: MIT
"""The architectures that the project is built for here, as compilers, packages, kernel and emulator name them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
	debian: str # of packages
	triplet: str # of directories of libraries
	meson: str # the family of CPUs
	kernel: str # ARCH of its Makefile
	qemu: str # behind qemu-system- and qemu-
	compiler: str # before -gcc
	endian: str = "little"


ARM64 = Architecture("arm64", "aarch64-linux-gnu", "aarch64", "arm64", "aarch64", "aarch64-linux-gnu")
X86_64 = Architecture("amd64", "x86_64-linux-gnu", "x86_64", "x86_64", "x86_64", "x86_64-linux-gnu")
# Not machines of the rig: their programs run in qemu-user, or on the processor if it can run them.
I386 = Architecture("i386", "i386-linux-gnu", "x86", "x86", "i386", "i686-linux-gnu")
S390X = Architecture("s390x", "s390x-linux-gnu", "s390x", "s390", "s390x", "s390x-linux-gnu", "big")
