# SPDX-License-Identifier: MIT
"""Writes an initrd archive (cpio "newc": Documentation/driver-api/early-userspace/buffer-format.rst)."""

import stat
from dataclasses import dataclass, field


@dataclass
class Archive:
	"""Files owned by root, built in memory; directories are added automatically."""
	data: bytearray = field(default_factory=bytearray)
	names: set[str] = field(default_factory=set)

	def add(self, name: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
		name = name.strip("/")
		if name in self.names:
			return
		parent = name.rpartition("/")[0]
		if parent:
			self.directory(parent)
		self.names.add(name)
		inode = len(self.names) if not name == "TRAILER!!!" else 0
		fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0)
		self.data += b"070701" + b"".join(b"%08X" % value for value in fields)
		self.data += name.encode() + b"\0"
		self.pad(4)
		self.data += content
		self.pad(4)

	def directory(self, name: str) -> None:
		self.add(name, stat.S_IFDIR | 0o755)

	def file(self, name: str, content: bytes, executable: bool = False) -> None:
		self.add(name, stat.S_IFREG | (0o755 if executable else 0o644), content)

	def link(self, name: str, target: str) -> None:
		self.add(name, stat.S_IFLNK | 0o777, target.encode())

	def character_device(self, name: str, major: int, minor: int) -> None:
		self.add(name, stat.S_IFCHR | 0o600, device=(major, minor))

	def pad(self, alignment: int) -> None:
		self.data += bytes(-len(self.data) % alignment)

	def finish(self) -> bytes:
		self.add("TRAILER!!!", 0)
		return bytes(self.data)
