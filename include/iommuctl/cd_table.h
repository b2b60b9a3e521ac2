/* SPDX-License-Identifier: MIT */
/*
 * CD tables in guest memory: what STE.S1ContextPtr points at, indexed by SSID (PASID), linear or
 * two-level.
 *
 * CDs are opaque here, except that V is in word 0. Invalidation (CFGI_CD, CFGI_CD_ALL, and
 * CMD_SYNC) is the caller's.
 *
 * @memory: guest memory
 * @table: the table
 * @ssid: the SSID, below 1 << s1cdmax
 * @shape: where the table is, and what it looks like
 *
 * Ownership: a table is the caller's, and borrows guest memory; nothing else that a function is
 *   given is used once it has returned. There is nothing to release.
 * Threads: pure functions, any thread; one thread at a time for one struct iommuctl_cd_table.
 * Source: Arm IHI 0070, sections 3.3.2 (StreamIDs to Context Descriptors), 5.2 (S1Fmt, S1CDMax,
 *   S1ContextPtr) and 5.3 (Level 1 Context Descriptor).
 */
#ifndef IOMMUCTL_CD_TABLE_H
#define IOMMUCTL_CD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/stage1.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A CD table, in the fields of an STE.
 *
 * @s1contextptr: the IPA of the table
 * @s1cdmax: 0 to 20: the table is for SSIDs below 1 << @s1cdmax
 * @s1fmt: enum iommuctl_smmuv3_s1fmt; with @s1cdmax 0 it is ignored, and the table is one CD
 *
 * Since: 0.1
 */
struct iommuctl_cd_table_shape {
	uint64_t s1contextptr;
	uint8_t s1cdmax;
	uint8_t s1fmt;
};

/*
 * Says how much guest memory a table takes.
 *
 * @shape->s1contextptr is ignored.
 *
 * @leaves: how many leaves a two-level table must have room for: a leaf is for 64 SSIDs that differ
 *   in their low 6 bits only, or for 1024 that differ in their low 10. Ignored for a linear table.
 * @size: out: bytes
 * @alignment: out: bytes, the alignment that @shape->s1contextptr must have
 *
 * Errors:
 *   -EINVAL: @s1cdmax or @s1fmt is not defined
 *   -ERANGE: more leaves than the table can have
 * Since: 0.1
 */
int iommuctl_cd_table_needs(const struct iommuctl_cd_table_shape *shape, uint32_t leaves,
	uint64_t *size, uint64_t *alignment);

/*
 * The bytes of MAIR in a CD of iommuctl_cd_for_stage1(): what attr_index of a mapping chooses.
 *
 * Since: 0.1
 */
#define IOMMUCTL_CD_MAIR_NORMAL 0 /* write-back, allocating */
#define IOMMUCTL_CD_MAIR_DEVICE 1 /* Device-nGnRE, for doorbells */

/*
 * Makes a CD for stage-1 tables.
 *
 * They are in TTB0, or with IOMMUCTL_STAGE1_REGIME_TTB1 in TTB1; the other half of the address
 * space faults. Faults are terminated and recorded, tables are read write-back and inner shareable,
 * the ASID is not shared with CPUs. The caller sets whatever else it needs, such as the flags of
 * @regime other than TTB1.
 *
 * @regime: the tables, as iommuctl_stage1_init() leaves them
 * @asid: the ASID
 *
 * Returns: the CD.
 * Since: 0.1
 */
struct iommuctl_smmuv3_cd iommuctl_cd_for_stage1(
	const struct iommuctl_stage1_regime *regime, uint16_t asid);

/*
 * Gets how a CD has one half of the address space walked.
 *
 * EPD0 or EPD1 says whether it is walked at all; iommuctl_smmuv3_cd_validate() says whether the
 * SMMU accepts the CD. HAD0 and HAD1 count, as in an SMMU with IDR3.HAD.
 *
 * @cd: the CD
 * @ttb1: the upper half, of TTB1, rather than the lower
 *
 * Returns: how to walk; as any CD may be given, iommuctl_stage1_walk() may refuse it.
 * Since: 0.1
 */
struct iommuctl_stage1_regime iommuctl_cd_get_regime(
	const struct iommuctl_smmuv3_cd *cd, bool ttb1);

/*
 * A CD table under construction.
 *
 * The caller owns it, iommuctl_cd_table_init() fills it, and the caller only reads it.
 *
 * @size: bytes of guest memory at @shape.s1contextptr that belong to the table: for two levels
 *   first the L1 table, then leaves in the order of their first use
 * @leaves_used: leaves laid out so far
 * @memory: borrowed for as long as this is used
 * @shape: where the table is, and what it looks like
 *
 * Since: 0.1
 */
struct iommuctl_cd_table {
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_cd_table_shape shape;
	uint64_t size;
	uint32_t leaves_used;
};

/*
 * Lays out an empty table in guest memory at @shape->s1contextptr.
 *
 * All CDs (or L1 descriptors) are zeroed, so every SSID is invalid. On failure neither @table nor
 * guest memory has changed.
 *
 * @table: out: the table
 * @size: bytes of guest memory there
 *
 * Errors:
 *   -EINVAL: @s1cdmax or @s1fmt is not defined, @shape->s1contextptr is not aligned as
 *     iommuctl_cd_table_needs() says, or a pointer is NULL
 *   -ERANGE: the region does not end below 1 << 52, the reach of S1ContextPtr
 *   -ENOSPC: @size is too small for the table without leaves
 *   -EFAULT: the region is not inside of one range of guest memory
 * Since: 0.1
 */
int iommuctl_cd_table_init(struct iommuctl_cd_table *table,
	const struct iommuctl_guest_memory *memory, const struct iommuctl_cd_table_shape *shape,
	uint64_t size);

/*
 * Writes the CD of an SSID.
 *
 * V of the old CD is cleared first and V of the new one is set last, so the SMMU never sees a
 * mixture with V set; in between it sees V = 0. A leaf is laid out if there is none yet, and linked
 * when the CD is in it.
 *
 * @words: the CD, words in CPU order
 *
 * Errors:
 *   -EINVAL: @table was not filled by iommuctl_cd_table_init()
 *   -ERANGE: @ssid is not below 1 << s1cdmax
 *   -ENOSPC: there is no room for another leaf
 *   -EFAULT: an L1 descriptor, changed by someone else, leads out of the table
 * Since: 0.1
 */
int iommuctl_cd_table_set(struct iommuctl_cd_table *table, uint32_t ssid,
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS]);

/*
 * Zeroes the CD of an SSID, V first.
 *
 * Errors:
 *   -EINVAL: @table was not filled by iommuctl_cd_table_init()
 *   -ERANGE: @ssid is not below 1 << s1cdmax
 *   -ENOENT: there is no leaf for @ssid
 *   -EFAULT: as for iommuctl_cd_table_set()
 * Since: 0.1
 */
int iommuctl_cd_table_clear(struct iommuctl_cd_table *table, uint32_t ssid);

/*
 * Finds the IPA of the CD of an SSID, as the SMMU does.
 *
 * It works for any table in guest memory, whoever built it. Bits of @shape->s1contextptr below the
 * alignment of the table count as zero.
 *
 * @ssid: any SSID
 * @cd_ipa: out: the IPA of the CD, which need not be in guest memory
 *
 * Errors:
 *   -EINVAL: @s1cdmax or @s1fmt is not defined
 *   -ERANGE: @ssid is not below 1 << s1cdmax (C_BAD_SUBSTREAMID)
 *   -ENOENT: the L1 descriptor is not valid (C_BAD_SUBSTREAMID)
 *   -EFAULT: the L1 descriptor is outside of guest memory
 * Since: 0.1
 */
int iommuctl_cd_table_find(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_cd_table_shape *shape, uint32_t ssid, uint64_t *cd_ipa);

/*
 * Reads the CD of an SSID.
 *
 * Word 0 is read first.
 *
 * @ssid: any SSID
 * @words: out: the CD, words in CPU order, which need not be valid
 *
 * Errors:
 *   -EFAULT: the CD is outside of guest memory
 *   others: those of iommuctl_cd_table_find()
 * Since: 0.1
 */
int iommuctl_cd_table_get(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_cd_table_shape *shape, uint32_t ssid,
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS]);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
