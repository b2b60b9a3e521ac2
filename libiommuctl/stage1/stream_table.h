/* SPDX-License-Identifier: MIT */
/* A guest's stream table. */
#ifndef LIBIOMMUCTL_STAGE1_STREAM_TABLE_H
#define LIBIOMMUCTL_STAGE1_STREAM_TABLE_H

#include <stdint.h>

#include <iommuctl/guest_memory.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>

/* STRTAB_BASE and STRTAB_BASE_CFG, decoded. */
struct stream_table {
	const struct iommuctl_guest_memory *memory; /* NULL: the guest's SMMU is disabled */
	uint64_t base;
	uint8_t log2size;
	uint8_t split; /* 0: linear */
};

/* Does not change @table->memory. */
void stream_table_decode(const struct iommuctl_smmuv3_idr *idr, uint64_t strtab_base,
	uint32_t strtab_base_cfg, struct stream_table *table);

/*
 * Copies the STE of @sid. -ENOENT: there is none; -EFAULT: *@fetch, the address of the L1STD or the
 * STE, is not in guest memory; @refusal says why.
 */
int stream_table_read(const struct stream_table *table, uint32_t sid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], uint64_t *fetch,
	struct iommuctl_smmuv3_refusal *refusal);

#endif
