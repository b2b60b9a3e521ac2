# SPDX-License-Identifier: MIT
"""The project itself, built for the rig's machines and installed into a directory."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aptroot import Host
from host import SOURCE, cache, digest, locked, log, require, run
from sysroot import TRIPLET, libraries, sysroot

CROSS_FILE = """\
[binaries]
c = '{triplet}-gcc'
ar = '{triplet}-ar'
strip = '{triplet}-strip'
pkgconfig = 'pkg-config'

[properties]
pkg_config_libdir = ['{libraries}/pkgconfig', '{root}/usr/share/pkgconfig']
sys_root = '{root}'
needs_exe_wrapper = true

[built-in options]
c_args = ['-idirafter', '{root}/usr/include']
c_link_args = ['-L{libraries}', '-Wl,-rpath-link,{libraries}']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
"""
PROGRAMS = "tests/rig/programs"


@dataclass(frozen=True)
class Build:
	root: Path
	installed: Path
	programs: Path


@contextlib.contextmanager
def built(host: Host) -> Iterator[Build]:
	"""Builds what changed in this source tree since the last time; nobody else does inside the block."""
	require("meson", "ninja", "pkg-config", f"{TRIPLET}-gcc", "readelf")
	root = sysroot(host)
	directory = cache() / "build" / digest(SOURCE)
	directory.mkdir(parents=True, exist_ok=True)
	cross_file = directory / "cross.ini"
	tree, installed = directory / "tree", directory / "installed"
	text = CROSS_FILE.format(triplet=TRIPLET, root=root, libraries=libraries(root))
	with locked(directory):
		if not cross_file.exists() or cross_file.read_text() != text or not (tree / "build.ninja").exists():
			log.info("configuring the project for %s", TRIPLET)
			shutil.rmtree(tree, ignore_errors=True)
			cross_file.write_text(text)
			run("meson", "setup", "--cross-file", cross_file, "--prefix=/usr", "--libdir=lib",
			    "--wrap-mode=nodownload", tree, SOURCE, env=environment())
		log.info("building the project for %s", TRIPLET)
		run("ninja", "-C", tree, env=environment())
		shutil.rmtree(installed, ignore_errors=True)
		run("meson", "install", "-C", tree, "--no-rebuild", "--quiet", "--strip", "--destdir", installed,
		    env=environment())
		yield Build(root, installed, tree / PROGRAMS)


def environment() -> dict[str, str]:
	"""Without what a surrounding build may have set for its own compiler."""
	ours = ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "AR", "STRIP", "DESTDIR", "MAKEFLAGS", "PKG_CONFIG_PATH",
		"PKG_CONFIG_LIBDIR")
	return {key: value for key, value in os.environ.items() if key not in ours}
