# SPDX-License-Identifier: MIT
"""What commands say with --json, against the schema that is published of it. All who run commands ask here."""

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
	"""What is wrong about an envelope; None: nothing, or nobody can tell."""
	error = VALIDATOR and next(VALIDATOR.iter_errors(line), None)
	return error and f"{error.json_path} of {json.dumps(line)[:400]}: {error.message[:400]}"


def faults(said):
	"""The same of all envelopes among the lines of what was said."""
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
	"""Raises AssertionError for what is not of the schema."""
	found = faults(said)
	assert not found, found[:3]
