# SPDX-License-Identifier: MIT
"""The table of commands, from the help of the binary under test."""

import os
import pathlib
import re
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

import patience  # noqa: E402
from support import results  # noqa: E402

patience.heed_signals()

PROGRAM = os.path.abspath(os.environ["IOMMUCTL"])


def execute(*argv, **settings):
	"""Any program, its output captured as text unless the settings say otherwise."""
	settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
	return subprocess.run(argv, text=True, check=False, timeout=patience.SECONDS, **settings)


def run(*argv, **settings):
	done = execute(PROGRAM, *argv, **settings)
	results.check(done.stdout or "")
	return done


def section(text, title):
	"""The first words of the entries under a heading of a help text."""
	match = re.search(rf"^{title}:\n((?:  .*\n?)*)", text, re.MULTILINE)
	return re.findall(r"^  (\S+(?: \S+)*)(?=  |$)", match[1], re.MULTILINE) if match else []


def groups(*words):
	"""The headings that commands are listed under."""
	return [title for title in re.findall(r"^(\S.*):$", run("help", *words).stdout, re.MULTILINE)
		if title != "Global options"]


def commands(*words):
	text = run("help", *words).stdout
	return [command for title in groups(*words) for command in section(text, title)]


def option_names(text, title):
	return [re.match(r"--[a-z0-9-]+", entry)[0] for entry in section(text, title)]


def global_options():
	return option_names(run("help").stdout, "Global options")


def global_options_of(command):
	return option_names(run("help", *command.split()).stdout, "Global options")


def options(command):
	return option_names(run("help", *command.split()).stdout, "Options")
