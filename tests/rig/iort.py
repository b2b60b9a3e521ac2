# SPDX-License-Identifier: MIT
"""The ACPI table IORT (Arm DEN0049): says that a root complex's DMA is always coherent."""

import struct

HEADER_CHECKSUM = 9
HEADER_OEM_REVISION = 24
NODES_COUNT = 36
NODE_ROOT_COMPLEX = 2
NODE_HEADER_SIZE = 16
MEMORY_ACCESS_FLAGS = NODE_HEADER_SIZE + 7
CANWBS = 1 << 2


def with_canwbs(original: bytes) -> bytes:
	"""The same table with CANWBS on every root complex, made to override the firmware's."""
	table = bytearray(original)
	count, offset = struct.unpack_from("<II", table, NODES_COUNT)
	changed = 0
	for _ in range(count):
		kind, length = struct.unpack_from("<BH", table, offset)
		if kind == NODE_ROOT_COMPLEX:
			table[offset + MEMORY_ACCESS_FLAGS] |= CANWBS
			changed += 1
		offset += length
	if not changed:
		raise ValueError("no root complex in the IORT")
	revision, = struct.unpack_from("<I", table, HEADER_OEM_REVISION)
	struct.pack_into("<I", table, HEADER_OEM_REVISION, revision + 1)
	table[HEADER_CHECKSUM] = 0
	table[HEADER_CHECKSUM] = -sum(table) & 0xff
	return bytes(table)
