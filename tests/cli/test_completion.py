#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each shell loads its script, and offers what the table of commands knows, as a user expects."""

import os
import pathlib
import re
import shutil
import tempfile
import unittest

import table

HERE = pathlib.Path(__file__).parent.resolve()
JOB = HERE.parents[1] / "examples" / "nested-edu.json"
DEVICES = pathlib.Path("/sys/bus/pci/devices")
INTERFACES = pathlib.Path("/sys/class/net")

# Starts each shell without the user's own settings.
SHELLS = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}

# Lines, and what is offered at their end.
WORDS = {
	"iommuctl dec": {"decode"},
	"iommuctl --json dec": {"decode"},
	"iommuctl --fail-call 3 dec": {"decode"},
	"iommuctl --fail-call=3 dec": {"decode"},
	"iommuctl --trace dec": {"decode"},
	"iommuctl -V dec": {"decode"},
	"iommuctl device --json li": {"list"},
	"iommuctl nonsense ": set(),
	"iommuctl decode ": {"ste", "cd", "cmd", "cmdqv", "cmdqv-event", "event", "idr", "vtd-cap", "vtd-pasid", "vtd-inv", "amd-efr", "amd-dte",
		"amd-cmd"},
	"iommuctl decode c": {"cd", "cmd", "cmdqv", "cmdqv-event"},
	"iommuctl decode ste ": set(),
	"iommuctl schema ": {"job", "machine", "devices", "request", "results"},
	"iommuctl schema job ": set(),
	"iommuctl completion ": {"bash", "zsh", "fish", "candidates"},
	"iommuctl help dev": {"device"},
	"iommuctl help device sh": {"show"},
	"iommuctl device v": {"vf"},
	"iommuctl device vf ": {"create", "destroy"},
	"iommuctl help device vf cr": {"create"},
	"iommuctl --tra": {"--trace", "--trace="},
	"iommuctl --fail": {"--fail-call="},
	"iommuctl run -- --js": set(),
	"iommuctl run job-two.json ": {"--"},
	"iommuctl run job-two.json -- bash no": {"notes.txt"},
	"iommuctl run job\\ one.json ": {"--"},
	"iommuctl run ": {"job one.json", "job-two.json", "sub"},
	"iommuctl plan job-": {"job-two.json"},
	"iommuctl validate sub/": {"sub/inner.json"},
	"iommuctl validate job-two.json sub/": {"sub/inner.json"},
	"iommuctl --trace=not": {"--trace=notes.txt"},
	"iommuctl run --trace=sub/": {"--trace=sub/inner.json"},
}


def whole(line, word):
	"""bash leaves out the part of the last word that it considers complete."""
	last = re.search(r"(?:\\.|\S)*$", line)[0]
	return last[:re.match(r"(.*[:=])?", last).end()] + word


class Completion:
	"""The tests of one shell."""
	shell = None

	@classmethod
	def setUpClass(cls):
		if not shutil.which(cls.shell):
			if os.environ.get("CI") == "true":
				raise AssertionError(f"{cls.shell} is not installed")
			raise unittest.SkipTest(f"{cls.shell} is not installed")
		cls.directory = tempfile.TemporaryDirectory()
		cls.addClassCleanup(cls.directory.cleanup)
		top = pathlib.Path(cls.directory.name)
		cls.script = top / "script"
		cls.script.write_text(table.run("completion", cls.shell).stdout)
		cls.work = top / "work"
		for name in ["job one.json", "job-two.json", "notes.txt", "sub/inner.json"]:
			path = cls.work / name
			path.parent.mkdir(parents=True, exist_ok=True)
			path.touch()
		(top / "bin").mkdir()
		(top / "bin" / "iommuctl").symlink_to(table.PROGRAM)
		cls.settings = {"cwd": cls.work, "env": {**os.environ, "HOME": str(top), "LC_ALL": "C.UTF-8",
			"IOMMUCTL_RUNTIME_DIRECTORY": str(top / "run"),
			"PATH": f"{top / 'bin'}:{os.environ['PATH']}"}}

	@staticmethod
	def expected(_line, words):
		return words

	def complete_all(self, lines):
		"""The offers at the end of each of @lines."""
		done = table.execute(*SHELLS[self.shell], HERE / f"complete.{self.shell}", self.script, *lines,
			**self.settings)
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		answers = done.stdout.split("--- end\n")
		self.assertEqual((len(answers), answers[-1]), (len(lines) + 1, ""))
		return {line: self.words_of(line, answer) for line, answer in zip(lines, answers)}

	def words_of(self, line, answer):
		words = (word.split("\t")[0].replace("\\", "") for word in answer.splitlines())
		words = (whole(line, word) if self.shell == "bash" else word for word in words if word)
		return {word.rstrip("/") for word in words}

	def complete(self, line):
		return self.complete_all([line])[line]

	def test_the_shell_takes_the_script(self):
		done = table.execute(*SHELLS[self.shell], "-n", self.script, **self.settings)
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_every_command_is_offered(self):
		words = [command.split() for command in table.commands()]
		firsts = {first for first, *_ in words}
		self.assertEqual(self.complete("iommuctl "), firsts)
		for group in firsts:
			seconds = {word[1] for word in words if word[0] == group and word[1:]}
			if seconds:
				self.assertEqual(self.complete(f"iommuctl {group} "), seconds)

	def test_every_option_is_offered(self):
		commands = table.commands()
		answers = self.complete_all([f"iommuctl {command} --" for command in commands])
		for command, offered in zip(commands, answers.values()):
			known = {*table.options(command), *table.global_options_of(command)}
			with self.subTest(command=command):
				self.assertEqual({option.rstrip("=") for option in offered}, known)

	def test_words_are_completed(self):
		for line, offered in self.complete_all(list(WORDS)).items():
			with self.subTest(line=line):
				self.assertEqual(offered, self.expected(line, WORDS[line]))

	def test_programs_are_offered_behind_dashes(self):
		self.assertIn("bash", self.complete("iommuctl run job-two.json -- bas"))

	def test_sessions_and_what_they_hold_are_offered(self):
		started = table.run("--model", "session", "start", "trial", str(JOB), **self.settings)
		self.assertEqual(started.returncode, 0, started.stderr)
		self.addCleanup(table.run, "session", "stop", "trial", **self.settings)
		lines = {
			"iommuctl -s ": {"trial"},
			"iommuctl --session tr": {"trial"},
			"iommuctl session stop ": {"trial"},
			"iommuctl -s trial hwpt destroy ": {"s1", "s2"},
			"iommuctl hwpt destroy -s trial s2 step": set(),
			"iommuctl -s trial hwpt alloc x nest": {"nest-parent="},
		}
		for line, offered in self.complete_all(list(lines)).items():
			with self.subTest(line=line):
				self.assertEqual(offered, lines[line])

	@unittest.skipUnless(any(DEVICES.glob("*")), "this machine has no PCI device")
	def test_devices_are_completed_after_their_last_colon(self):
		addresses = {path.name for path in DEVICES.iterdir()}
		interfaces = {f"netdev:{path.parent.name}" for path in INTERFACES.glob("*/device")}
		address = min(addresses)
		offered = self.complete("iommuctl device show ")
		self.assertEqual({name for name in offered if not name.startswith("vfio")}, addresses | interfaces)
		head, _, _ = address.rpartition(":")
		self.assertIn(address, self.complete(f"iommuctl device show {head}:"))


class Bash(Completion, unittest.TestCase):
	shell = "bash"

	def test_what_a_name_says_to_a_shell_is_quoted(self):
		"""The other shells quote everything that they insert."""
		with tempfile.TemporaryDirectory() as folder:
			program = pathlib.Path(folder) / "iommuctl"
			program.write_text("#!/bin/sh\necho 'odd$(touch x)'\n")
			program.chmod(0o700)
			done = table.execute("bash", "--norc", HERE / "complete.bash", self.script, f"{program} o", **self.settings)
		self.assertEqual(done.stdout.splitlines()[0], r"odd\$\(touch\ x\)")


class Zsh(Completion, unittest.TestCase):
	shell = "zsh"


class Fish(Completion, unittest.TestCase):
	shell = "fish"

	@staticmethod
	def expected(line, words):
		"""It shows words with a dash only after a dash was typed."""
		return {word for word in words if not line.endswith(" ") or not word.startswith("-")}


if __name__ == "__main__":
	unittest.main()
