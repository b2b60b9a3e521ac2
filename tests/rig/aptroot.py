# SPDX-License-Identifier: MIT
"""Debian packages of any suite and architecture, unpacked beside the host and never installed on it."""

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote

from host import Failure, Missing, cache, digest, keep_only, locked, log, pipe, produce, require, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LISTS_ARE_FRESH = 24 * 3600
ATTEMPTS = 4
KEPT_ROOTS = 2


class Host:
	"""Debian's mirrors, from this machine's own apt configuration."""

	def __init__(self) -> None:
		require("apt-get", "apt-cache", "dpkg", "dpkg-deb")
		if not KEYRING.exists():
			raise Missing("missing on this machine: the package debian-archive-keyring")
		listing = run("apt-get", "indextargets", "--format",
			      "$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)", "Created-By: Packages")
		for line in listing.splitlines():
			origin, component, release, uri = (line.split(maxsplit=3) + [""] * 4)[:4]
			if origin == "Debian" and component == "main" and re.fullmatch(r"[a-z]+", release):
				self.mirror, self.suite = uri, release
				break
		else:
			raise Missing("apt on this machine has no lists of a Debian release (apt-get update?)")
		self.arch = run("dpkg", "--print-architecture").strip()


def write_whole(path: Path, text: str) -> None:
	"""Another apt may be reading it."""
	if path.exists() and path.read_text() == text:
		return
	part = path.with_name(f"{path.name}.{os.getpid()}")
	part.write_text(text)
	part.replace(path)


class AptRoot:
	"""One suite's packages for one architecture (and those for all); packages that it lacks come from the suites `beside`."""

	def __init__(self, suite: str, arch: str, host: Host, beside: Sequence[str] = (), kind: str = "deb") -> None:
		self.suite, self.arch = "+".join((suite, *beside)), arch
		self.dir = cache() / "apt" / digest(host.mirror, self.suite, arch, *([] if kind == "deb" else [kind]))
		self.debs = self.dir / "debs"
		self.debs.mkdir(parents=True, exist_ok=True)
		self.sources = self.dir / "sources.list"
		write_whole(self.sources, "".join(f"{kind} [arch={arch} signed-by={KEYRING}] {host.mirror} {name} main\n"
						  for name in (*beside, suite)))
		settings = {
			"Dir::Etc::sourcelist": self.sources,
			"Dir::Etc::sourceparts": "/dev/null",
			"Dir::Etc::preferences": "/dev/null",
			"Dir::Etc::preferencesparts": "/dev/null",
			"Dir::State": self.dir / "state",
			"Dir::State::status": "/dev/null",
			"Dir::Cache": self.dir / "cache",
			"Dir::Cache::pkgcache": "pkgcache.bin",
			"APT::Architecture": arch,
			"APT::Architectures": arch,
			"APT::Sandbox::User": "root",
			"APT::Install-Recommends": "false",
			"Acquire::Languages": "none",
			"Acquire::Retries": "3",
		}
		if beside:
			settings["APT::Default-Release"] = suite
		self.options = [f"-o{key}={value}" for key, value in settings.items()]
		for directory in ("state/lists/partial", "cache/archives/partial"):
			(self.dir / directory).mkdir(parents=True, exist_ok=True)

	def refresh(self) -> None:
		"""Updates the lists; old lists are good enough if the mirror cannot be reached."""
		stamp = self.dir / "updated"
		with locked(self.dir / "updated"):
			if stamp.exists() and time.time() - stamp.stat().st_mtime < LISTS_ARE_FRESH:
				return
			log.info("reading the package lists of %s (%s)", self.suite, self.arch)
			try:
				retry("apt-get", *self.options, "-o", "APT::Update::Error-Mode=any", "update")
			except Failure:
				if not stamp.exists():
					raise
				log.warning("the lists of %s cannot be refreshed, the old ones are used", self.suite)
				return
			stamp.touch()

	def newest(self, pattern: str) -> str:
		"""The package whose name matches `pattern`, by the highest numbers in it."""

		def find() -> list[str]:
			names = run("apt-cache", *self.options, "pkgnames").split()
			matching = [name for name in names if re.fullmatch(pattern, name)]
			if not matching:
				raise Failure(f"no package {pattern} in {self.suite} ({self.arch})")
			return [max(matching, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])]

		return self.remembered(["newest", pattern], find)[0]

	def files(self, *packages: str) -> list[str]:
		"""The .deb files of these packages, without their dependencies."""
		return self.remembered(["download", *packages], lambda: self.plan("download", *packages))

	def closure(self, *packages: str) -> list[str]:
		"""The .deb files of these packages and of all their dependencies."""
		return self.remembered(["install", *packages], lambda: self.plan("install", *packages))

	def plan(self, *arguments: str) -> list[str]:
		uris = run("apt-get", *self.options, "--print-uris", "-qq", *arguments)
		return re.findall(r"^'[^']*' (\S+\.deb) ", uris, re.MULTILINE)

	def remembered(self, question: list[str], answer: Callable[[], list[str]]) -> list[str]:
		"""apt's answer to a query, asked once for each refresh of the lists."""
		self.refresh()
		stamp = str((self.dir / "updated").stat().st_mtime_ns)
		path = self.dir / "answers" / (digest(stamp, *question) + ".json")
		with locked(self.dir / "answers"):
			if not path.exists():
				path.parent.mkdir(exist_ok=True)
				text = json.dumps(answer())
				half = path.with_suffix(".half")
				half.write_text(text)
				half.rename(path)
		return json.loads(path.read_text())

	def fetch(self, files: list[str]) -> list[Path]:
		"""Fetches the named .deb files into the cache; apt checks them against the signed lists."""
		with locked(self.debs):
			missing = [name for name in files if not (self.debs / name).exists()]
			if missing:
				log.info("downloading %d packages of %s (%s)", len(missing), self.suite, self.arch)
				with tempfile.TemporaryDirectory(dir=self.dir) as incoming:
					wanted = ["{0}={1}".format(*unquote(name).split("_")) for name in missing]
					retry("apt-get", *self.options, "-q", "download", *wanted, cwd=Path(incoming))
					for name in missing:
						(Path(incoming) / name).rename(self.debs / name)
		return [self.debs / name for name in files]

	def newest_source(self, package: str, versions: str) -> str:
		"""The source package in a version that matches, as NAME=VERSION, where `kind` is deb-src."""

		def find() -> list[str]:
			about = run("apt-cache", *self.options, "showsrc", "--only-source", package)
			matching = [version for version in re.findall(r"^Version: (\S+)$", about, re.MULTILINE)
				    if re.fullmatch(versions, version)]
			if not matching:
				raise Failure(f"no source of {package} {versions} in {self.suite}")
			return [max(matching, key=lambda version: [int(n) for n in re.findall(r"\d+", version)])]

		return f"{package}={self.remembered(['source', package, versions], find)[0]}"

	def fetch_source(self, wanted: str) -> Path:
		"""Fetches the upstream archive of a source package NAME=VERSION into the cache, checked like everything else."""
		path = self.debs / f"{wanted}.orig.tar.xz"
		with locked(self.debs):
			if not path.exists():
				log.info("downloading the source of %s (%s)", wanted, self.suite)
				with tempfile.TemporaryDirectory(dir=self.dir) as incoming:
					retry("apt-get", *self.options, "-q", "source", "--download-only", "--tar-only", wanted,
					      cwd=Path(incoming))
					next(Path(incoming).glob("*.orig.tar.xz")).rename(path)
		return path

	def unpacked(self, name: str, files: list[str]) -> Path:
		"""A directory with the contents of these .deb files."""

		def make(root: Path) -> None:
			merge_usr(root)
			for deb in self.fetch(files):
				pipe('dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"', deb, root)
			relative_links(root)

		path = produce(cache() / "roots" / name / digest(*files), make)
		keep_only(path, KEPT_ROOTS)
		return path


def program(root: Path, path: str) -> tuple[str, ...]:
	"""The command that starts a program of an unpacked root with the libraries of that root."""
	usr = root / "usr"
	loaders = [*usr.glob("lib64/ld-linux-*.so.*"), *usr.glob("lib/ld-linux-*.so.*")]
	libraries = list(usr.glob("lib/*-linux-gnu"))
	if not loaders or not libraries:
		raise Failure(f"no C library in {usr}")
	return (str(loaders[0]), "--library-path", ":".join(map(str, libraries)), str(root / path))


def retry(*argv: str | Path, cwd: Path | None = None) -> None:
	for attempt in range(1, ATTEMPTS + 1):
		try:
			run(*argv, cwd=cwd)
			return
		except Failure as failure:
			if attempt == ATTEMPTS:
				raise
			log.warning("attempt %d of %d: %s", attempt, ATTEMPTS, failure)
			time.sleep(2 ** attempt)


def merge_usr(root: Path) -> None:
	"""/lib and the like are links into /usr, whether or not a suite's packages contain the links."""
	for name in ("bin", "sbin", "lib", "lib64"):
		(root / "usr" / name).mkdir(parents=True)
		(root / name).symlink_to(f"usr/{name}")


def relative_links(root: Path) -> None:
	"""Makes links to absolute paths stay inside the root."""
	for directory, subdirectories, names in os.walk(root):
		for name in subdirectories + names:
			path = Path(directory, name)
			if path.is_symlink() and os.readlink(path).startswith("/"):
				target = root / os.readlink(path).lstrip("/")
				path.unlink()
				path.symlink_to(os.path.relpath(target, directory))
