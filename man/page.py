# SPDX-License-Identifier: MIT
"""A manual page, made of sections and paragraphs."""

import re

ESCAPES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", '"': "\\(dq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
SPECIAL = re.compile(r"(?P<function>\biommuctl_\w+)\(\)|(?<!\w)@(?P<name>\w+)|(?P<other>.)", re.DOTALL)


def escape(text):
	"""@text with every character escaped that typesetters would change or take for an escape."""
	return "".join(ESCAPES.get(char) or (char if char.isascii() else f"\\[u{ord(char):04X}]")
		for char in text)


def as_line(text):
	return "\\&" + text if text.startswith(".") else text


def running(text):
	"""@text with its references to functions and parameters in the customary fonts."""
	line = ""
	for token in SPECIAL.finditer(text):
		if token["function"]:
			line += f"\\fB\\%{escape(token['function'])}\\fR(3)"
		elif token["name"]:
			line += f"\\fI{escape(token['name'])}\\fR"
		else:
			line += escape(token[0])
	return as_line(line)


def sentence(text):
	return text[0].upper() + text[1:].removesuffix(".") + "."


class Page:
	def __init__(self, name, section, version, summary):
		what = summary.rstrip(".")
		what = what[0].lower() + what[1:] if what[1:2].islower() else what
		self.file = f"{name}.{section}"
		self.lines = [
			'.\\" Generated from the sources of iommuctl.',
			f'.TH {name.upper()} {section} "" "iommuctl {version}" "iommuctl"',
			".SH NAME",
			f"{escape(name)} \\- {escape(what)}"]

	def section(self, title, *paragraphs):
		self.lines.append(f'.SH "{title}"')
		self.paragraphs(*paragraphs)

	def subsection(self, title, *paragraphs):
		self.lines.append(f'.SS "{escape(title)}"')
		self.paragraphs(*paragraphs)

	def paragraphs(self, *texts):
		for text in texts:
			if text.startswith("  ") or "\n" in text:
				self.shown(text)
			else:
				self.lines += [".PP", running(text)]

	def shown(self, text):
		lines = text.expandtabs(8).split("\n")
		self.lines += [".PP", ".RS 2", ".EX", *(as_line(escape(line)) for line in lines), ".EE", ".RE"]

	def term(self, term, lines):
		self.lines += [".TP", term, "\n.br\n".join(map(running, lines))]

	def terms(self, terms):
		for term, text in terms:
			self.term(term, [text])

	def see_also(self, pages):
		self.lines += ['.SH "SEE ALSO"', " ,\n".join(f".BR {escape(name)} ({section})" for name, section in pages)]

	def write(self, directory):
		(directory / self.file).write_text("\n".join(self.lines) + "\n", encoding="utf-8")
