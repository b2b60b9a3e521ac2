#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The published JSON Schema agrees with the parser: on every job of the project, and on these jobs with one value or
key changed."""

import copy
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

try:
	import jsonschema
except ImportError:
	print("python3-jsonschema is missing")
	sys.exit(77)

import table

PUBLISHED = [pathlib.Path(argument) for argument in sys.argv[1:]]
del sys.argv[1:]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
EVERY_KEY = SOURCE / "tests" / "cli" / "every-key.json"
JOBS = [EVERY_KEY, *sorted(SOURCE.glob("examples/*.json")), *sorted(SOURCE.glob("tests/rig/jobs/*.json"))]
REPLACEMENTS = [None, True, 0, 1.0, -1, 1.5, 2**63, 2**70, "", "no such value", "0x", "rr", [], {}, [1], [{}],
	{"a": {}}]
# The parser's messages for documents that only it can find wrong.
BEYOND_A_SCHEMA = [
	r'".*" is not one of [a-z0-9-]+',
	r'".*" names no object \(COLLECTION\.NAME\)',
	r'".*" is not a PCI address such as .*',
	r'".*" does not name a device: .*',
	r'"netdev" needs "vf" and the reverse: .*',
	r"(size and ipa|ipa, iova and size) must be multiples of 4K",
	r"(iova|iova and size|addresses and sizes|offset and length|(source-iova|offset), iova and size) must be "
	r"(a multiple|multiples) of 4K",
	r"(iova and size must be multiples of page-size|page-size must be a power of 2)",
	r"is outside the range to look at",
	r"covers more than \d+ pages",
	r"ends beyond the 64-bit address space",
	r"the range from 0x[0-9a-f]+ to 0x[0-9a-f]+ ends before it starts",
	r"no memory holds .* at IPA .*",
	r"hwpts\.\w+ is not a nesting parent: .*",
	r'"(ste|mock)" is missing',
	r'(hwpts|viommus|devices)\.\w+ (is|has) (not|no) .*\("(mock|type)": .*\)',
	r'a HWPT nested in a vIOMMU of (the mock|an SMMUv3) has an? "(mock|ste)", not an? "(ste|mock)"',
	r'"mock" is for vIOMMUs of .*',
	r"veventqs\.[\w-]+ has events of the kernel's mock, .*",
	r"bind, fd, id, stimulus and VF tokens are for devices of the machine, not for mocks",
	r"(STE|CD|[A-Z_]+): .* the value does not fit.*",
	r"0x[0-9a-f]+ does not fit \w+ of .*",
	r"IOMMU_HWPT_ALLOC would fail with EIO: .*",
	r"(at|iova, ipa) and size must be multiples of the granule.*",
	r'prot must have "r"',
	r"SSID \d+ is beyond s1cdmax \d+ of cd-tables\.\w+",
	r"s1cdmax does not allow the SSID",
	r'"size" is too small for the table',
	r'("from" or "to"|"size") is missing',
	r'"expect" needs "to": .*',
	r'no (command|event) is named ".*"',
	r'".*" is not an errno',
	r"would fail with E[A-Z]+: .*",
	r'devices\.\w+ is only opened \("bind": false\): this needs a bound device',
	r"viommus\.\w+ has no vDEVICE, so no event can come",
	r"(PASID \d+ of )?devices\.\w+ is not attached at this point: there is nothing to detach",
	r'"done" is \d+, but the number of (commands|ranges) is \d+',
	r'"vtd-s1" is missing',
	r"attaching it would fail with EINVAL: .*",
]


def groups(schema):
	"""The keys that exclude each other."""
	for shape in [schema, *schema["$defs"].values()]:
		for group in shape.get("allOf", []):
			yield [choice["required"][0] for choice in group["oneOf"]]


def keys(schema):
	"""The keys of the schema, without the fields of the architecture."""
	for shape in [schema, *schema["$defs"].values()]:
		for name, value in shape["properties"].items():
			if not value["description"].startswith("Field "):
				yield name


def children(value):
	if isinstance(value, dict):
		return list(value.items())
	return list(enumerate(value)) if isinstance(value, list) else []


def places(value, path=()):
	yield path
	for key, child in children(value):
		yield from places(child, (*path, key))


def general(path):
	"""The path without indices and without the names that the job gives."""
	return tuple("*" if isinstance(key, int) or depth == 1 else key for depth, key in enumerate(path))


def at(value, path):
	for key in path:
		value = value[key]
	return value


def changed(document, path, change):
	"""A copy of the document after change(what holds the value at path, its key)."""
	root = {"document": copy.deepcopy(document)}
	holder = at(root, ("document", *path)[:-1])
	change(holder, ("document", *path)[-1])
	return root["document"]


def near(document, path):
	"""The part of a document by which a schema can judge a change: the rest is as valid as before."""
	if len(path) < 3:
		return document
	section, key = path[:2]
	kept = {key: document[section][key]} if isinstance(key, str) else [document[section][key]]
	return {**{name: value for name, value in document.items() if not children(value)}, section: kept}


def replace_by(value):
	def change(holder, key):
		holder[key] = value
	return change


def delete(holder, key):
	del holder[key]


def rename(holder, key):
	holder[str(key) + "x"] = holder.pop(key)


def add(name, value):
	def change(holder, key):
		holder[key][name] = value
	return change


def changes(document, path, exclusive, samples):
	"""All changes at a place, each with a name."""
	for value in REPLACEMENTS:
		yield f"replaced by {json.dumps(value)}", replace_by(value)
	if path and isinstance(path[-1], str):
		yield "deleted", delete
		yield "renamed", rename
	here = at(document, path)
	if isinstance(here, dict):
		yield "with an unknown key", add("colour", "red")
		for group in exclusive:
			if set(group) & set(here):
				for name in (set(group) - set(here)) & set(samples):
					yield f"with {name}", add(name, samples[name])


def mutants(documents, schema):
	"""Changed documents: the change, the whole document, and the part for the schema."""
	exclusive = list(groups(schema))
	samples = {path[-1]: at(document, path) for document in documents for path in places(document)
		if path and isinstance(path[-1], str)}
	seen = set()
	for document in documents:
		for path in places(document):
			for name, change in changes(document, path, exclusive, samples):
				if (general(path), name) not in seen:
					seen.add((general(path), name))
					mutant = changed(document, path, change)
					yield f"{'.'.join(map(str, path))} {name}", mutant, near(mutant, path)


def verdicts(documents):
	"""validate's message for each, or None if it is valid."""
	with tempfile.TemporaryDirectory() as directory:
		names = [f"{number}.json" for number in range(len(documents))]
		for name, document in zip(names, documents):
			(pathlib.Path(directory) / name).write_text(json.dumps(document))
		said = []
		for start in range(0, len(names), 500):
			done = table.run("--json", "validate", *names[start:start + 500], cwd=directory)
			said += [json.loads(line) for line in done.stdout.splitlines()]
	return [line["error"]["message"] if "error" in line else None for line in said]


def is_beyond_a_schema(message):
	return any(re.fullmatch(pattern, message) for pattern in BEYOND_A_SCHEMA)


class Schema(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.schema = json.loads(table.run("schema").stdout)
		cls.validator = jsonschema.Draft202012Validator(cls.schema)
		cls.documents = [json.loads(path.read_text()) for path in JOBS]

	def test_is_a_schema(self):
		jsonschema.Draft202012Validator.check_schema(self.schema)

	def test_json_mode_has_the_same(self):
		self.assertEqual(json.loads(table.run("--json", "schema").stdout)["schema"], self.schema)

	@unittest.skipUnless(PUBLISHED, "nothing was published in this build")
	def test_the_published_file_has_the_same(self):
		self.assertEqual([json.loads(path.read_text()) for path in PUBLISHED], [self.schema])
		self.assertEqual(PUBLISHED[0].name, "iommuctl.schema.json")

	def test_takes_every_job(self):
		self.assertGreater(len(self.documents), 20)
		for path, document in zip(JOBS, self.documents):
			with self.subTest(path.name):
				self.validator.validate(document)

	def test_has_no_key_that_is_left_untried(self):
		tried = {place[-1] for place in places(json.loads(EVERY_KEY.read_text())) if place}
		self.assertLessEqual(set(keys(self.schema)), tried)

	def test_agrees_with_the_parser_on_changed_jobs(self):
		names, documents, parts = zip(*mutants(self.documents, self.schema))
		self.assertGreater(len(names), 1000)
		for name, part, message in zip(names, parts, verdicts(documents), strict=True):
			error = next(self.validator.iter_errors(part), None)
			with self.subTest(name):
				if error:
					self.assertIsNotNone(message, f"the schema alone refuses it: {error.message}")
				elif message:
					self.assertTrue(is_beyond_a_schema(message), f"the parser alone refuses it: {message}")


if __name__ == "__main__":
	unittest.main()
