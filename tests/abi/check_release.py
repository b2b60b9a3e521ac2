#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the ABI of the build with that of the last release, which released/ has by library and version.

  check_release.py compare --version VERSION LIBRARY   nothing that programs were built with has changed
  check_release.py dump --version VERSION LIBRARY      writes the dump for later builds to compare with

Additions are reported. A version without a dump fails: then make the dump of that version, which fixes the content
of the release. Only declarations of the public headers count.
Exit status: 0 done, 1 not, 77 skipped, with the reason printed.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

RELEASED = Path(__file__).resolve().parent / "released"
FAILED, SKIPPED = 1, 77
# The dump leaves out what is not ABI, or depends on the machine that makes it.
DUMP_OPTIONS = ["--exported-interfaces-only", "--no-architecture", "--no-corpus-path", "--no-comp-dir-path",
		"--no-elf-needed", "--no-parameter-names", "--no-write-default-sizes"]
PUBLIC = re.compile(r"(^|/)include/iommuctl/")
PLACE = ("filepath", "line", "column")
ELF_64_BITS_LITTLE_ENDIAN = b"\x7fELF\x02\x01"
# Bits of what abidiff(1) exits with.
ERROR, USAGE, CHANGED = 1, 2, 4


class Stop(Exception):
	def __init__(self, status, reason):
		super().__init__(reason)
		self.status = status


def run(*command):
	return subprocess.run([str(word) for word in command], text=True, check=False, capture_output=True)


def require(library):
	absent = [tool for tool in ("abidw", "abidiff", "readelf") if not shutil.which(tool)]
	if absent:
		raise Stop(SKIPPED, f'missing on this machine: {", ".join(absent)}')
	with library.open("rb") as file:
		if file.read(6) != ELF_64_BITS_LITTLE_ENDIAN:
			raise Stop(SKIPPED, "the dumps are of 64 bits, little-endian")
	if ".debug_info" not in run("readelf", "-SW", library).stdout:
		raise Stop(SKIPPED, f"{library} has no debug information")


def stem(library):
	return library.name.split(".so")[0]


def is_private(declaration):
	"""Programs know only the name of a type that no public header has."""
	return declaration.tag in ("class-decl", "union-decl") and not PUBLIC.search(declaration.get("filepath", ""))


def make_opaque(declaration):
	for child in list(declaration):
		declaration.remove(child)
	declaration.attrib.pop("size-in-bits", None)
	declaration.set("is-declaration-only", "yes")


def reachable(declarations):
	"""The functions and variables, and the types reachable from them, in their order."""
	by_id = {each.get("id"): each for each in declarations if each.get("id")}
	open_ends = [each for each in declarations if not each.get("id")]
	reached = set(map(id, open_ends))
	while open_ends:
		names = {part.get("type-id") for part in open_ends.pop().iter()}
		found = [by_id[name] for name in names & by_id.keys() if id(by_id[name]) not in reached]
		reached |= set(map(id, found))
		open_ends += found
	return [each for each in declarations if id(each) in reached]


def public_abi(library):
	"""The dump of abidw(1) in one part, without private headers and source locations."""
	done = run("abidw", *DUMP_OPTIONS, library)
	if done.returncode:
		raise Stop(FAILED, done.stdout + done.stderr)
	corpus = ElementTree.fromstring(done.stdout)
	units = corpus.findall("abi-instr")
	declarations = [each for unit in units for each in unit]
	for each in filter(is_private, declarations):
		make_opaque(each)
	kept = ElementTree.SubElement(corpus, "abi-instr", units[0].attrib | {"path": stem(library)})
	kept.extend(reachable(declarations))
	for unit in units:
		corpus.remove(unit)
	for part in kept.iter():
		for key in PLACE:
			part.attrib.pop(key, None)
	ElementTree.indent(corpus, "\t")
	return ElementTree.tostring(corpus, encoding="unicode") + "\n"


def write_dump(library, version, dumps):
	dumps.mkdir(exist_ok=True)
	for old in dumps.glob(stem(library) + "-[0-9]*.abi"):
		old.unlink()
	(dumps / f"{stem(library)}-{version}.abi").write_text(public_abi(library))


def differences(old, new, *options):
	done = run("abidiff", "--no-architecture", "--harmless", *options, old, new)
	if done.returncode & (ERROR | USAGE):
		raise Stop(FAILED, done.stdout + done.stderr)
	return done.stdout if done.returncode & CHANGED else ""


def compare(library, version, dumps):
	found = list(dumps.glob(stem(library) + "-[0-9]*.abi"))
	if len(found) != 1:
		raise Stop(FAILED, f"{stem(library)} has {len(found)} dumps instead of one")
	released = found[0]
	again = f"tests/abi/{Path(__file__).name} dump --version {version} {library}"
	with tempfile.TemporaryDirectory() as directory:
		built = Path(directory) / f"{stem(library)}.abi"
		built.write_text(public_abi(library))
		incompatible = differences(released, built, "--no-added-syms")
		added = differences(released, built)
	if incompatible:
		raise Stop(FAILED, f"{incompatible}\nPrograms that were built with {released.name} expect something else. "
			   f"If that is intended, before a release or with a new soname: {again}")
	if released.name != f"{stem(library)}-{version}.abi":
		raise Stop(FAILED, f"{added}\n{released.name} is not for {version}: {again}")
	print(added or f"{library.name} agrees with {released.name}")


def main():
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("do", choices=["compare", "dump"])
	parser.add_argument("--version", required=True)
	parser.add_argument("--dumps", type=Path, default=RELEASED, help="their directory (default: %(default)s)")
	parser.add_argument("library", type=Path)
	args = parser.parse_args()
	try:
		require(args.library)
		{"compare": compare, "dump": write_dump}[args.do](args.library, args.version, args.dumps)
	except Stop as stop:
		print(stop)
		return FAILED if stop.status == SKIPPED and os.environ.get("CI") == "true" else stop.status
	return 0


if __name__ == "__main__":
	sys.exit(main())
