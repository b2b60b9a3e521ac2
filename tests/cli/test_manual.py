#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages are correct roff and cover everything in the table."""

import json
import pathlib
import re
import shutil
import sys
import unittest

import table

README = pathlib.Path(__file__).parents[2] / "README.md"
ARGUMENTS = [pathlib.Path(argument) for argument in sys.argv[1:]]
PAGES = [path for path in ARGUMENTS if path.is_file()]
LIBRARY_PAGES = sorted(page for path in ARGUMENTS if path.is_dir() for page in path.glob("*.3"))
del sys.argv[1:]


def page(name):
	return next(path for path in PAGES if path.name == name).read_text().replace("\\-", "-")


def text_of(name):
	"""The page without changes of font."""
	text = page(name)
	for font in "BIR":
		text = text.replace(f"\\f{font}", "")
	return text


def page_of(command):
	return f"iommuctl-{command.replace(' ', '-')}.1"


class Manual(unittest.TestCase):
	def test_every_command_and_option_is_there(self):
		text = text_of("iommuctl.1")
		for command in table.commands():
			own = text_of(page_of(command))
			self.assertIn(f"\n.TP\niommuctl {command} ", text)
			self.assertIn(f'.SH "SYNOPSIS"\niommuctl {command} ', own)
			for option in table.options(command) + table.global_options_of(command):
				self.assertIn(f"\n.TP\n{option}", own)
		for option in table.global_options():
			self.assertIn(f"\n.TP\n{option}", text)

	def test_there_is_a_page_for_each_command_and_no_other(self):
		pages = {path.name for path in PAGES}
		others = {"iommuctl.1", "iommuctl-job.5", "iommuctl-session.7", "iommuctl-ioctls.7"}
		self.assertEqual(pages, {*others, *map(page_of, table.commands())})

	def test_every_page_that_another_refers_to_is_there(self):
		known = {path.name for path in PAGES + LIBRARY_PAGES}
		for path in PAGES:
			referred = re.findall(r"^\.BR (\S+) \((\d)\)", page(path.name), re.MULTILINE)
			self.assertGreater(len(referred), 0, path.name)
			for name, section in referred:
				self.assertIn(f"{name}.{section}", known, path.name)

	def test_examples_fit_80_columns(self):
		"""Verbatim text is indented by 7 columns, and 2 more."""
		for path in PAGES:
			for example in re.findall(r"(?ms)^\.EX\n(.*?)^\.EE$", page(path.name)):
				for line in re.sub(r"\\(\(..|e)", "x", example).replace("\\&", "").splitlines():
					self.assertLessEqual(len(line), 71, f"{path.name}: {line}")

	def test_sections_are_in_the_customary_order(self):
		sections = {"iommuctl.1": ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS",
			"EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]}
		for command in table.commands():
			keys = ["KEYS"] if table.section(table.run("help", *command.split()).stdout, "Keys") else []
			sections[page_of(command)] = ["SYNOPSIS", "DESCRIPTION", *keys, "OPTIONS", "EXIT STATUS", "SEE ALSO"]
		for name, expected in sections.items():
			titles = re.findall(r'^\.SH "(.*)"$', page(name), re.MULTILINE)
			self.assertEqual(titles, expected, name)

	def statuses(self):
		section = text_of("iommuctl.1").split('.SH "EXIT STATUS"')[1].split(".SH")[0]
		return {name: int(number)
			for number, name in re.findall(r"^\.TP\n(\d+) \(([a-z-]+)\)$", section, re.MULTILINE)}

	def test_exit_statuses_are_those_of_the_readme(self):
		rows = re.findall(r"^\| (\d+) \| ([a-z-]+) \|", README.read_text(), re.MULTILINE)
		self.assertIn("bad-job", self.statuses())
		self.assertEqual(self.statuses(), {name: int(number) for number, name in rows})

	def test_exit_statuses_that_commands_speak_of_have_their_names_beside(self):
		pages = ["iommuctl.1", *map(page_of, table.commands())]
		text = " ".join(" ".join(text_of(name).split('.SH "EXIT STATUS"')[0] for name in pages).split())
		spoken = re.findall(r"\b(\d+) \(([a-z-]+)\)", text)
		self.assertGreater(len(spoken), 6)
		for number, name in spoken:
			self.assertEqual(self.statuses().get(name), int(number), name)
		for sentence in re.findall(r"[^.;]*exit status[^.;]*", text):
			self.assertEqual(re.findall(r"\b\d+\b(?! \()", sentence), [], sentence)

	def test_a_default_is_one_of_the_choices(self):
		self.assertIn("(one of edu, nvme, igb)\n", text_of("iommuctl-device-open.1"))
		self.assertIn("(one of kernel, model; default kernel)\n", text_of("iommuctl-job.5"))

	def test_what_the_object_of_a_command_says_is_none_of_its_keys(self):
		keys = text_of("iommuctl-dma.1").split('.SH "KEYS"')[1].split(".SS")[1]
		self.assertIn(".TP\nfrom\n", keys)
		self.assertNotIn(".TP\ndevice\n", keys)

	def test_every_key_of_a_job_is_there(self):
		text = text_of("iommuctl-job.5")
		schema = json.loads(table.run("--json", "schema").stdout)["schema"]
		self.assertIn("hwpts", schema["properties"])
		for collection in schema["properties"]:
			self.assertIn(f"\n.TP\n{collection}\n", text)

	def test_every_key_of_a_machine_is_there(self):
		text = text_of("iommuctl-job.5")
		schema = json.loads(table.run("schema", "machine").stdout)
		shapes = [schema, *schema["$defs"].values()]
		self.assertIn("devices", schema["properties"])
		for key in (key for shape in shapes for key in shape["properties"]):
			self.assertIn(f"\n.TP\n{key}\n", text)

	def test_the_limits_are_there(self):
		text = text_of("iommuctl-job.5")
		schema = json.loads(table.run("schema", "machine").stdout)
		self.assertIn("16 MiB", text)
		for key, noun in {"smmus": "smmu", "devices": "model-device"}.items():
			most = schema["properties"][key]["maxItems"]
			self.assertIn(f"(array of {noun}; at most {most}; required)", text)

	def test_the_example_is_a_valid_job(self):
		example = re.search(r"^\.EX\n(.*?)^\.EE", page("iommuctl-job.5"), re.MULTILINE | re.DOTALL)[1]
		done = table.run("validate", "-", input=example.replace("\\(dq", '"'))
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	@unittest.skipUnless(shutil.which("groff"), "groff is not installed")
	def test_groff_has_nothing_to_complain_about(self):
		for pages in [*([path] for path in PAGES), LIBRARY_PAGES]:
			done = table.execute("groff", "-man", "-Tutf8", "-ww", *pages)
			with self.subTest(page=pages[0].name):
				self.assertEqual((done.returncode, done.stderr), (0, ""))

	@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
	def test_mandoc_has_no_error(self):
		for path in PAGES + LIBRARY_PAGES:
			done = table.execute("mandoc", "-Tlint", "-Werror", path)
			self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
	unittest.main()
