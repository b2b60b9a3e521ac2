#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the public headers, the symbol map and the built library with each other.

symbols: the headers declare, the map exports and the library defines the same functions, each since the version of
its node, and iommuctl.h includes every header. --without leaves out headers of another library, --only takes no others.
headers: every header compiles on its own, as C11 or C++17, with the given compiler.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "man"))
from headers import read_header

SKIPPED = 77
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror")


class Missing(Exception):
	"""This machine cannot perform the check."""


def mapped_symbols(path):
	text = re.sub(r"/\*.*?\*/|^#.*?$", "", path.read_text(encoding="utf-8"),
				  flags=re.DOTALL | re.MULTILINE)
	for node, body in re.findall(r"(\w[\w.]*)\s*\{(.*?)\}", text, re.DOTALL):
		exported = body.split("local:")[0].replace("global:", "")
		for name in re.findall(r"[\w*?]+", exported):
			yield name, node


def version_of(node):
	"""The version of the project that added a node of the map: LIBIOMMUCTL_0.1."""
	return node.rpartition("_")[2]


def is_archive(library):
	return library.suffix == ".a"


def library_symbols(nm, library):
	"""The symbols that others can link to, and their nodes: an archive has none."""
	wanted = ["--extern-only"] if is_archive(library) else ["--dynamic", "--with-symbol-versions"]
	command = [nm, "--defined-only", *wanted, str(library)]
	lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
	for line in lines.splitlines():
		fields = line.split()
		if len(fields) < 3 or fields[-2] == "A":
			continue
		name, _, node = fields[-1].partition("@")
		yield name, node.lstrip("@")


def compare(what, left, right):
	return [f"{what}: {name}" for name in sorted(set(left) - set(right))]


def check_library(nm, library, mapped):
	names = [name for name, _ in mapped]
	defined = dict(library_symbols(nm, library))
	problems = compare(f"in the map, but not in {library.name}", names, defined)
	problems += compare(f"in {library.name}, but not in the map", defined, names)
	if not is_archive(library):
		problems += [f"{name}: in {defined[name]} instead of {node}" for name, node in mapped
					 if name in defined and defined[name] != node]
	return problems


def check_symbols(args, headers):
	problems = []
	declared, since = {}, {}
	own = [header for header in headers
		   if header.name not in args.without and (not args.only or header.name in args.only)]
	for header in own:
		text = header.read_text(encoding="utf-8")
		for function in read_header(header.name, text).functions:
			if function.name in declared:
				problems.append(f"{header.name}: {function.name} is declared twice")
			declared[function.name] = header
			since[function.name] = function.doc.parts.get("Since")
	umbrella = (args.headers / "iommuctl.h").read_text(encoding="utf-8")
	for header in own if not args.only else []:
		if header.name != "iommuctl.h" and f"<iommuctl/{header.name}>" not in umbrella:
			problems.append(f"iommuctl.h does not include {header.name}")
	if args.installed is not None:
		names = [header.name for header in headers]
		installed = [path.name for path in args.installed]
		problems += compare("not installed", names, installed)
		problems += compare("installed, but not there", installed, names)
	mapped = list(mapped_symbols(args.map))
	names = [name for name, _ in mapped]
	if len(names) != len(set(names)):
		problems.append("the map names a symbol twice")
	if names != sorted(names):
		problems.append("the map is not sorted")
	problems += compare("declared, but not in the map", declared, names)
	problems += compare("in the map, but not declared", names, declared)
	for library in args.library:
		problems += check_library(args.nm, library, mapped)
	problems += [f"{name}: Since {since.get(name)}, but it is of {node} in the map" for name, node in mapped
				 if name in declared and since.get(name) != version_of(node)]
	if not declared:
		problems.append("the headers declare nothing")
	return problems


def compiled(command, sources):
	command = [*command, *WARNINGS, "-fsyntax-only", *(str(source) for source in sources)]
	return subprocess.run(command, capture_output=True, text=True, check=False)


def check_headers(args, headers):
	"""As any program sees them: each header is included first, and as the only one."""
	language = args.standard.rstrip("0123456789")
	command = [*args.compiler, "-x", language, f"-std={args.standard}", "-I", str(args.headers.parent)]
	with tempfile.TemporaryDirectory() as directory:
		probe = pathlib.Path(directory) / "probe"
		probe.write_text("#include <stdint.h>\n", encoding="utf-8")
		if not shutil.which(args.compiler[0]) or compiled(command, [probe]).returncode:
			raise Missing(f"{' '.join(args.compiler)} does not compile {language}")
		sources = []
		for header in headers:
			source = pathlib.Path(directory) / f"alone_{header.name}"
			source.write_text(f"#include <iommuctl/{header.name}>\n", encoding="utf-8")
			sources.append(source)
		result = compiled(command, sources)
	return [result.stderr] if result.returncode else []


def main():
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--headers", type=pathlib.Path, required=True, help="include/iommuctl")
	checks = parser.add_subparsers(dest="check", required=True)
	symbols = checks.add_parser("symbols")
	symbols.add_argument("--map", type=pathlib.Path, required=True)
	symbols.add_argument("--library", type=pathlib.Path, nargs="+", required=True, help="shared and static")
	symbols.add_argument("--nm", default="nm")
	symbols.add_argument("--only", nargs="*", default=[], help="names of headers")
	symbols.add_argument("--without", nargs="*", default=[], help="names of headers")
	symbols.add_argument("--installed", nargs="*", type=pathlib.Path,
						 help="the headers that are installed")
	headers = checks.add_parser("headers")
	headers.add_argument("standard", choices=["c11", "c++17"])
	headers.add_argument("compiler", nargs="+")
	args = parser.parse_args()

	found = sorted(args.headers.glob("*.h"))
	check = {"symbols": check_symbols, "headers": check_headers}[args.check]
	try:
		problems = check(args, found) if found else [f"no headers in {args.headers}"]
	except Missing as missing:
		print(missing)
		return 1 if os.environ.get("CI") == "true" else SKIPPED
	for problem in problems:
		print(problem, file=sys.stderr)
	return 1 if problems else 0


if __name__ == "__main__":
	sys.exit(main())
