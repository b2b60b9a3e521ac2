# SPDX-License-Identifier: MIT
"""Checks the --json output of commands against the published schema, for all tests that run commands."""

import json
import os
import pathlib

try:
	import jsonschema
except ImportError:
	jsonschema = None
	if os.environ.get("CI") == "true":
		raise

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "cli/output/results.schema.json"


def kinds():
	return set(json.loads(SCHEMA.read_text())["properties"]) - {"iommuctl"}


def validator():
	schema = json.loads(SCHEMA.read_text())
	jsonschema.Draft202012Validator.check_schema(schema)
	return jsonschema.Draft202012Validator(schema)


VALIDATOR = jsonschema and validator()


def fault(line):
	"""The error in an envelope; None: there is none, or no way to check."""
	error = VALIDATOR and next(VALIDATOR.iter_errors(line), None)
	return error and f"{error.json_path} of {json.dumps(line)[:400]}: {error.message[:400]}"


def faults(said):
	"""The same for all envelopes among the lines of an output."""
	text = said if isinstance(said, str) else said.decode(errors="replace")
	found = []
	for line in text.splitlines():
		if not line.startswith('{"iommuctl":1,'):
			continue
		try:
			found.append(fault(json.loads(line)))
		except ValueError:
			continue  # one that its reader has not waited for
	return list(filter(None, found))


def check(said):
	"""Raises AssertionError for output that violates the schema."""
	found = faults(said)
	assert not found, found[:3]
