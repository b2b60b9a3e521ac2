# SPDX-License-Identifier: MIT
"""The initrd of a machine: busybox, the project with the libraries it needs, the source's jobs."""

import re
import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from cpio import Archive
from crossbuild import PROGRAMS, Build
from host import RIG, SOURCE, Failure, run
from sysroot import libraries

GUEST_SOURCE = "src"
GUEST_SCRIPTS = "tests/rig/guest"
GUEST_PROGRAMS = ("guest_bar", "guest_dma_map", "guest_unmap", "wire")
GUEST_COMMAND = ("usr/bin/iommuctl", "usr/lib/libiommuctl*.so.*")
SOURCE_TREES = ("examples", "tests/rig/jobs", PROGRAMS)


def system(build: Build) -> bytes:
	"""The archive with everything but the cases."""
	archive = Archive()
	for name in ("proc", "sys", "dev", "root", "usr/bin", GUEST_SOURCE):
		archive.directory(name)
	archive.character_device("dev/console", 5, 1)
	archive.file("init", (RIG / "init").read_bytes(), executable=True)
	archive.file("bin/busybox", (build.root / "usr/bin/busybox").read_bytes(), executable=True)
	archive.link("bin/sh", "busybox")
	for tree in SOURCE_TREES:
		add_files(archive, sorted((SOURCE / tree).rglob("*")), SOURCE, GUEST_SOURCE)
	binaries = add_files(archive, sorted(build.installed.rglob("*")), build.installed, "")
	binaries += add_files(archive, sorted(build.programs.glob("*")), build.programs, f"{GUEST_SOURCE}/{PROGRAMS}")
	add_libraries(archive, build, binaries)
	return archive.finish()


def guest(build: Build, kernels: Mapping[str, Path]) -> bytes:
	"""The archive with the boot files of a KVM guest of the machine: these kernels, and an initrd of its own."""
	system = Archive()
	for name in ("proc", "sys", "dev", "tmp"):
		system.directory(name)
	system.character_device("dev/console", 5, 1)
	system.file("init", (RIG / "guest-init").read_bytes(), executable=True)
	system.file("bin/busybox", (build.root / "usr/bin/busybox").read_bytes(), executable=True)
	system.link("bin/sh", "busybox")
	add_files(system, sorted((SOURCE / GUEST_SCRIPTS).iterdir()), SOURCE / GUEST_SCRIPTS, "guest")
	command = [path for pattern in GUEST_COMMAND for path in sorted(build.installed.glob(pattern))]
	programs = add_files(system, command, build.installed, "")
	programs += add_files(system, [build.programs / name for name in GUEST_PROGRAMS], build.programs, "usr/bin")
	add_libraries(system, build, programs)
	archive = Archive()
	for name, kernel in kernels.items():
		archive.file(f"guest/{name}", kernel.read_bytes())
	archive.file("guest/initrd", system.finish())
	return archive.finish()


def cases(commands: Mapping[str, Sequence[str]]) -> bytes:
	"""The archive that tells the guest what to run, in this order."""
	archive = Archive()
	for name, command in commands.items():
		archive.file(f"rig/cases/{name}/run", f"exec {shlex.join(command)}\n".encode())
	archive.file("rig/order", "".join(f"{name}\n" for name in commands).encode())
	return archive.finish()


def add_files(archive: Archive, paths: Sequence[Path], base: Path, place: str) -> list[Path]:
	"""Adds the files and links among `paths`, and returns the ELF files."""
	binaries = []
	for path in paths:
		name = f"{place}/{path.relative_to(base)}"
		if path.is_symlink():
			archive.link(name, str(path.readlink()))
		elif path.is_file():
			content = path.read_bytes()
			archive.file(name, content, bool(path.stat().st_mode & stat.S_IXUSR))
			if content.startswith(b"\x7fELF"):
				binaries.append(path)
	return binaries


def add_libraries(archive: Archive, build: Build, binaries: Sequence[Path]) -> None:
	"""Adds the loader and each library that these binaries name, and those that the libraries name."""
	present = {Path(name).name for name in archive.names}
	queue = list(binaries)
	while queue:
		headers = run("readelf", "-dl", "-W", queue.pop())
		for loader in re.findall(r"program interpreter: (/\S+)\]", headers):
			archive.file(loader, (build.root / loader.lstrip("/")).read_bytes(), executable=True)
		for name in re.findall(r"\(NEEDED\).*\[(.+)\]", headers):
			if name in present or name.startswith("ld-linux"):
				continue
			library = libraries(build.root, build.architecture) / name
			if not library.exists():
				raise Failure(f"{name} is needed, but it is not in {library.parent}")
			archive.file(f"usr/lib/{build.architecture.triplet}/{name}", library.read_bytes(), executable=True)
			present.add(name)
			queue.append(library)
