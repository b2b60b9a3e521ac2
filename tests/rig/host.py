# SPDX-License-Identifier: MIT
"""This machine: its tools, its processes, and a cache directory."""

import contextlib
import fcntl
import hashlib
import logging
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

log = logging.getLogger("rig")

RIG = Path(__file__).resolve().parent
SOURCE = RIG.parent.parent


class Missing(Exception):
	"""This machine lacks something that the rig needs: the test is skipped, and fails in CI."""


class Failure(Exception):
	"""The rig itself, or what it builds, failed."""


def require(*tools: str) -> None:
	absent = [tool for tool in tools if shutil.which(tool) is None]
	if absent:
		raise Missing("missing on this machine: " + ", ".join(absent))


def run(*argv: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
	"""Runs a command to its end and returns its stdout; on failure raises with all of its output."""
	require(str(argv[0]))
	result = subprocess.run(argv, cwd=cwd, env=env, text=True, errors="replace",
				stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
	if result.returncode:
		raise Failure(f"{shlex.join(map(str, argv))}: exit {result.returncode}\n"
			      f"{result.stdout[-4000:]}{result.stderr[-4000:]}")
	return result.stdout


def pipe(script: str, *arguments: str | Path) -> None:
	"""Runs a shell pipeline, which fails if any part fails."""
	run("bash", "-o", "pipefail", "-c", script, "bash", *arguments)


def cache() -> Path:
	base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
	path = Path(os.environ.get("IOMMUCTL_RIG_CACHE") or Path(base) / "iommuctl" / "rig").absolute()
	path.mkdir(parents=True, exist_ok=True)
	return path


def digest(*parts: object) -> str:
	return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
	path.parent.mkdir(parents=True, exist_ok=True)
	with open(path.with_name(path.name + ".lock"), "w") as lock:
		fcntl.flock(lock, fcntl.LOCK_EX)
		yield


def produce(path: Path, make: Callable[[Path], None]) -> Path:
	"""Returns the directory `path`, made at most once: it appears whole or not at all."""
	if path.is_dir():
		return path
	with locked(path):
		if path.is_dir():
			return path
		half = path.with_name(path.name + ".half")
		shutil.rmtree(half, ignore_errors=True)
		half.mkdir(parents=True)
		make(half)
		half.rename(path)
	return path


def keep_only(path: Path, count: int) -> None:
	"""Removes the directories beside `path` except the newest, so that `count` are left."""
	os.utime(path)
	others = [d for d in path.parent.iterdir() if d.is_dir() and d != path and d.suffix != ".half"]
	others.sort(key=lambda d: d.stat().st_mtime, reverse=True)
	for old in others[count - 1:]:
		log.info("removing %s", old)
		shutil.rmtree(old, ignore_errors=True)
