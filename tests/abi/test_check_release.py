#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_release.py finds incompatible changes: test_check_release.py CC..."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parent / "check_release.py"
CC = []
DONE, FAILED, SKIPPED = 0, 1, 77

HEADER = """
struct iommuctl;
struct iommuctl_range { unsigned int first, last; };
enum iommuctl_kind { IOMMUCTL_ONE, IOMMUCTL_TWO };
int iommuctl_find(struct iommuctl *ctx, const struct iommuctl_range *range, enum iommuctl_kind kind);
void iommuctl_free(struct iommuctl *ctx);
"""
SOURCE = """
#include "include/iommuctl/it.h"
#include "private.h"
int iommuctl_find(struct iommuctl *ctx, const struct iommuctl_range *range, enum iommuctl_kind kind)
{
	return ctx->secret == (int)(range->first + kind);
}
void iommuctl_free(struct iommuctl *ctx) { ctx->secret = 0; }
"""
PRIVATE = "struct iommuctl { int secret; };"
FREE = SOURCE.splitlines()[-1]

# Changes in the header, the source and the private header; the exit status, and the message.
CHANGES = {
	"nothing": ((), DONE, "agrees with"),
	"what no program sees": ((("private", "secret;", "more, secret;"),), DONE, "agrees with"),
	"a function is added": ((("source", FREE, FREE + " int iommuctl_new(void) { return 0; }"),),
				DONE, "iommuctl_new"),
	"an enumerator is added": ((("header", "IOMMUCTL_TWO", "IOMMUCTL_TWO, IOMMUCTL_THREE"),), FAILED, "IOMMUCTL_THREE"),
	"an enumerator has another value": ((("header", "IOMMUCTL_TWO", "IOMMUCTL_TWO = 7"),), FAILED, "IOMMUCTL_TWO"),
	"a member is added": ((("header", "last;", "last, more;"),), FAILED, "iommuctl_range"),
	"a member has another type": ((("header", "unsigned int first", "unsigned short first"),), FAILED, "iommuctl_range"),
	"a function is gone": ((("source", FREE, ""),), FAILED, "iommuctl_free"),
	"a parameter is added": ((("header", "enum iommuctl_kind kind)", "enum iommuctl_kind kind, int more)"),
				  ("source", "enum iommuctl_kind kind)", "enum iommuctl_kind kind, int more)")),
				 FAILED, "iommuctl_find"),
}


class Release(unittest.TestCase):
	def setUp(self):
		directory = tempfile.TemporaryDirectory()
		self.addCleanup(directory.cleanup)
		self.directory = Path(directory.name)
		(self.directory / "include/iommuctl").mkdir(parents=True)

	def build(self, changes=()):
		texts = {"header": HEADER, "source": SOURCE, "private": PRIVATE}
		for which, old, new in changes:
			texts[which] = texts[which].replace(old, new)
		(self.directory / "include/iommuctl/it.h").write_text(texts["header"])
		(self.directory / "private.h").write_text(texts["private"])
		(self.directory / "it.c").write_text(texts["source"])
		subprocess.run([*CC, "-g", "-shared", "-fPIC", "it.c", "-o", "libit.so"], cwd=self.directory, check=True)

	def check(self, what, version):
		return subprocess.run([sys.executable, CHECK, what, "--version", version, "--dumps", self.directory / "dumps",
				       self.directory / "libit.so"], capture_output=True, text=True, check=False)

	def dump(self):
		self.build()
		done = self.check("dump", "1.0")
		if done.returncode == SKIPPED:
			self.skipTest(done.stdout)
		self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)

	def test_what_programs_are_built_with_stays(self):
		self.dump()
		for name, (changes, status, said) in CHANGES.items():
			with self.subTest(name):
				self.build(changes)
				done = self.check("compare", "1.0")
				self.assertEqual(done.returncode, status, done.stdout + done.stderr)
				self.assertIn(said, done.stdout)

	def test_a_version_has_a_dump_of_its_own(self):
		self.dump()
		self.assertEqual(self.check("compare", "1.1").returncode, FAILED)
		self.assertEqual(self.check("dump", "1.1").returncode, DONE)
		self.assertEqual(self.check("compare", "1.1").returncode, DONE)
		self.assertEqual([path.name for path in (self.directory / "dumps").iterdir()], ["libit-1.1.abi"])


if __name__ == "__main__":
	CC[:] = sys.argv[1:]
	unittest.main(argv=sys.argv[:1])
