#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The published schema has all kinds of results that the program can print, and no others. Wherever a test runs a command,
its output is checked against the schema (tests/support/results.py)."""

import json
import pathlib
import re
import sys
import unittest

import table
from support import results

PUBLISHED = pathlib.Path(sys.argv.pop(1))
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "cli"
# The functions that print a result; the kind is their second argument, or their third.
SAYS = r"report_result|report_lines|report_json|report_written|json_write_line|say_entry"
KIND = re.compile(rf'\b(?:{SAYS})\(\s*[^,;]+,\s*([^,;]+),|\bsay_stream\([^,;]+,[^,;]+,\s*([^,;]+),'
	r'|json_pack\("\{s:i, s:\{[^"]*\}\}", "iommuctl",\s+1,\s+([^,;]+),')
# Where the kind comes from the caller.
PASSES_ON = {"look/dumper.c", "output/json.c", "output/report.c", "session/holder/request.c"}

GOOD = {
	"a version": {"version": "1"},
	"what was made": {"made": {"object": "ioas.x", "operation": "IOMMU_IOAS_ALLOC", "detail": "", "id": 7}},
}
BAD = {
	"no kind": {},
	"two kinds": {"version": "1", "name": "x"},
	"an unknown kind": {"nothing": {}},
	"a key that is missing": {"made": {"object": "ioas.x", "operation": "IOMMU_IOAS_ALLOC"}},
	"a key too many": {"written": {"file": "x", "size": 1}},
	"another type": {"written": {"file": 1}},
	"a number that is to be hexadecimal": {"bad": {"subject": "x", "what": "x", "ipa": 16, "why": "x"}},
}


def kinds_of_sources():
	for path in sorted(SOURCES.rglob("*.c")):
		for match in KIND.finditer(path.read_text()):
			kind = next(filter(None, match.groups()))
			yield str(path.relative_to(SOURCES)), kind


class Kinds(unittest.TestCase):
	def test_all_that_the_program_can_say_are_in_the_schema(self):
		said = {kind.strip('"') for _, kind in kinds_of_sources() if kind.startswith('"')}
		self.assertEqual(said, results.kinds())

	def test_a_kind_is_named_where_it_is_said(self):
		self.assertEqual({place for place, kind in kinds_of_sources() if not kind.startswith('"')} - PASSES_ON, set())


class Schema(unittest.TestCase):
	def test_what_is_installed_and_what_is_printed_are_the_source(self):
		source = json.loads(results.SCHEMA.read_text())
		self.assertEqual(json.loads(PUBLISHED.read_text()), source)
		self.assertEqual(json.loads(table.run("schema", "results").stdout), source)
		self.assertEqual(json.loads(table.run("--json", "schema", "results").stdout), {"iommuctl": 1, "schema": source})

	@unittest.skipUnless(results.VALIDATOR, "python3-jsonschema is missing")
	def test_it_takes_what_is_right_and_nothing_else(self):
		for title, line in GOOD.items():
			with self.subTest(title):
				self.assertIsNone(results.fault({"iommuctl": 1, **line}))
		for title, line in BAD.items():
			with self.subTest(title):
				self.assertIsNotNone(results.fault({"iommuctl": 1, **line}))
		self.assertIsNotNone(results.fault({"version": "1"}))
		self.assertIsNotNone(results.fault({"iommuctl": 2, "version": "1"}))

	@unittest.skipUnless(results.VALIDATOR, "python3-jsonschema is missing")
	def test_a_trace_is_of_it(self):
		for job in sorted((SOURCES.parent / "examples").glob("*.json")):
			with self.subTest(job.name):
				trace = table.run("--json", "--trace", "--model", "run", str(job)).stderr
				self.assertIn('"trace":', trace)
				self.assertEqual(results.faults(trace), [])

	@unittest.skipUnless(results.VALIDATOR, "python3-jsonschema is missing")
	def test_each_envelope_of_an_output_is_looked_at(self):
		good, bad = '{"iommuctl":1,"version":"1"}\n', '{"iommuctl":1,"nothing":{}}\n'
		self.assertEqual(results.faults("text\n" + good + '{"iommuctl":1,"version":"cut'), [])
		self.assertEqual(len(results.faults((good + bad + bad).encode())), 2)


if __name__ == "__main__":
	unittest.main()
