/* SPDX-License-Identifier: MIT */
/*
 * Stage-1 translation tables in guest memory: VMSAv8-64 long descriptors, for an SMMUv3.
 *
 * A builder (init, map, unmap, remap, protect, set_access_flag) and a walker (walk). 4K, 16K and
 * 64K granules, 25 to 48 bits of input (T0SZ 39 to 16), up to 48 bits of output; blocks of 1G and
 * 2M (4K), 32M (16K) and 512M (64K). Not supported, and refused: 52-bit addresses (LPA, LPA2),
 * small tables (T0SZ above 39), big-endian tables (CD.ENDI).
 *
 * Entries are read and written as single little-endian 64-bit accesses, stores in release order,
 * because the SMMU may walk at any time. Invalidation is up to the caller, and so is
 * break-before-make: unmap, invalidate, map where the architecture requires it (Arm ARM, "Using
 * break-before-make when updating translation table entries"). Editing a part of a block replaces
 * the block by a table in one store.
 *
 * The guest can write to guest memory: an edit is refused unless each entry leads to a table laid
 * out here. Whatever the guest wrote, an edit looks at no more than eight times the entries that
 * the table region has room for; a walk looks at four.
 *
 * @memory: guest memory
 * @stage1: the tables
 * @iova: the first address of the range, a multiple of the granule
 * @size: bytes, a multiple of the granule
 *
 * Ownership: tables under construction are the caller's, and borrow guest memory; nothing else that
 *   a function is given is used once it has returned. There is nothing to release.
 * Threads: pure functions, any thread; one thread at a time for one struct iommuctl_stage1.
 * Source: Arm DDI 0487, chapter D8 "The AArch64 Virtual Memory System Architecture"; Arm IHI 0070,
 *   sections 3.4 and 5.4.
 */
#ifndef IOMMUCTL_STAGE1_H
#define IOMMUCTL_STAGE1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/guest_memory.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a mapping allows, what an access needs, what a walk found.
 *
 * @IOMMUCTL_STAGE1_READ: reads
 * @IOMMUCTL_STAGE1_WRITE: writes
 * @IOMMUCTL_STAGE1_EXEC: instruction fetches
 * @IOMMUCTL_STAGE1_PRIVILEGED: privileged accesses only, or that the access is privileged
 *
 * Since: 0.1
 */
#define IOMMUCTL_STAGE1_READ	   (1u << 0)
#define IOMMUCTL_STAGE1_WRITE	   (1u << 1)
#define IOMMUCTL_STAGE1_EXEC	   (1u << 2)
#define IOMMUCTL_STAGE1_PRIVILEGED (1u << 3)

/*
 * SH[1:0] of a leaf; the value 1 is reserved.
 *
 * Members: the architecture's names.
 * Since: 0.1
 */
enum iommuctl_stage1_shareability {
	IOMMUCTL_STAGE1_NON_SHAREABLE = 0,
	IOMMUCTL_STAGE1_OUTER_SHAREABLE = 2,
	IOMMUCTL_STAGE1_INNER_SHAREABLE = 3,
};

/*
 * The attributes of a leaf.
 *
 * @permissions: READ is required (stage 1 has no write-only pages); WRITE and EXEC are added to it;
 *   PRIVILEGED excludes unprivileged accesses. In the architecture, a page that unprivileged
 *   accesses may write is never executable for privileged ones, whatever is asked for.
 * @attr_index: 0 to 7, the byte of CD.MAIR with the memory type (for an MSI doorbell Device-nGnRE,
 *   0x04)
 * @shareability: enum iommuctl_stage1_shareability
 * @access_flag: AF; without it the first access raises an access flag fault
 * @not_global: nG: TLB entries are tagged with the ASID
 *
 * Since: 0.1
 */
struct iommuctl_stage1_attributes {
	uint8_t permissions;
	uint8_t attr_index;
	uint8_t shareability;
	bool access_flag;
	bool not_global;
};

/*
 * What to build.
 *
 * @granule: 4096, 16384 or 65536 bytes
 * @input_bits: 25 to 48 bits of IOVA, that is 64 - T0SZ
 * @output_bits: 32, 36, 40, 42, 44 or 48 bits of IPA
 * @table_ipa, @table_size: the region of guest memory where tables are laid out, the root first;
 *   aligned to the granule; owned by the builder from init on
 *
 * Since: 0.1
 */
struct iommuctl_stage1_config {
	uint32_t granule;
	uint8_t input_bits;
	uint8_t output_bits;
	uint64_t table_ipa;
	uint64_t table_size;
};

/* The upper half of the address space: TTB1, and @tg in the encoding of CD.TG1. Since: 0.1 */
#define IOMMUCTL_STAGE1_REGIME_TTB1 (1u << 0)
/* CD.TBI: bits 63 to 56 of the address are ignored. Since: 0.1 */
#define IOMMUCTL_STAGE1_REGIME_TBI (1u << 1)
/* CD.HAD: APTable, UXNTable and PXNTable are ignored. Since: 0.1 */
#define IOMMUCTL_STAGE1_REGIME_HAD (1u << 2)
/*
 * CD.AFFD, or CD.HA: a clear AF is no fault.
 *
 * A walk writes nothing, so HTTU is not carried out.
 *
 * Since: 0.1
 */
#define IOMMUCTL_STAGE1_REGIME_AFFD (1u << 3)
/* CD.WXN: writable memory cannot be executed. Since: 0.1 */
#define IOMMUCTL_STAGE1_REGIME_WXN (1u << 4)
/* CD.PAN: privileged reads and writes may not reach what unprivileged ones may. Since: 0.1 */
#define IOMMUCTL_STAGE1_REGIME_PAN (1u << 5)

/*
 * How to walk, in the encodings of a CD's fields (SMMUv3 specification, 5.4).
 *
 * @ttb: CD.TTB0: IPA of the root table; bits below the alignment of the root table count as zero
 * @t0sz: 16 to 39
 * @tg: CD.TG0: 0 is 4K, 1 is 64K, 2 is 16K
 * @ips: CD.IPS: 0 to 5 are 32, 36, 40, 42, 44 and 48 bits. The caller caps it to the OAS of the
 *   SMMU.
 * @flags: IOMMUCTL_STAGE1_REGIME_*
 *
 * Since: 0.1
 */
struct iommuctl_stage1_regime {
	uint64_t ttb;
	uint8_t t0sz;
	uint8_t tg;
	uint8_t ips;
	uint8_t flags;
};

/*
 * A set of stage-1 tables under construction.
 *
 * The caller owns it, iommuctl_stage1_init() fills it, and the caller only reads it.
 *
 * @regime: the values for the CD, and for iommuctl_stage1_walk()
 * @tables_used: tables laid out so far, of one granule each, the root included. Tables are never
 *   freed: a table that unmap empties is reused by a later map of the same addresses.
 * @memory: borrowed for as long as this is used
 * @config: what was asked for
 *
 * Since: 0.1
 */
struct iommuctl_stage1 {
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_stage1_config config;
	struct iommuctl_stage1_regime regime;
	uint64_t tables_used;
};

/*
 * Lays out an empty root table.
 *
 * Afterwards @stage1->regime holds TTB0, T0SZ, TG0 and IPS for the CD. On failure neither @stage1
 * nor guest memory has changed.
 *
 * @stage1: out: the tables
 * @config: what to build
 *
 * Errors:
 *   -EINVAL: a granule, number of bits or alignment that is not in struct iommuctl_stage1_config,
 *     or a pointer that is NULL
 *   -ERANGE: the table region does not fit into @output_bits
 *   -ENOSPC: the table region is smaller than one granule
 *   -EFAULT: the table region is not inside of one range of guest memory
 * Since: 0.1
 */
int iommuctl_stage1_init(struct iommuctl_stage1 *stage1, const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stage1_config *config);

/*
 * Flags of iommuctl_stage1_map().
 *
 * @IOMMUCTL_STAGE1_NO_BLOCKS: only pages of one granule
 *
 * Since: 0.1
 */
#define IOMMUCTL_STAGE1_NO_BLOCKS (1u << 0)

/*
 * Translates [@iova, @iova + @size) to [@ipa, @ipa + @size).
 *
 * It uses the largest blocks that the alignment allows. It maps all or nothing, as long as nobody
 * else writes to the tables.
 *
 * @ipa: the first output address, a multiple of the granule
 * @attributes: what the mapping allows
 * @flags: 0, or IOMMUCTL_STAGE1_NO_BLOCKS
 *
 * Errors:
 *   -EINVAL: misaligned, empty, attributes or flags that are not defined, or @stage1 was not filled
 *     by iommuctl_stage1_init()
 *   -ERANGE: beyond @input_bits or @output_bits
 *   -EEXIST: a part is mapped already
 *   -ENOSPC: the table region is full
 *   -EFAULT: table entries, changed by someone else, lead out of the tables laid out here, or so
 *     many lead to one table that they do not form a tree
 * Since: 0.1
 */
int iommuctl_stage1_map(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size,
	const struct iommuctl_stage1_attributes *attributes, uint32_t flags);

/*
 * Stops translating [@iova, @iova + @size).
 *
 * A block that is unmapped in part is split, which takes a table. All or nothing. The caller
 * invalidates.
 *
 * Errors:
 *   -EINVAL: misaligned or empty, or @stage1 was not filled by iommuctl_stage1_init()
 *   -ERANGE: beyond @input_bits
 *   -ENOENT: a part is not mapped
 *   -ENOSPC: a block has to be split, and the table region is full
 *   -EFAULT: as iommuctl_stage1_map()
 * Since: 0.1
 */
int iommuctl_stage1_unmap(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size);

/*
 * Changes the output of [@iova, @iova + @size), all of it mapped.
 *
 * The attributes stay. Each entry changes from valid to valid in one store; blocks are split where
 * the range or the alignment of @ipa needs it. All or nothing. The caller invalidates.
 *
 * @ipa: the first output address, a multiple of the granule
 *
 * Errors:
 *   -EINVAL, -ERANGE: also for @ipa
 *   others: those of iommuctl_stage1_unmap()
 * Since: 0.1
 */
int iommuctl_stage1_remap(
	struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size);

/*
 * Changes the attributes of [@iova, @iova + @size), all of it mapped.
 *
 * The outputs stay. All or nothing. The caller invalidates.
 *
 * @attributes: what the mapping allows from now on
 *
 * Errors:
 *   -EINVAL: also for @attributes
 *   others: those of iommuctl_stage1_unmap()
 * Since: 0.1
 */
int iommuctl_stage1_protect(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size,
	const struct iommuctl_stage1_attributes *attributes);

/*
 * Sets or clears AF in [@iova, @iova + @size), all of it mapped.
 *
 * All or nothing. The caller invalidates after clearing; an entry with AF clear is never in a TLB.
 *
 * @access_flag: the new AF
 *
 * Errors:
 *   others: those of iommuctl_stage1_unmap()
 * Since: 0.1
 */
int iommuctl_stage1_set_access_flag(
	struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size, bool access_flag);

/*
 * How a walk ends; if several faults apply at one level, the first in this order.
 *
 * @IOMMUCTL_STAGE1_FAULT_NONE: no fault: there is a translation
 *
 * Since: 0.1
 */
enum iommuctl_stage1_fault {
	IOMMUCTL_STAGE1_FAULT_NONE,
	IOMMUCTL_STAGE1_FAULT_TABLE_ABORT,  /* the descriptor is outside of guest memory */
	IOMMUCTL_STAGE1_FAULT_TRANSLATION,  /* no valid descriptor, or beyond T0SZ */
	IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE, /* an address in the descriptor or TTB beyond IPS */
	IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG,  /* AF is clear */
	IOMMUCTL_STAGE1_FAULT_PERMISSION,   /* the access is not allowed */
};

/*
 * The kind of a descriptor to the SMMU; encodings reserved at a level are invalid.
 *
 * Members: the architecture's kinds of descriptors.
 * Since: 0.1
 */
enum iommuctl_stage1_kind {
	IOMMUCTL_STAGE1_INVALID,
	IOMMUCTL_STAGE1_TABLE,
	IOMMUCTL_STAGE1_BLOCK,
	IOMMUCTL_STAGE1_PAGE,
};

/*
 * One descriptor that a walk read; it is 0 after a table abort.
 *
 * @level: 0 to 3
 * @index: the descriptor's place in its table
 * @table_ipa, @descriptor_ipa: IPAs of the table and of the descriptor
 * @descriptor: as it was read
 * @kind: its kind to the SMMU
 * @output: the next table, or the output of a leaf; 0 if it is invalid
 *
 * Since: 0.1
 */
struct iommuctl_stage1_step {
	uint8_t level;
	uint32_t index;
	uint64_t table_ipa;
	uint64_t descriptor_ipa;
	uint64_t descriptor;
	enum iommuctl_stage1_kind kind;
	uint64_t output;
};

/* The most descriptors that a walk looks at. Since: 0.1 */
#define IOMMUCTL_STAGE1_MAX_STEPS 4

/*
 * What a walk saw.
 *
 * The members after @steps are 0 unless a leaf was reached and its address is within IPS (that is,
 * without fault, or with an access flag or permission fault).
 *
 * @fault: how it ended
 * @level: where the walk ended, the level of the last step; 0 when there is none
 * @step_count: how many of @steps there are; 0 when the address is beyond T0SZ or TTB beyond IPS
 * @steps: the descriptors, in the order of the walk
 * @ipa: the output address for the IOVA
 * @leaf_size: bytes that the leaf translates
 * @privileged, @unprivileged: what each may do (READ, WRITE, EXEC), including the effect of table
 *   attributes, WXN and PAN
 * @attr_index, @shareability, @access_flag, @not_global: as in struct iommuctl_stage1_attributes
 *
 * Since: 0.1
 */
struct iommuctl_stage1_walk {
	enum iommuctl_stage1_fault fault;
	uint8_t level;
	uint8_t step_count;
	struct iommuctl_stage1_step steps[IOMMUCTL_STAGE1_MAX_STEPS];
	uint64_t ipa;
	uint64_t leaf_size;
	uint8_t privileged;
	uint8_t unprivileged;
	uint8_t attr_index;
	uint8_t shareability;
	bool access_flag;
	bool not_global;
};

/*
 * Translates an address as the SMMU would.
 *
 * Tables may hold anything: a walk takes at most IOMMUCTL_STAGE1_MAX_STEPS steps, reads only guest
 * memory, and writes nothing. A fault is a result, not an error.
 *
 * @regime: how to walk
 * @iova: any address
 * @access: what the transaction needs: READ, WRITE, EXEC, and PRIVILEGED if it is; 0 checks no
 *   permission
 * @walk: out: what the walk saw
 *
 * Errors:
 *   -EINVAL: T0SZ, TG or flags that are not defined (a CD with them is C_BAD_CD), or undefined bits
 *     of @access
 *   -EOPNOTSUPP: IPS is more than 48 bits
 * Since: 0.1
 */
int iommuctl_stage1_walk(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stage1_regime *regime, uint64_t iova, uint32_t access,
	struct iommuctl_stage1_walk *walk);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
