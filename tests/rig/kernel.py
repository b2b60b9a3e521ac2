# SPDX-License-Identifier: MIT
"""Linux kernels from Debian's sources, built for the rig's machines with only the options they need."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aptroot import AptRoot, Host
from architecture import ARM64, X86_64, Architecture
from host import Failure, Missing, RIG, cache, digest, keep_only, log, pipe, produce, require, run

KEPT_KERNELS = 3
# Found only in the kernel's source: the header of its own test device, and its tests.
PRIVATE_HEADER = "drivers/iommu/iommufd/iommufd_test.h"
SELFTESTS = "tools/testing/selftests"
PRIVATE = (PRIVATE_HEADER, f"{SELFTESTS}/kselftest*.h", f"{SELFTESTS}/iommu/*")


@dataclass(frozen=True)
class Source:
	"""A kernel's source in a suite of Debian."""
	suite: str
	package: str # a pattern of packages that bring the source, of which the newest does; with versions the source package
	versions: str = "" # a pattern: the newest that matches. Sources stay as long as packages that were built of them do

	def find(self, host: Host) -> tuple[str, Callable[[], Path]]:
		"""The name of its archive, which contains the version, and the function that fetches it."""
		if self.versions:
			sources = AptRoot(self.suite, host.arch, host, kind="deb-src")
			wanted = sources.newest_source(self.package, self.versions)
			return wanted, lambda: sources.fetch_source(wanted)
		root = AptRoot(self.suite, host.arch, host)
		files = root.files(root.newest(self.package))
		return files[0], lambda: root.fetch(files)[0]


NEWEST = Source("trixie-backports", r"linux-source-\d+\.\d+")


@dataclass(frozen=True)
class Kernel:
	name: str # of its directory in the cache
	architecture: Architecture
	target: str # of its Makefile
	result: str # the file that a machine starts
	fragments: tuple[str, ...] # files beside this one, each with a part of its configuration
	headers: tuple[str, ...] = () # what its own tools are compiled with
	source: Source = NEWEST

	def wanted(self) -> list[str]:
		"""The requested lines of its configuration."""
		texts = [(RIG / name).read_text() for name in self.fragments]
		return [line for text in texts for line in text.splitlines() if line.startswith("CONFIG_")]


COMMON = "kernel.config"
ARM64_4K = Kernel("kernel", ARM64, "Image", "arch/arm64/boot/Image", (COMMON, "kernel-arm64.config"))
# Only for a KVM guest: a kernel with pages of 64K.
ARM64_64K = Kernel("kernel-64k", ARM64, "Image", "arch/arm64/boot/Image", ("kernel-64k.config",))
# Kernels of today's hosts, which lack later features. Debian's own binaries do not help: they are built without iommufd.
OLDER = "kernel-older.config"
LINUX_6_12 = Kernel("kernel-6.12", ARM64, "Image", "arch/arm64/boot/Image", (OLDER,),
		    source=Source("trixie", r"linux-source-6\.12"))
LINUX_6_18 = Kernel("kernel-6.18", ARM64, "Image", "arch/arm64/boot/Image", (OLDER, "kernel-6.18.config"),
		    source=Source("trixie-backports", "linux", r"6\.18\..*"))
X86 = Kernel("kernel-x86", X86_64, "vmlinux", "vmlinux", (COMMON, "kernel-x86.config"), ("gelf.h",))


def image(host: Host, kernel: Kernel) -> Path:
	"""The kernel image of this source, this configuration and this compiler."""
	compiler = f"{kernel.architecture.triplet}-gcc"
	require(compiler)
	name, fetch = kernel.source.find(host)
	version = run(compiler, "-dumpfullversion", "-dumpmachine")
	path = cache() / kernel.name / digest(name, *kernel.wanted(), version)

	def make(directory: Path) -> None:
		require("make", "flex", "bison", "bc", "perl", "tar", "xz", "gcc")
		require_headers(*kernel.headers)
		source = directory / "source"
		unpack(fetch(), source)
		build(source, directory / "build", directory, kernel)
		shutil.rmtree(source)
		shutil.rmtree(directory / "build")

	produce(path, make)
	keep_only(path, KEPT_KERNELS)
	return path / kernel.target


def require_headers(*names: str) -> None:
	for name in names:
		try:
			run("gcc", "-E", "-include", name, "-x", "c", "/dev/null")
		except Failure:
			raise Missing(f"missing on this machine: the header {name}") from None


def private(host: Host) -> Path:
	"""The PRIVATE part of the newest kernel's source."""
	name, fetch = NEWEST.find(host)
	path = cache() / "private" / digest(name, *PRIVATE)

	def make(directory: Path) -> None:
		require("tar", "xz")
		unpack(fetch(), directory / "source", *(f"*/{pattern}" for pattern in PRIVATE))

	produce(path, make)
	keep_only(path, KEPT_KERNELS)
	return path / "source"


def unpack(source: Path, directory: Path, *members: str) -> None:
	"""Unpacks a package with an archive of the source in it, or such an archive."""
	log.info("unpacking %s", source.name)
	directory.mkdir()
	members = members or ("*",)
	if source.suffix != ".deb":
		pipe('tar -xJ --strip-components=1 -C "$2" --wildcards "${@:3}" < "$1"', source, directory, *members)
		return
	listing = run("dpkg-deb", "--contents", source)
	archive = next(word for word in listing.split() if word.endswith(".tar.xz"))
	pipe('dpkg-deb --fsys-tarfile "$1" | tar -x --to-stdout "$2" | '
	     'tar -xJ --strip-components=1 -C "$3" --wildcards "${@:4}"', source, archive, directory, *members)


def build(source: Path, output: Path, results: Path, kernel: Kernel) -> None:
	triplet = kernel.architecture.triplet
	output.mkdir()
	make = ["make", "-s", "-C", source, f"O={output}", f"ARCH={kernel.architecture.kernel}", f"CROSS_COMPILE={triplet}-"]
	wanted = output / "wanted"
	wanted.write_text("".join(f"{line}\n" for line in kernel.wanted()))
	run(*make, "allnoconfig", env=os.environ | {"KCONFIG_ALLCONFIG": str(wanted)})
	check(output / ".config", kernel)
	log.info("building %s, this takes some minutes", kernel.name)
	run(*make, f"-j{os.cpu_count()}", kernel.target)
	shutil.copy(output / kernel.result, results / kernel.target)
	shutil.copy(output / ".config", results / "config")


def check(config: Path, kernel: Kernel) -> None:
	have = set(config.read_text().splitlines())
	lost = [line for line in kernel.wanted() if line not in have]
	if lost:
		raise Failure("the kernel's configuration lost: " + ", ".join(lost))


def headers(host: Host) -> Path:
	"""The include directory of the newest kernel's user-space headers."""
	root = AptRoot(NEWEST.suite, host.arch, host)
	return root.unpacked("headers", root.files("linux-libc-dev")) / "usr" / "include"
