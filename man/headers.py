# SPDX-License-Identifier: MIT
"""Reads the public headers in the form that include/iommuctl/README.md describes.

Read by the generator of the man3 pages (man3.py) and by the test of the form
(tests/api/test_documentation.py).
"""

import dataclasses
import re

PARTS = ("Ownership", "Threads", "Returns", "Errors", "Source", "Members", "Common", "Since")
TOKEN = re.compile(r"(?P<comment>/\*.*?\*/)"
	r"|(?P<directive>^[ \t]*#(?:\\\n|[^\n/]|/(?!\*))*)"
	r"|(?P<space>\s+)|(?P<code>.)", re.DOTALL | re.MULTILINE)
MEMBER = re.compile(r"(?P<comment>/\*.*?\*/)|(?P<blank>\n[ \t]*(?=\n))|(?P<end>\n)|(?P<code>.)", re.DOTALL)
CONSTANT = re.compile(r"\s*#define\s+IOMMUCTL_\w+(\(\w*\))?[ \t]+\S")
LINKAGE = re.compile(r'extern\s+"C"\s*\{')
PARAMETER = re.compile(r"((?:@\w+(?:, )?)+): ?(.*)")
PART = re.compile(rf"({'|'.join(PARTS)}): ?(.*)")
ERRNO = re.compile(r"((?:-E[A-Z0-9]+(?:, )?)+): ?(.*)")
OTHER = re.compile(r"others: ?(.*)")


@dataclasses.dataclass
class Doc:
	"""What a comment says: text, parameters or members by name, parts by their word."""
	paragraphs: list = dataclasses.field(default_factory=list)
	parameters: dict = dataclasses.field(default_factory=dict)
	parts: dict = dataclasses.field(default_factory=dict)
	errors: list = dataclasses.field(default_factory=list)  # (names, cause)
	others: str = ""
	problems: list = dataclasses.field(default_factory=list)

	@property
	def summary(self):
		return self.paragraphs[0] if self.paragraphs else ""


@dataclasses.dataclass
class Function:
	name: str
	prototype: str
	returns: str
	parameters: list
	doc: Doc

	@property
	def can_fail_as_all(self):
		"""Whether the errors of the head comment are among its own."""
		return "ctx" in self.parameters and "Errors" in self.doc.parts


@dataclasses.dataclass
class Type:
	"""A struct, an enum, or a group of constants: its members by name, each with what describes it."""
	name: str
	code: str
	members: dict
	doc: Doc


@dataclasses.dataclass
class Header:
	name: str
	head: Doc
	functions: list
	types: list
	includes: list


def comment_lines(comment):
	body = comment.removeprefix("/*").removesuffix("*/").strip("\n")
	return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in body.split("\n")]


def comment_text(comment):
	return " ".join(line.strip() for line in comment_lines(comment)).strip()


def entries(lines):
	"""Joins each line with the indented ones below it; empty lines stay."""
	joined = []
	for line in lines:
		if line.startswith("  ") and joined and joined[-1]:
			joined[-1].append(line[2:])
		else:
			joined.append([line] if line else [])
	return joined


def read_errors(doc, lines):
	for first, *more in entries(lines):
		text = " ".join([first, *(line.strip() for line in more)])
		if match := ERRNO.fullmatch(text):
			names = match[1].split(", ")
			doc.errors.append((names, match[2]))
			if not match[2]:
				doc.problems.append(f"no cause of {match[1]}")
		elif match := OTHER.fullmatch(text):
			doc.others = match[1]
		else:
			doc.problems.append(f"not an error of the form: {text}")


def read_doc(comment):
	doc = Doc()
	lines = comment_lines(re.sub(r" Since: (\S+) \*/$", r"\nSince: \1", comment))
	start = next((number for number, line in enumerate(lines)
		if PARAMETER.fullmatch(line) or PART.fullmatch(line)), len(lines))
	for paragraph in "\n".join(lines[:start]).split("\n\n"):
		paragraph = paragraph.strip("\n")
		if paragraph:
			shown = paragraph.startswith("  ") or "\n  " in paragraph
			doc.paragraphs.append(paragraph if shown else " ".join(paragraph.split("\n")).strip())
	for first, *more in filter(None, entries(lines[start:])):
		if match := PARAMETER.fullmatch(first):
			text = " ".join([match[2], *(line.strip() for line in more)]).strip()
			for name in match[1].replace("@", "").split(", "):
				doc.parameters[name] = text
			if not text:
				doc.problems.append(f"nothing said of {match[1]}")
		elif match := PART.fullmatch(first):
			if match[1] in doc.parts:
				doc.problems.append(f"{match[1]} is there twice")
			if match[1] == "Errors":
				doc.parts["Errors"] = match[2]
				read_errors(doc, more)
			else:
				doc.parts[match[1]] = " ".join([match[2], *(line.strip() for line in more)]).strip()
			if not (doc.parts[match[1]] or more):
				doc.problems.append(f"{match[1]} is empty")
		else:
			doc.problems.append(f"text after the parts: {first}")
	return doc


def split_at_commas(text):
	depth, part, parts = 0, "", []
	for char in text:
		depth += (char in "([{") - (char in ")]}")
		if char == "," and depth == 0:
			parts.append(part)
			part = ""
		else:
			part += char
	return [part.strip() for part in [*parts, part] if part.strip()]


def declared_name(declarator):
	if match := re.search(r"\(\*(\w+)\)", declarator):
		return match[1]
	match = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?::\s*\w+\s*)?$", declarator)
	return match[1] if match else ""


def read_function(comment, code):
	code = " ".join(code.split())
	match = re.fullmatch(r"(.*?)\b(iommuctl_\w+)\((.*)\)", code)
	if not match:
		return None
	parameters = [declared_name(part) for part in split_at_commas(match[3]) if part != "void"]
	return Function(match[2], code + ";", match[1].strip(), parameters, read_doc(comment))


def read_members(body, separator):
	"""Yields (name, its description) of each member or constant of a struct or an enum."""
	above, beside, code = "", "", ""
	for token in MEMBER.finditer(body):
		if token["comment"] and beside:
			yield beside, comment_text(token[0])
		elif token["comment"]:
			above = comment_text(token[0])
		elif token["blank"]:
			above, beside = "", ""
		elif token["end"]:
			beside = ""
		elif token[0] == separator and code.count("(") == code.count(")"):
			beside = declared_name(code.split("=")[0].strip())
			yield beside, above
			code = ""
		else:
			code += token[0]
	if code.strip():
		yield declared_name(code.split("=")[0].strip()), above


def read_members_of_doc(comment, members):
	"""@members with what @comment says of them; None for one that is not there."""
	doc = read_doc(comment)
	for name, text in doc.parameters.items():
		if members.get(name):
			doc.problems.append(f"{name} is described twice")
		members[name] = text if name in members else None
	return members, doc


def read_type(comment, code):
	match = re.match(r"(struct|enum|union)\s+(\w+)\s*\{(.*)\}\s*$", code, re.DOTALL)
	if not match:
		return None
	members = {}
	for name, text in read_members(match[3], "," if match[1] == "enum" else ";"):
		members[name] = (members.get(name, "") + " " + text).strip()
	return Type(f"{match[1]} {match[2]}", code + ";", *read_members_of_doc(comment, members))


def read_constants(comment, lines):
	members = {}
	for line, beside in lines:
		name = line.split()[1].partition("(")[0]
		members[name] = comment_text(beside)
	code = "\n".join(" ".join(pair).rstrip() for pair in lines)
	return Type(next(iter(members)), code, *read_members_of_doc(comment, members))


def pieces(text):
	"""Yields (kind, text) of what is outside of braces: comment, beside, constant, blank, code."""
	code, depth, beside = "", 0, False
	for token in TOKEN.finditer(text):
		if not code and token["space"]:
			beside = beside and "\n" not in token[0]
			if token[0].count("\n") > 1:
				yield "blank", ""
		elif not code and token["comment"]:
			yield "beside" if beside else "comment", token[0]
		elif token["directive"]:
			beside = bool(CONSTANT.match(token[0]))
			if beside:
				yield "constant", token[0].strip()
		else:
			code += token[0]
			depth += (token[0] == "{") - (token[0] == "}")
			if LINKAGE.fullmatch(code) or code == "}":
				code, depth = "", 0
			elif token[0] == ";" and depth == 0:
				yield "code", code.rstrip(";")
				code = ""


def heads_of(header, headers):
	"""The head comments that hold for @header: its own, and that of the header that it names as Common."""
	common = headers.get(header.head.parts.get("Common"))
	return [header.head, common.head] if common else [header.head]


def read_header(name, text):
	head, comment, constants = None, "", []
	header = Header(name, Doc(), [], [], re.findall(r"#include <iommuctl/(\w+\.h)>", text))
	for kind, piece in [*pieces(text), ("blank", "")]:
		if kind == "constant":
			constants.append((piece, ""))
		elif kind == "beside":
			constants[-1] = (constants[-1][0], piece)
		elif constants:
			header.types.append(read_constants(comment, constants))
			comment, constants = "", []
		if kind == "comment":
			if head is None and "SPDX" not in piece:
				head = header.head = read_doc(piece)
			else:
				comment = piece
		elif kind == "code":
			found = read_type(comment, piece)
			function = None if found else read_function(comment, re.sub(r"/\*.*?\*/", " ", piece))
			if found:
				header.types.append(found)
			elif function:
				header.functions.append(function)
		if kind in ("code", "blank"):
			comment = ""
	return header
