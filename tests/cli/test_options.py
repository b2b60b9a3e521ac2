#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One rule: a command takes a global option, as its help says, or refuses it, in any place."""

import json
import os
import tempfile
import unittest

import table

GIVEN = {
	"--model": ["--model", "--model=nope.json"],
	"--trace": ["--trace", "--trace=nope/trace"],
	"--fail-call": ["--fail-call=1", "--fail-call=7:EIO"],
}
# The arguments that a command needs.
ARGUMENTS = {
	"run": ["nope.json"],
	"plan": ["nope.json"],
	"validate": ["nope.json"],
	"selftest": ["nope.json"],
	"device show": ["--hw-info", "0000:00:01.0"],
	"device bind": ["0000:00:01.0"],
	"device unbind": ["0000:00:01.0"],
	"doctor": ["ffff:ff:1f.7"],
	"decode": ["cmd", "0", "0"],
	"bench invalidate": ["ffff:ff:1f.7"],
	"completion": ["bash"],
	"session start": ["trial", "nope.json"],
}


class Root(unittest.TestCase):
	def test_one_that_cannot_be_looked_into_is_no_wrong_command_line(self):
		with tempfile.TemporaryDirectory() as place:
			loop = os.path.join(place, "loop")
			os.symlink(loop, loop)
			done = table.run("device", "list", f"--root={loop}")
			self.assertEqual((done.returncode, "(ELOOP)" in done.stderr), (1, True), done.stderr)
			missing = table.run("device", "list", f"--root={place}")
			self.assertEqual(missing.returncode, 2, missing.stderr)


class GlobalOptions(unittest.TestCase):
	def pairs(self, taken):
		for command in table.commands():
			takes = table.global_options_of(command)
			for option, forms in GIVEN.items():
				if (option in takes) == taken:
					for form in forms:
						yield command, option, form

	def test_what_a_command_does_not_take_is_refused_wherever_it_stands(self):
		refused = 0
		for command, option, form in self.pairs(taken=False):
			words, arguments = command.split(), ARGUMENTS.get(command, [])
			for argv in [[form, *words, *arguments], [*words, form, *arguments],
				     [*words, *arguments, form]]:
				with self.subTest(argv=argv):
					done = table.run(*argv)
					self.assertEqual((done.returncode, done.stdout), (2, ""))
					self.assertRegex(done.stderr, f"^iommuctl: {command}: option '{option}' is not "
						"for this command, only for: run, ")
			refused += 1
		self.assertGreater(refused, 20)

	def test_what_a_command_does_not_take_is_refused_as_json(self):
		for command, option, form in self.pairs(taken=False):
			with self.subTest(command=command, form=form):
				done = table.run("--json", *command.split(), form)
				self.assertEqual(done.returncode, 2)
				error = json.loads(done.stdout)["error"]
				self.assertEqual((error["code"], error["operation"]), ("usage", command))
				self.assertIn(option, error["message"])

	def test_what_a_command_takes_is_no_wrong_usage(self):
		for command, _, form in self.pairs(taken=True):
			with self.subTest(command=command, form=form):
				done = table.run(*command.split(), form, *ARGUMENTS[command])
				self.assertNotEqual(done.returncode, 2, done.stderr)

	def test_json_is_taken_by_all(self):
		for command in table.commands():
			self.assertEqual(table.global_options_of(command)[0], "--json")


if __name__ == "__main__":
	unittest.main()
