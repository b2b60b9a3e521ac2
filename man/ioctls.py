#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes iommuctl-ioctls(7): each ioctl, how to call it, and where it is proven.

tests/api/test_ioctls.py checks the table.
"""

import argparse
import json
import pathlib

from page import Page, escape

REAL, MODEL = "a real kernel", "the model"


def things(cell):
	"""What a cell names; nothing if it gives the reason for naming nothing."""
	listed = cell if isinstance(cell, list) else [cell]
	return [] if listed[0].startswith("- ") else listed


def reasons_of(cells, reasons):
	"""Why cells are empty, each reason once."""
	keys = dict.fromkeys(cell[2:] for cell in cells if not things(cell))
	return " ".join(reasons[key] for key in keys)


def proven(model, real):
	if things(real):
		return f"{REAL}, {MODEL}" if things(model) else REAL
	return f"only {MODEL}" if things(model) else ""


def facts(row, reasons):
	"""The lines of a row: what exists, then why the rest does not."""
	call, job, verb, _, model, real = row[2:]
	named = {
		"Function": ", ".join(f"{name}()" for name in things(call)),
		"Job": ", ".join(things(job)),
		"Command": ", ".join(f"iommuctl {name}" for name in things(verb)),
		"Answered by": proven(model, real),
		"Not there": reasons_of([call, job, verb, model, real], reasons),
	}
	return [f"{label}: {text}" for label, text in named.items() if text]


def term(row):
	return f"\\fB{escape(f'{row[0]} {row[1]}'.strip())}\\fR"


def write_page(table, version):
	page = Page("iommuctl-ioctls", 7, version, "each ioctl of iommufd and VFIO: function, job key, command, and proof")
	page.section("DESCRIPTION",
		"All ioctls of linux/iommufd.h and linux/vfio.h, with the types of data that some of them take: the function of "
		"libiommuctl that calls it, the key of a job that uses it, and the command.",
		f"An ioctl is answered by {REAL} if a test of the project runs it on a Linux kernel, with an emulated IOMMU or "
		f"with the kernel's own mock device. One answered by only {MODEL} was never seen on a kernel: the model follows "
		"the kernel's sources. Where something is missing, the reason is given.")
	for title, prefix in {"IOMMUFD": "IOMMU_", "VFIO": "VFIO_"}.items():
		page.section(title)
		for row in table["rows"]:
			if row[0].startswith(prefix):
				page.term(term(row), facts(row, table["reasons"]))
	page.see_also([("iommuctl", 1), ("iommuctl-job", 5), ("iommuctl-session", 7)])
	return page


def main():
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--version", required=True)
	parser.add_argument("--output", type=pathlib.Path, required=True, help="directory of the page")
	parser.add_argument("table", type=pathlib.Path)
	args = parser.parse_args()
	write_page(json.loads(args.table.read_text(encoding="utf-8")), args.version).write(args.output)


if __name__ == "__main__":
	main()
