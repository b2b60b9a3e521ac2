#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each ioctl of iommufd and VFIO has: man/ioctls.json is the table; this prints it and checks it against the tree.

A cell names something, or is "- KEY" with the KEY of a reason why there is nothing. The columns are:
  call       functions of the library, by their names in the symbol map
  job        places of a job's schema ("ioas.map.iova": the name of an object is left out)
  verb       commands
  explained  rows of the tables of explanations, by the operation that they are of; they are counted
  model      jobs ("JOB", or "JOB on MACHINE") that reach the call on the model, "unit NAME" of tests/unit, or
             "conformance"
  real       cases of the rig, where a kernel answers, or "conformance", which runs on one as well
"""

import argparse
import functools
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("tests", "tests/abi", "tests/rig", "man")]
import patience
from check_public_symbols import mapped_symbols
from ioctls import things

COLUMNS = ["call", "job", "verb", "explained", "model", "real"]
TABLE = json.loads((ROOT / "man" / "ioctls.json").read_text())
ROWS = [dict(zip(["ioctl", "of", *COLUMNS], row)) for row in TABLE["rows"]]
OPTIONS = argparse.Namespace(iommuctl="", headers="/usr/include")

# For these, the table has a row for each value of an enumeration, or each macro, of the kernel's headers.
KINDS = {
	"IOMMU_GET_HW_INFO": r"IOMMU_HW_INFO_TYPE_(?!NONE|DEFAULT)(\w+)",
	"IOMMU_HWPT_ALLOC": r"IOMMU_HWPT_DATA_(\w+)",
	"IOMMU_HWPT_INVALIDATE": r"IOMMU_(?:HWPT|VIOMMU)_INVALIDATE_DATA_(\w+)",
	"IOMMU_VIOMMU_ALLOC": r"IOMMU_VIOMMU_TYPE_(?!DEFAULT)(\w+)",
	"IOMMU_VEVENTQ_ALLOC": r"IOMMU_VEVENTQ_TYPE_(?!DEFAULT)(\w+)",
	"IOMMU_HW_QUEUE_ALLOC": r"IOMMU_HW_QUEUE_TYPE_(?!DEFAULT)(\w+)",
	"IOMMU_OPTION": r"IOMMU_OPTION_(?!OP_)(\w+)",
	"VFIO_DEVICE_FEATURE": r"#define VFIO_DEVICE_FEATURE_(?!GET\b|SET\b|PROBE\b|MASK\b)(\w+)(?=[ \t]+\(?\d+\)?)",
}


def name_of(row):
	return f"{row['ioctl']} {row['of']}".strip()


def reason(cell):
	return cell[2:] if isinstance(cell, str) and cell.startswith("- ") else None


def read(*path):
	return ROOT.joinpath(*path).read_text(encoding="utf-8")


def run(*argv):
	return subprocess.run([OPTIONS.iommuctl, *map(str, argv)], cwd=ROOT, stdin=subprocess.DEVNULL,
		capture_output=True, text=True, errors="replace", timeout=patience.SECONDS)


class Explanations:
	"""The operations of libiommuctl/explain, and the number of rows of each in its tables."""

	def __init__(self):
		entries = re.findall(r"\[(OP_\w+)\] = \{ (.+?), (OP_\w+) \}", read("libiommuctl/explain/operation.c"))
		self.names = {operation: self.ioctl(name) for operation, name, _ in entries}
		self.families = {operation: family for operation, _, family in entries}
		files = sorted((ROOT / "libiommuctl" / "explain").glob("*.c"))
		self.rows = re.findall(r"\.operation = (OP_\w+)", "".join(file.read_text() for file in files))

	@staticmethod
	def ioctl(name):
		return re.sub(r"^(IOMMUFD|VFIO)\((\w+)\)", lambda match: ("IOMMU_" if match[1] == "IOMMUFD" else "")
			+ match[2], name.split(",")[0].strip('"'))

	def count(self, operation):
		"""Its rows, including more general ones that still belong to some call."""
		own = self.rows.count(operation)
		family = self.families.get(operation, "OP_ANY")
		return own + (0 if family == "OP_ANY" else self.count(family))


def steps_through(schema, node, path):
	"""Whether @path leads through a JSON Schema; the names of objects are not in it."""
	while "$ref" in node:
		node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
	if not path:
		return True
	if path[0] in node.get("properties", {}):
		return steps_through(schema, node["properties"][path[0]], path[1:])
	inner = [node[key] for key in ("additionalProperties", "items") if isinstance(node.get(key), dict)]
	inner += [each for key in ("oneOf", "anyOf", "allOf") for each in node.get(key, [])]
	return any(steps_through(schema, each, path) for each in inner)


def document_has(node, path):
	if not path:
		return True
	if isinstance(node, dict):
		inner = [node[path[0]]] if path[0] in node else []
		return any(document_has(each, path[1:]) for each in inner) or any(
			document_has(each, path) for each in node.values() if isinstance(each, dict))
	return isinstance(node, list) and any(document_has(each, path) for each in node)


def files_of(case):
	"""The scripts, programs and jobs of the tree that a case of the rig runs."""
	for word in " ".join(case["run"]).split():
		for file in (ROOT / word, ROOT / f"{word}.c"):
			if file.is_file() and file.suffix in (".c", ".sh", ".json"):
				yield file


class Ioctls(unittest.TestCase):
	maxDiff = None

	def each(self, column, judge):
		for row in ROWS:
			for thing in things(row[column]):
				with self.subTest(name_of(row), thing=thing):
					judge(row, thing)

	def test_each_row_says_something_of_each_column(self):
		for row in TABLE["rows"]:
			with self.subTest(row[0]):
				self.assertEqual(len(row), 2 + len(COLUMNS))
				self.assertTrue(all(row[:1] + row[2:]))

	def test_no_row_is_there_twice(self):
		names = [name_of(row) for row in ROWS]
		self.assertEqual(sorted(set(names)), sorted(names))

	def test_reasons_are_sentences_and_used(self):
		used = {key for row in ROWS for key in map(reason, row.values()) if key}
		self.assertEqual(used, set(TABLE["reasons"]))
		for text in TABLE["reasons"].values():
			self.assertRegex(text, r"^[A-Z].{20,}\.$")

	def test_the_kernels_headers_have_no_other(self):
		wanted = set()
		for header in ("iommufd.h", "vfio.h"):
			file = Path(OPTIONS.headers) / "linux" / header
			if not file.exists():
				self.skipTest(f"no {file}: -Dkernel_headers names newer ones")
			text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL).replace("\\\n", " ")
			ioctls = re.findall(r"#define (\w+)\s+_IO[RW]*\(", text)
			wanted |= {ioctl for ioctl in ioctls if ioctl not in KINDS}
			wanted |= {f"{ioctl} {kind}" for ioctl in ioctls if ioctl in KINDS
				for kind in re.findall(rf"^\s*{KINDS[ioctl]}\b", text, re.MULTILINE)}
		self.assertGreater(len(wanted), 60)
		self.assertEqual(sorted(wanted - {name_of(row) for row in ROWS} - {row["ioctl"] for row in ROWS}), [])

	def test_calls_are_in_the_symbol_map(self):
		symbols = {name for name, _ in mapped_symbols(ROOT / "libiommuctl" / "libiommuctl.sym")}
		self.each("call", lambda _, call: self.assertIn(call, symbols))

	def test_keys_are_in_the_schema_of_jobs(self):
		schema = json.loads(run("schema", "job").stdout)
		self.each("job", lambda _, place: self.assertTrue(steps_through(schema, schema, place.split("."))))

	def test_verbs_are_commands(self):
		listed = re.findall(r"^  ([a-z](?:[a-z0-9-]+ ?){1,3}?) +\S", run("help").stdout, re.MULTILINE)
		commands = {name.strip() for name in listed}
		self.each("verb", lambda _, verb: self.assertIn(verb, commands))

	def test_failures_are_explained(self):
		explanations = Explanations()

		def judge(row, operation):
			self.assertEqual(explanations.names.get(operation), row["ioctl"])
			self.assertGreater(explanations.count(operation), 0)
		self.each("explained", judge)

	def test_the_model_answers(self):
		units = set(re.findall(r"^\s*'([a-z0-9-]+)': \[", read("tests/unit/meson.build"), re.MULTILINE))

		@functools.cache
		def trace(thing):
			job, _, machine = thing.partition(" on ")
			done = run(f"--model={machine}" if machine else "--model", "--trace", "run", job)
			self.assertEqual(done.returncode, 0, done.stderr)
			return done.stderr

		def judge(row, thing):
			name = thing.removeprefix("unit ")
			if thing == "conformance":
				self.assert_conformance_calls(row)
			elif name == thing:
				kind = row["of"] if row["ioctl"] in KINDS else ""
				self.assertRegex(trace(thing), rf"\b{row['ioctl']}\(.*{kind}")
			else:
				self.assertIn(name, units)
				self.assert_is_called(row, [ROOT / "tests" / "unit" / f"{name.replace('-', '_')}.c"])
		self.each("model", judge)

	def test_a_kernel_answers(self):
		cases = {case["name"]: case for case in json.loads(read("tests/rig/cases.json"))}

		def judge(row, name):
			if name == "conformance":
				return self.assert_conformance_calls(row)
			self.assertIn(name, cases)
			files = list(files_of(cases[name]))
			jobs = [json.loads(file.read_text()) for file in files if file.suffix == ".json"]
			programs = [file for file in files if file.suffix == ".c"]
			if programs:
				return self.assert_is_called(row, programs)
			if jobs:
				self.assertTrue(any(document_has(job, place.split(".")) for job in jobs for place in things(row["job"])))
			elif case := set(things(row["verb"])):
				self.assertTrue(any(verb in " ".join(cases[name]["run"]) for verb in case))
		self.each("real", judge)

	def assert_conformance_calls(self, row):
		self.assert_is_called(row, (ROOT / "tests" / "conformance").glob("*.c"))

	def assert_is_called(self, row, files):
		"""By its function, by the number of the ioctl, or by that of its parent."""
		number = f"ABI_{row['ioctl'].removeprefix('IOMMU_')}"
		if row["ioctl"] in KINDS and row["of"] != "SELFTEST":
			number = rf"ABI_\w+_{row['of']}"
		wanted = "|".join([*things(row["call"]), number])
		self.assertTrue(any(re.search(rf"\b(?:{wanted})\b", file.read_text()) for file in files), wanted)


def shown(row, column, explanations):
	if reason(row[column]):
		return f"- {reason(row[column])}"
	if column == "explained":
		return str(sum(explanations.count(operation) for operation in things(row[column])))
	return "conform" if things(row[column]) == ["conformance"] else "yes"


def wrapped(text, indent, width):
	line = ""
	for word in text.split():
		if len(line) + len(word) >= width - indent:
			yield line
			line = ""
		line += f" {word}" if line else word
	yield line


def table_lines(width=110):
	"""The table, in lines of at most @width characters."""
	explanations = Explanations()
	head = ["ioctl", "of", *COLUMNS]
	rows = [[row["ioctl"], row["of"], *(shown(row, column, explanations) for column in COLUMNS)] for row in ROWS]
	# The parent of a row follows its name, and has no column of its own.
	cells = [[f"{row[0]} {row[1]}".strip(), *row[2:]] for row in [head, *rows]]
	cells[0][0] = "ioctl, and what of it"
	widths = [max(map(len, column)) for column in zip(*cells)]
	yield from (" ".join(cell.ljust(size) for cell, size in zip(row, widths)).rstrip() for row in cells)
	yield ""
	size = max(map(len, TABLE["reasons"])) + 4
	for key, text in TABLE["reasons"].items():
		for number, line in enumerate(wrapped(text, size, width)):
			yield (f"- {key}" if number == 0 else "").ljust(size) + line
	yield ""
	counted = {column: sum(bool(things(row[column])) for row in ROWS) for column in COLUMNS}
	yield f"{len(ROWS)} rows: " + ", ".join(f"{count} with {column}" for column, count in counted.items())


class Printed(unittest.TestCase):
	def test_it_fits_on_a_terminal(self):
		self.assertLessEqual(max(map(len, table_lines())), 120)


if __name__ == "__main__":
	parser = argparse.ArgumentParser()
	parser.add_argument("--iommuctl", default=os.environ.get("IOMMUCTL", "iommuctl"))
	parser.add_argument("--headers", default="/usr/include")
	parser.parse_known_args(namespace=OPTIONS)
	OPTIONS.iommuctl = str(Path(OPTIONS.iommuctl).absolute())
	OPTIONS.headers = OPTIONS.headers or "/usr/include"
	print("\n".join(table_lines()), flush=True)
	unittest.main(argv=sys.argv[:1])
