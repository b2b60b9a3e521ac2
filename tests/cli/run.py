#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of a JSON file against iommuctl and prints TAP. See README.md for the format."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

import patience  # noqa: E402
from support import host_tree, results  # noqa: E402

KEYS = {"name", "argv", "exit", "stdout", "stdout-json", "stderr", "stdin", "stdin-hex", "env",
	"files", "tree"}
TREES = pathlib.Path(__file__).with_name("trees")


def environment(more):
	plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
	return {**plain, "LC_ALL": "C", **more}


def write_files(directory, files):
	for name, content in files.items():
		text = content if isinstance(content, str) else json.dumps(content, indent=2)
		(pathlib.Path(directory) / name).write_text(text)


def execute(program, case):
	stdin = bytes.fromhex(case.get("stdin-hex", "")) or case.get("stdin", "").encode()
	with tempfile.TemporaryDirectory() as directory:
		write_files(directory, case.get("files", {}))
		if "tree" in case:
			host_tree.build(TREES / f"{case['tree']}.json", f"{directory}/host")
		return subprocess.run([program, *case["argv"]], input=stdin, capture_output=True,
			check=False, cwd=directory, env=environment(case.get("env", {})),
			timeout=patience.SECONDS)


def contains(actual, expected):
	if type(actual) is not type(expected):
		return False
	if isinstance(expected, dict):
		return all(key in actual and contains(actual[key], value)
			for key, value in expected.items())
	if isinstance(expected, list):
		return len(actual) == len(expected) and all(map(contains, actual, expected))
	return actual == expected


def line_matches(actual, expected):
	if isinstance(expected, dict):
		return re.fullmatch(expected["regex"], actual) is not None
	return actual == expected


def compare_lines(stream, text, expected):
	lines = text.decode(errors="backslashreplace").splitlines()
	if len(lines) == len(expected) and all(map(line_matches, lines, expected)):
		return []
	return [f"{stream}, expected:", *map(str, expected), f"{stream}, actual:", *lines]


def compare_json(text, expected):
	try:
		actual = [json.loads(line) for line in text.decode().splitlines()]
	except ValueError as error:
		return [f"stdout is not JSON: {error}", text.decode(errors="backslashreplace")]
	if contains(actual, expected):
		return []
	return ["stdout, expected to contain:", json.dumps(expected),
		"stdout, actual:", json.dumps(actual)]


def differences(program, case):
	unknown = set(case) - KEYS
	if unknown:
		return [f"unknown keys in the case: {sorted(unknown)}"]
	done = execute(program, case)
	found = []
	if done.returncode != case.get("exit", 0):
		found.append(f"exit status {done.returncode}, expected {case.get('exit', 0)}")
	if "stdout-json" in case:
		found += compare_json(done.stdout, case["stdout-json"])
	else:
		found += compare_lines("stdout", done.stdout, case.get("stdout", []))
	found += results.faults(done.stdout)
	return found + compare_lines("stderr", done.stderr, case.get("stderr", []))


def main():
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("program", type=os.path.abspath)
	parser.add_argument("cases", type=pathlib.Path)
	arguments = parser.parse_args()
	cases = json.loads(arguments.cases.read_text())
	print(f"1..{len(cases)}")
	for number, case in enumerate(cases, 1):
		found = differences(arguments.program, case)
		verdict = "not ok" if found else "ok"
		print(f"{verdict} {number} - {case['name'].replace('#', '')}", flush=True)
		for line in found:
			print(f"# {line}")


if __name__ == "__main__":
	main()
