# SPDX-License-Identifier: MIT
"""A guest's memory with the tables that its SMMU driver would build, as simple as possible."""

import struct

RAM = 0x40000000
SIZE = 0x400000
STREAMS = RAM + 0x10000
CDS = RAM + 0x20000
TABLES = RAM + 0x100000

VALID = 1
TABLE = 3
PAGE = 3
AF = 1 << 10
NORMAL = AF | 3 << 8 | 1 << 6  # inner shareable, unprivileged accesses as well
READ_ONLY = 1 << 7

# For granules of 4K, 16K and 64K: CD.TG0, CD.TG1, and the bits of a page.
GRANULES = {"4K": (0, 2, 12), "16K": (2, 1, 14), "64K": (1, 3, 16)}


class Image:
	def __init__(self, size=SIZE):
		self.memory = bytearray(size)
		self.free = TABLES

	def put(self, ipa, *words):
		struct.pack_into(f"<{len(words)}Q", self.memory, ipa - RAM, *words)

	def get(self, ipa):
		return struct.unpack_from("<Q", self.memory, ipa - RAM)[0]

	def table(self, size):
		"""A new table, aligned to its size."""
		at = -(-self.free // size) * size
		self.free = at + size
		return at

	def put_ste(self, at, cds=CDS, config=5, s1fmt=0, s1cdmax=0, s1dss=2):
		self.put(at, VALID | config << 1 | s1fmt << 4 | cds | s1cdmax << 59, s1dss, 0, 0, 0, 0, 0, 0)

	def put_cd(self, at, ttb0=None, ttb1=None, granule="4K", ips=5, a=1, r=1, txsz=16, asid=7):
		tg0, tg1, _ = GRANULES[granule]
		word = txsz | tg0 << 6 | txsz << 16 | tg1 << 22 | 1 << 31 | ips << 32 | 1 << 41
		word |= r << 45 | a << 46 | 1 << 47 | asid << 48
		word |= (ttb0 is None) << 14 | (ttb1 is None) << 30
		self.put(at, word, ttb0 or 0, ttb1 or 0, 0x04FF, 0, 0, 0, 0)

	def map(self, root, iova, ipa, granule="4K", level=3, attributes=NORMAL, start=None):
		"""One leaf; missing tables on the way to it are made. 48 bits of input."""
		bits = GRANULES[granule][2]
		stride = bits - 3
		at = root
		first = start if start is not None else 4 - -(-(48 - bits) // stride)
		for step in range(first, level):
			entry = at + (iova >> bits + (3 - step) * stride & (1 << stride) - 1) * 8
			if not self.get(entry):
				self.put(entry, self.table(1 << bits) | TABLE)
			at = self.get(entry) & 0xFFFFFFFFF000 & ~((1 << bits) - 1)
		entry = at + (iova >> bits + (3 - level) * stride & (1 << stride) - 1) * 8
		self.put(entry, ipa | attributes | (PAGE if level == 3 else VALID))
		return entry

	def write(self, path):
		path.write_bytes(self.memory)
