#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The public headers are documented in the form of include/iommuctl/README.md, and have man3 pages."""

import argparse
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "man"), str(ROOT / "tests" / "abi")]
from check_public_symbols import mapped_symbols
from headers import heads_of, read_header
from man3 import page_name

HEADERS = ROOT / "include" / "iommuctl"
ERRNO = re.compile(r"(?<!\w)-E[A-Z][A-Z0-9]+\b")


def of_the_summary(doc):
	if not doc.summary:
		yield "no summary"
	elif not re.fullmatch(r"[A-Z0-9](?:(?!\. [A-Z]).)*[^.]\.", doc.summary):
		yield "the summary is not one sentence"


def of_the_errors(function, heads):
	"""int is 0 or a negative errno, unless Returns says otherwise; Returns also describes any other type."""
	doc = function.doc
	if function.returns not in ("void", "int") and "Returns" not in doc.parts:
		yield "Returns is missing"
	if function.returns == "int" and not {"Returns", "Errors"} & set(doc.parts):
		yield "Errors is missing"
	if "Errors" in doc.parts and not (doc.parts["Errors"] or doc.errors or doc.others):
		yield "Errors is empty"
	named = [name for names, _ in doc.errors for name in names]
	yield from (f"{name} is there twice" for name in sorted(set(named)) if named.count(name) > 1)
	known = {*named, *(name for head in heads for names, _ in head.errors for name in names)}
	texts = [*doc.paragraphs, *doc.parameters.values(), *doc.parts.values()]
	for name in sorted(set(ERRNO.findall(" ".join(texts))) - known):
		yield f"no cause of {name}"


def of_a_function(function, heads):
	doc = function.doc
	yield from of_the_summary(doc)
	yield from doc.problems
	described = {name for head in heads for name in head.parameters} | set(doc.parameters)
	yield from (f"@{name} is not described" for name in function.parameters if name not in described)
	yield from (f"@{name} is no parameter" for name in doc.parameters if name not in function.parameters)
	for part in ("Ownership", "Threads", "Source"):
		if not any(part in each.parts for each in [doc, *heads]):
			yield f"{part} is missing"
	if "Since" not in doc.parts:
		yield "Since is missing"
	yield from of_the_errors(function, heads)


def of_a_type(found):
	yield from of_the_summary(found.doc)
	yield from found.doc.problems
	if "Since" not in found.doc.parts:
		yield "Since is missing"
	for name, text in found.members.items():
		if text is None:
			yield f"@{name} is no member"
		elif not text and "Members" not in found.doc.parts and list(found.members) != [found.name]:
			yield f"{name} is not described"


def findings(headers):
	"""The violations of the form in @headers, texts by name."""
	headers = {name: read_header(name, text) for name, text in headers.items()}
	for header in headers.values():
		heads = heads_of(header, headers)
		yield from (f"{header.name}: {problem}" for problem in header.head.problems)
		yield from (f"{header.name}: {problem}" for problem in of_the_summary(header.head))
		if header.head.parts.get("Common", header.name) not in headers:
			yield f"{header.name}: Common names no header"
		for function in header.functions:
			yield from (f"{function.name}: {problem}" for problem in of_a_function(function, heads))
		for found in header.types:
			yield from (f"{found.name}: {problem}" for problem in of_a_type(found))


# A header with every part of the form. Each row removes or breaks something, which must be found.
WHOLE = """/* SPDX-License-Identifier: MIT */
/*
 * Things.
 *
 * @ctx: the context
 *
 * Ownership: the caller's.
 * Threads: any thread.
 * Errors:
 *   -EBADF: it is not open
 * Source: drivers/thing.c
 */
#ifndef IOMMUCTL_THING_H
#define IOMMUCTL_THING_H

/*
 * Flags.
 *
 * @IOMMUCTL_THING_ONE: one
 *
 * Since: 0.1
 */
#define IOMMUCTL_THING_ONE (1 << 0)
#define IOMMUCTL_THING_TWO (1 << 1) /* two */

/*
 * A thing.
 *
 * @size: bytes
 *
 * Since: 0.1
 */
struct iommuctl_thing {
	uint64_t size;
	int fd; /* borrowed */
	/* What it does. */
	void (*act)(int which, void *data);
};

/* What kind it is. Since: 0.1 */
enum iommuctl_thing_kind {
	IOMMUCTL_THING_BIG, /* more than fits */
	IOMMUCTL_THING_SMALL = 3, /* less */
};

/*
 * Makes a thing.
 *
 * With -EAGAIN, do it again. The rest gets -EBADF.
 *
 * @size: bytes, 1 to 7
 * @thing: out: the thing,
 *   whole
 *
 * Errors:
 *   -EAGAIN, -EINTR: not
 *     now
 *   others: those of iommuctl_other()
 * Since: 0.1
 */
int iommuctl_thing_make(struct iommuctl *ctx, uint64_t size, struct iommuctl_thing *thing);

/*
 * Tells how large it is.
 *
 * @thing: the thing
 *
 * Returns: bytes.
 * Since: 0.1
 */
uint64_t iommuctl_thing_get_size(const struct iommuctl_thing *thing);
"""

MAKE, SIZE, THING = "iommuctl_thing_make", "iommuctl_thing_get_size", "struct iommuctl_thing"

BROKEN = [
	(" * Things.", " * Things. All of them.", "thing.h: the summary is not one sentence"),
	(" * Makes a thing.\n", "", f"{MAKE}: the summary is not one sentence"),
	("Makes a thing.", "Makes a thing. And more.", f"{MAKE}: the summary is not one sentence"),
	("Makes a thing.", "Makes a thing", f"{MAKE}: the summary is not one sentence"),
	(" * @size: bytes, 1 to 7\n", "", f"{MAKE}: @size is not described"),
	("@size: bytes, 1 to 7", "@size:", f"{MAKE}: nothing said of @size"),
	("@size: bytes, 1 to 7", "@bytes: 1 to 7", f"{MAKE}: @bytes is no parameter"),
	(" * @ctx: the context\n", "", f"{MAKE}: @ctx is not described"),
	(" * Ownership: the caller's.\n", "", f"{MAKE}: Ownership is missing"),
	(" * Threads: any thread.\n", "", f"{MAKE}: Threads is missing"),
	(" * Source: drivers/thing.c\n", "", f"{MAKE}: Source is missing"),
	("Source: drivers/thing.c", "Source:", "thing.h: Source is empty"),
	(" * Since: 0.1\n */\nint", " */\nint", f"{MAKE}: Since is missing"),
	(" * Errors:\n *   -EAGAIN, -EINTR: not\n *     now\n *   others: those of iommuctl_other()\n", "",
		f"{MAKE}: Errors is missing"),
	(" *   -EAGAIN, -EINTR: not\n *     now\n", "", f"{MAKE}: no cause of -EAGAIN"),
	(": not\n *     now", ":", f"{MAKE}: no cause of -EAGAIN, -EINTR"),
	("-EAGAIN, -EINTR", "-EAGAIN, -EAGAIN", f"{MAKE}: -EAGAIN is there twice"),
	(" *   -EBADF: it is not open\n", "", f"{MAKE}: no cause of -EBADF"),
	("others:", "Others:", f"{MAKE}: not an error of the form: Others: those of iommuctl_other()"),
	(" * Returns: bytes.\n", "", f"{SIZE}: Returns is missing"),
	(" * @thing: the thing\n", "", f"{SIZE}: @thing is not described"),
	(" * Returns: bytes.\n", " * Returns: bytes.\n * It is known.\n",
		f"{SIZE}: text after the parts: It is known."),
	(" * @size: bytes\n *\n * Since: 0.1\n", " * @size: bytes\n", f"{THING}: Since is missing"),
	(" * @size: bytes\n *\n * Since", " * Since", f"{THING}: size is not described"),
	(" /* borrowed */", "", f"{THING}: fd is not described"),
	("\t/* What it does. */\n", "", f"{THING}: act is not described"),
	("@size: bytes\n *\n", "@bytes: its size\n *\n", f"{THING}: @bytes is no member"),
	("kind it is. Since: 0.1 */", "kind it is. */", "enum iommuctl_thing_kind: Since is missing"),
	(" /* less */", "", "enum iommuctl_thing_kind: IOMMUCTL_THING_SMALL is not described"),
	("uint64_t size;", "uint64_t size; /* bytes */", f"{THING}: size is described twice"),
	(" * @IOMMUCTL_THING_ONE: one\n", "",
		"IOMMUCTL_THING_ONE: IOMMUCTL_THING_ONE is not described"),
	(" /* two */", "", "IOMMUCTL_THING_ONE: IOMMUCTL_THING_TWO is not described"),
	(" * Source:", " * Common: other.h\n * Source:", "thing.h: Common names no header"),
]


class Form(unittest.TestCase):
	def test_a_header_that_has_all_of_it(self):
		self.assertEqual(list(findings({"thing.h": WHOLE})), [])

	def test_what_is_taken_away_is_missed(self):
		for old, new, finding in BROKEN:
			with self.subTest(old=old, new=new):
				self.assertIn(old, WHOLE)
				self.assertIn(finding, list(findings({"thing.h": WHOLE.replace(old, new, 1)})))

	def test_what_the_head_of_another_header_says_holds(self):
		head = WHOLE[WHOLE.index("/*\n"):WHOLE.index("#ifndef")]
		rest = WHOLE.replace(head, "/*\n * Things.\n *\n * Common: common.h\n */\n")
		self.assertEqual(list(findings({"common.h": head, "thing.h": rest})), [])


class PublicHeaders(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.texts = {path.name: path.read_text(encoding="utf-8") for path in HEADERS.glob("*.h")}
		cls.symbols = [name for path in ARGS.map for name, _ in mapped_symbols(path)]

	def test_the_form(self):
		self.assertEqual(list(findings(self.texts)), [])

	def test_every_symbol_is_read(self):
		names = [function.name for name, text in self.texts.items()
			for function in read_header(name, text).functions]
		self.assertEqual(sorted(names), sorted(self.symbols))

	def test_every_symbol_has_a_page(self):
		for name in self.symbols:
			path = ARGS.pages / f"{name}.3"
			with self.subTest(page=path.name):
				text = path.read_text(encoding="utf-8").replace("\\-", "-")
				self.assertIn(f"\n.SH NAME\n{name} - ", text)
				for section in ("SYNOPSIS", "OWNERSHIP", "THREADS", "HISTORY", "SOURCE"):
					self.assertIn(f'\n.SH "{section}"\n', text)

	def test_every_header_has_a_page(self):
		for name in self.texts:
			self.assertTrue((ARGS.pages / f"{page_name(name)}.3").is_file(), name)


if __name__ == "__main__":
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--map", type=pathlib.Path, nargs="+", required=True)
	parser.add_argument("--pages", type=pathlib.Path, required=True, help="directory of the man3 pages")
	ARGS = parser.parse_args()
	unittest.main(argv=sys.argv[:1])
