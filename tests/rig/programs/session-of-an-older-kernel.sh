#!/bin/sh
# SPDX-License-Identifier: MIT
# A session on a kernel that does not nest: a nesting parent is refused, and everything else works.

iommuctl session start a tests/rig/jobs/older/linux-6.12.json || exit
iommuctl -s a hwpt alloc another device=edu ioas=guest nest-parent=true
echo "parent: $?"
iommuctl -s a dma edu from=0x40400000 to=0x40402000 size=4
echo "dma: $?"
iommuctl session stop a
echo "end: $?"
