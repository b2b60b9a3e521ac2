# SPDX-License-Identifier: MIT
"""The project itself, built for the rig's machines and installed into a directory."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aptroot import Host
from architecture import Architecture
from host import SOURCE, cache, digest, locked, log, require, run
from sysroot import libraries, sysroot

CROSS_FILE = """\
[binaries]
c = '{compiler}-gcc'
ar = '{compiler}-ar'
strip = '{compiler}-strip'
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
cpu_family = '{cpu}'
cpu = '{cpu}'
endian = '{endian}'
"""
PROGRAMS = "tests/rig/programs"


@dataclass(frozen=True)
class Build:
	architecture: Architecture
	root: Path
	installed: Path
	programs: Path


def configure(directory: Path, root: Path, architecture: Architecture, *options: str, more: str = "") -> Path:
	"""The build tree in a locked directory, set up anew if it was for something else; `more` is a second cross file."""
	require("meson", "ninja", "pkg-config", f"{architecture.compiler}-gcc")
	tree, cross_file, second = directory / "tree", directory / "cross.ini", directory / "more.ini"
	text = CROSS_FILE.format(compiler=architecture.compiler, cpu=architecture.meson, endian=architecture.endian,
				 root=root, libraries=libraries(root, architecture))
	texts = {cross_file: text, second: more}
	if any(not path.exists() or path.read_text() != text for path, text in texts.items()) or not (tree / "build.ninja").exists():
		log.info("configuring the project for %s", architecture.triplet)
		shutil.rmtree(tree, ignore_errors=True)
		for path, text in texts.items():
			path.write_text(text)
		run("meson", "setup", "--cross-file", cross_file, "--cross-file", second, "--wrap-mode=nodownload",
		    *options, tree, SOURCE, env=environment())
	return tree


@contextlib.contextmanager
def built(host: Host, architecture: Architecture) -> Iterator[Build]:
	"""Builds what has changed in this source tree; nobody else builds inside the block."""
	require("readelf")
	root = sysroot(host, architecture)
	directory = cache() / "build" / digest(SOURCE, architecture.triplet)
	directory.mkdir(parents=True, exist_ok=True)
	installed = directory / "installed"
	with locked(directory):
		tree = configure(directory, root, architecture, "--prefix=/usr", "--libdir=lib")
		log.info("building the project for %s", architecture.triplet)
		run("ninja", "-C", tree, env=environment())
		shutil.rmtree(installed, ignore_errors=True)
		run("meson", "install", "-C", tree, "--no-rebuild", "--quiet", "--strip", "--destdir", installed,
		    env=environment())
		yield Build(architecture, root, installed, tree / PROGRAMS)


def environment() -> dict[str, str]:
	"""The environment without settings of a surrounding build for its own compiler."""
	ours = ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "AR", "STRIP", "DESTDIR", "MAKEFLAGS", "PKG_CONFIG_PATH",
		"PKG_CONFIG_LIBDIR")
	return {key: value for key, value in os.environ.items() if key not in ours}
