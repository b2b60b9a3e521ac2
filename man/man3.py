#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the man3 pages: one for each public function, one for each public header."""

import argparse
import pathlib
import re

from headers import heads_of, read_header, split_at_commas
from page import Page, escape, sentence

COLUMNS = 68  # of a prototype, so that it fits a terminal of 80
OF_ANOTHER_LIBRARY = {"model.h": "libiommuctl-model", "vsmmuv3_replay.h": "libiommuctl-model"}


def page_name(header):
	return header if header.startswith("iommuctl") else f"iommuctl_{header}"


def prototype(function):
	"""The declaration with as many parameters per line as fit."""
	start, _, rest = function.prototype.partition("(")
	lines, line = [], start + "("
	parameters = split_at_commas(rest.removesuffix(");"))
	for number, parameter in enumerate(parameters, 1):
		text = parameter + ("," if number < len(parameters) else ");")
		if len(line) + len(text) > COLUMNS and line.strip():
			lines.append(line.rstrip())
			line = "        "
		line += text + " "
	return "\n".join([*lines, line.rstrip()])


def italic(names):
	return [(f"\\fI{escape(name)}\\fR", text) for name, text in names]


def errnos(errors):
	return [(", ".join(f"\\fB{escape(name)}\\fR" for name in names), cause) for names, cause in errors]


def mentioned(function):
	doc = function.doc
	texts = [*doc.paragraphs, *doc.parameters.values(), *doc.parts.values(), doc.others,
		*(cause for _, cause in doc.errors)]
	names = set(re.findall(r"\b(iommuctl_\w+)\(\)", " ".join(texts)))
	if function.can_fail_as_all:
		names.add("iommuctl_last_error")
	return sorted(names - {function.name})


def write_errors(page, header, function, heads):
	doc = function.doc
	page.section("ERRORS")
	if doc.parts["Errors"]:
		page.paragraphs(sentence(doc.parts["Errors"]))
	page.terms(errnos(doc.errors))
	if doc.others:
		page.terms([("others", doc.others)])
	common = [error for head in heads for error in head.errors]
	if common and function.can_fail_as_all:
		page.paragraphs(f"All calls of <iommuctl/{header.head.parts.get('Common', header.name)}> "
			"can also fail with:")
		page.terms(errnos(common))


def write_see_also(page, functions, headers):
	page.section("SEE ALSO")
	names = [*functions, *map(page_name, headers)]
	page.lines.append(",\n".join(f"\\fB\\%{escape(name)}\\fR(3)" for name in names))


def write_rules(page, docs):
	"""Each rule from the first of @docs that has it."""
	for title, part in {"OWNERSHIP": "Ownership", "THREADS": "Threads", "SOURCE": "Source"}.items():
		text = next((doc.parts[part] for doc in docs if part in doc.parts), None)
		if text:
			page.section(title, text if part == "Source" else sentence(text))


def function_page(header, function, heads, version):
	doc = function.doc
	library = OF_ANOTHER_LIBRARY.get(header.name, "libiommuctl")
	page = Page(function.name, 3, version, doc.summary)
	page.section("LIBRARY", f"{library} (-l{library.removeprefix('lib')}; pkg-config {library})")
	page.section("SYNOPSIS", f"#include <iommuctl/{header.name}>\n\n{prototype(function)}")
	page.section("DESCRIPTION", *doc.paragraphs)
	page.terms(italic((name, next(each.parameters[name] for each in [doc, *heads]
		if name in each.parameters)) for name in function.parameters))
	if "Returns" in doc.parts:
		page.section("RETURN VALUE", sentence(doc.parts["Returns"]))
	elif function.returns == "int":
		page.section("RETURN VALUE", "0 on success, a negative errno otherwise.")
	if "Errors" in doc.parts:
		write_errors(page, header, function, heads)
	write_rules(page, [doc, *heads])
	page.section("HISTORY", f"Since {doc.parts['Since']}.")
	write_see_also(page, mentioned(function), [header.name])
	return page


def header_page(header, heads, version):
	page = Page(page_name(header.name), 3, version, header.head.summary)
	page.section("SYNOPSIS")
	page.shown(f"#include <iommuctl/{header.name}>")
	page.section("DESCRIPTION", *header.head.paragraphs)
	if header.functions:
		page.section("FUNCTIONS")
		page.terms((f"\\fB{escape(function.name)}\\fR(3)", function.doc.summary)
			for function in header.functions)
	if header.types:
		page.section("TYPES AND CONSTANTS")
	for found in header.types:
		page.subsection(found.name, *found.doc.paragraphs)
		page.shown(found.code)
		page.terms(italic(found.doc.parameters.items()))
		if "Members" in found.doc.parts:
			page.terms([("members", found.doc.parts["Members"])])
		page.paragraphs(f"Since {found.doc.parts['Since']}.")
	write_rules(page, heads)
	write_see_also(page, [], header.includes)
	return page


def main():
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--version", required=True)
	parser.add_argument("--output", type=pathlib.Path, required=True, help="directory of the pages")
	parser.add_argument("headers", type=pathlib.Path, nargs="+")
	args = parser.parse_args()
	headers = {path.name: read_header(path.name, path.read_text(encoding="utf-8"))
		for path in args.headers}
	for header in headers.values():
		heads = heads_of(header, headers)
		header_page(header, heads, args.version).write(args.output)
		for function in header.functions:
			function_page(header, function, heads, args.version).write(args.output)


if __name__ == "__main__":
	main()
