/* SPDX-License-Identifier: MIT */
/* The geometry and the descriptors of stage-1 tables. */
#ifndef LIBIOMMUCTL_STAGE1_LAYOUT_H
#define LIBIOMMUCTL_STAGE1_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/stage1.h>

/* Descriptor fields (DDI 0487, D8.3 "Translation table descriptor formats"). */
#define STAGE1_VALID		   (UINT64_C(1) << 0)
#define STAGE1_TABLE_OR_PAGE	   (UINT64_C(1) << 1)
#define STAGE1_ATTR_INDEX_SHIFT	   2
#define STAGE1_ATTR_INDEX_MAX	   7
#define STAGE1_AP_UNPRIVILEGED	   (UINT64_C(1) << 6)
#define STAGE1_AP_READ_ONLY	   (UINT64_C(1) << 7)
#define STAGE1_SH_SHIFT		   8
#define STAGE1_SH_MASK		   3
#define STAGE1_AF		   (UINT64_C(1) << 10)
#define STAGE1_NG		   (UINT64_C(1) << 11)
#define STAGE1_ADDRESS		   UINT64_C(0x0000fffffffff000)
#define STAGE1_PXN		   (UINT64_C(1) << 53)
#define STAGE1_UXN		   (UINT64_C(1) << 54)
#define STAGE1_PXN_TABLE	   (UINT64_C(1) << 59)
#define STAGE1_UXN_TABLE	   (UINT64_C(1) << 60)
#define STAGE1_AP_TABLE_PRIVILEGED (UINT64_C(1) << 61)
#define STAGE1_AP_TABLE_READ_ONLY  (UINT64_C(1) << 62)

#define STAGE1_LAST_LEVEL	3
#define STAGE1_DESCRIPTOR_BYTES UINT64_C(8)

/* The geometry that follows from the granule and the address sizes. */
struct stage1_layout {
	uint8_t granule_bits;
	uint8_t input_bits;
	uint8_t output_bits;
	uint8_t start_level;
};

/* -EINVAL for an invalid granule or number of input bits. */
int stage1_layout_init(struct stage1_layout *layout, unsigned int granule_bits,
	unsigned int input_bits, unsigned int output_bits);

/* How many bytes one entry at this level translates. */
uint64_t stage1_entry_span(const struct stage1_layout *layout, unsigned int level);

/* Entries of a table at this level; the root has as many as the input bits need. */
uint32_t stage1_table_entries(const struct stage1_layout *layout, unsigned int level);

/* @address must be within the input range. */
uint32_t stage1_table_index(
	const struct stage1_layout *layout, unsigned int level, uint64_t address);

bool stage1_level_has_leaves(const struct stage1_layout *layout, unsigned int level);

enum iommuctl_stage1_kind stage1_entry_kind(
	const struct stage1_layout *layout, unsigned int level, uint64_t descriptor);

/* The next table, or the output of a leaf; bits below its alignment count as zero. */
uint64_t stage1_table_address(const struct stage1_layout *layout, uint64_t descriptor);
uint64_t stage1_leaf_address(
	const struct stage1_layout *layout, unsigned int level, uint64_t descriptor);

/* VALID and the type of a leaf at this level. */
uint64_t stage1_leaf_type(unsigned int level);

#endif
