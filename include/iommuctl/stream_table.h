/* SPDX-License-Identifier: MIT */
/*
 * A guest's stream table in guest memory: what SMMU_STRTAB_BASE points at, indexed by StreamID,
 * linear or two-level.
 *
 * @memory: guest memory
 * @shape: where the table is, and what it looks like
 * @sid: any StreamID
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: pure functions, any thread.
 * Source: Arm IHI 0070, sections 3.3.1 (Stream table lookup), 5.1 (Level 1 Stream Table Descriptor)
 *   and 6.3.25 (SMMU_STRTAB_BASE_CFG).
 */
#ifndef IOMMUCTL_STREAM_TABLE_H
#define IOMMUCTL_STREAM_TABLE_H

#include <iommuctl/guest_memory.h>
#include <iommuctl/smmuv3_ste.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The largest LOG2SIZE: a StreamID has no more bits. Since: 0.1 */
#define IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX 32

/*
 * A stream table, in the fields of SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG.
 *
 * @base: the IPA of the table
 * @log2size: 0 to IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX: it is for StreamIDs below 1 << @log2size
 * @split: 6, 8 or 10: how many bits of a StreamID the second level takes; 0: the table is linear
 *
 * Since: 0.1
 */
struct iommuctl_stream_table_shape {
	uint64_t base;
	uint8_t log2size;
	uint8_t split;
};

/*
 * Reads the STE of a StreamID, as the SMMU does.
 *
 * Bits of @shape->base below the alignment of the table count as zero.
 *
 * @words: out, on success only: the STE, words in CPU order, which need not be valid
 * @ipa: out, on success and with -EFAULT only: where the STE is, or with -EFAULT where the L1STD or
 *   STE is that cannot be read
 * @refusal: out, on failure only, may be NULL: why
 *
 * Errors:
 *   -EINVAL: @log2size or @split is not defined
 *   -ENOENT: there is no STE: @sid is beyond the table, or its L1STD leads to no STE for it
 *     (C_BAD_STREAMID)
 *   -EFAULT: the L1STD or the STE is outside of guest memory (F_STE_FETCH)
 * Since: 0.1
 */
int iommuctl_stream_table_read(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stream_table_shape *shape, uint32_t sid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], uint64_t *ipa,
	struct iommuctl_smmuv3_refusal *refusal);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
