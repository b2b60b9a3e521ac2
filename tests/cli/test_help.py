#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every command has help, which fits a terminal."""

import json
import unittest

import table


class Help(unittest.TestCase):
	def test_the_list_has_commands_and_global_options(self):
		self.assertIn("run", table.commands())
		self.assertIn("device list", table.commands())
		self.assertIn("--json", table.global_options())

	def test_all_three_ways_to_ask_give_the_same(self):
		for command in table.commands():
			words = command.split()
			with self.subTest(command=command):
				asked = table.run("help", *words)
				self.assertEqual(asked.returncode, 0)
				self.assertRegex(asked.stdout, f"^Usage: iommuctl {command} ")
				self.assertEqual(table.run(*words, "--help").stdout, asked.stdout)
				self.assertEqual(table.run("--help", *words).stdout, asked.stdout)

	def test_a_letter_asks_as_well(self):
		self.assertEqual(table.run("-h").stdout, table.run("help").stdout)
		self.assertEqual(table.run("decode", "-h").stdout, table.run("help", "decode").stdout)

	def test_a_command_shows_the_global_options_that_it_takes(self):
		self.assertIn("--trace", table.global_options_of("run"))
		self.assertEqual(table.global_options_of("decode"), ["--json", "--version", "--help"])

	def test_a_group_lists_its_own_commands(self):
		listed = table.commands("device")
		known = [command for command in table.commands() if command.startswith("device ")]
		self.assertEqual(listed, known)
		self.assertEqual(table.run("device", "--help").stdout, table.run("help", "device").stdout)

	def test_commands_are_listed_under_headings(self):
		self.assertEqual(table.groups(), ["Jobs", "Host and devices", "Sessions", "Objects in a session",
			"Steps of a selftest, in a session", "Tools"])
		text = table.run("help").stdout
		self.assertEqual(table.section(text, "Jobs"), ["run", "plan", "validate", "selftest", "schema"])
		self.assertIn("device attach", table.section(text, "Objects in a session"))
		self.assertEqual(table.groups("device"), ["Host and devices", "Objects in a session",
			"Steps of a selftest, in a session"])

	def test_summaries_are_sentences_without_full_stop(self):
		for command in table.commands():
			summary = table.run("help", *command.split()).stdout.splitlines()[2]
			self.assertRegex(summary, r"^[A-Z].*[^.]\.$", command)

	def test_lines_end_before_column_80(self):
		for words in [[], *(command.split() for command in table.commands())]:
			for line in table.run("help", *words).stdout.splitlines():
				with self.subTest(words=words, line=line):
					self.assertLess(len(line), 80)
					self.assertEqual(line, line.rstrip())

	def test_json_mode_carries_the_same_text(self):
		answer = json.loads(table.run("--json", "help", "decode").stdout)
		self.assertEqual(answer["iommuctl"], 1)
		self.assertEqual(answer["help"] + "\n", table.run("help", "decode").stdout)


if __name__ == "__main__":
	unittest.main()
