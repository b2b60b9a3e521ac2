# SPDX-License-Identifier: MIT
"""The newest Linux kernel of Debian, built for the rig's machines with as little in it as they need."""

import os
import shutil
from pathlib import Path

from aptroot import AptRoot, Host
from host import Failure, RIG, cache, digest, keep_only, log, pipe, produce, require, run

SUITE = "trixie-backports"
SOURCE_PACKAGE = r"linux-source-\d+\.\d+"
CROSS = "aarch64-linux-gnu-"
FRAGMENT = RIG / "kernel.config"
# A KVM guest's kernel alone, with pages of 64K.
FRAGMENT_64K = RIG / "kernel-64k.config"
KEPT_KERNELS = 3


def image(host: Host, fragment: Path = FRAGMENT) -> Path:
	"""The kernel image of the newest source, this fragment and this compiler."""
	require(CROSS + "gcc")
	root = AptRoot(SUITE, host.arch, host)
	files = root.files(root.newest(SOURCE_PACKAGE))
	compiler = run(CROSS + "gcc", "-dumpfullversion", "-dumpmachine")
	path = cache() / fragment.stem / digest(files[0], fragment.read_text(), compiler)

	def make(directory: Path) -> None:
		require("make", "flex", "bison", "bc", "perl", "tar", "xz", "gcc")
		source = directory / "source"
		unpack(root.fetch(files)[0], source)
		build(source, directory / "build", directory, fragment)
		shutil.rmtree(source)
		shutil.rmtree(directory / "build")

	produce(path, make)
	keep_only(path, KEPT_KERNELS)
	return path / "Image"


def unpack(deb: Path, directory: Path) -> None:
	log.info("unpacking %s", deb.name)
	directory.mkdir()
	listing = run("dpkg-deb", "--contents", deb)
	archive = next(word for word in listing.split() if word.endswith(".tar.xz"))
	pipe('dpkg-deb --fsys-tarfile "$1" | tar -x --to-stdout "$2" | tar -xJ --strip-components=1 -C "$3"',
	     deb, archive, directory)


def build(source: Path, output: Path, results: Path, fragment: Path) -> None:
	output.mkdir()
	make = ["make", "-s", "-C", source, f"O={output}", "ARCH=arm64", f"CROSS_COMPILE={CROSS}"]
	environment = os.environ | {"KCONFIG_ALLCONFIG": str(fragment)}
	run(*make, "allnoconfig", env=environment)
	check(output / ".config", fragment)
	log.info("building the kernel of %s, this takes some minutes", fragment.name)
	run(*make, f"-j{os.cpu_count()}", "Image")
	shutil.copy(output / "arch/arm64/boot/Image", results / "Image")
	shutil.copy(output / ".config", results / "config")


def check(config: Path, fragment: Path) -> None:
	have = set(config.read_text().splitlines())
	wanted = [line for line in fragment.read_text().splitlines() if line.startswith("CONFIG_")]
	lost = [line for line in wanted if line not in have]
	if lost:
		raise Failure("the kernel's configuration lost: " + ", ".join(lost))


def headers(host: Host) -> Path:
	"""The include directory of the newest kernel's user-space headers."""
	root = AptRoot(SUITE, host.arch, host)
	return root.unpacked("headers", root.files("linux-libc-dev")) / "usr" / "include"
