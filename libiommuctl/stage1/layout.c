// SPDX-License-Identifier: MIT
#include <errno.h>

#include "stage1/layout.h"

#define MIN_INPUT_BITS 25
#define MAX_INPUT_BITS 48
#define LARGEST_BLOCK  (UINT64_C(1) << 30)

static unsigned int bits_per_level(const struct stage1_layout *layout)
{
	return layout->granule_bits - 3;
}

static unsigned int level_shift(const struct stage1_layout *layout, unsigned int level)
{
	return layout->granule_bits + (STAGE1_LAST_LEVEL - level) * bits_per_level(layout);
}

int stage1_layout_init(struct stage1_layout *layout, unsigned int granule_bits,
	unsigned int input_bits, unsigned int output_bits)
{
	unsigned int table_bits = granule_bits - 3;
	unsigned int levels;

	if (granule_bits != 12 && granule_bits != 14 && granule_bits != 16)
		return -EINVAL;
	if (input_bits < MIN_INPUT_BITS || input_bits > MAX_INPUT_BITS)
		return -EINVAL;

	levels = (input_bits - granule_bits + table_bits - 1) / table_bits;
	*layout = (struct stage1_layout){
		.granule_bits = granule_bits,
		.input_bits = input_bits,
		.output_bits = output_bits,
		.start_level = STAGE1_LAST_LEVEL + 1 - levels,
	};
	return 0;
}

uint64_t stage1_entry_span(const struct stage1_layout *layout, unsigned int level)
{
	return UINT64_C(1) << level_shift(layout, level);
}

uint32_t stage1_table_entries(const struct stage1_layout *layout, unsigned int level)
{
	if (level == layout->start_level)
		return 1u << (layout->input_bits - level_shift(layout, level));
	return 1u << bits_per_level(layout);
}

uint32_t stage1_table_index(
	const struct stage1_layout *layout, unsigned int level, uint64_t address)
{
	return (address >> level_shift(layout, level)) & (stage1_table_entries(layout, level) - 1);
}

bool stage1_level_has_leaves(const struct stage1_layout *layout, unsigned int level)
{
	return stage1_entry_span(layout, level) <= LARGEST_BLOCK;
}

enum iommuctl_stage1_kind stage1_entry_kind(
	const struct stage1_layout *layout, unsigned int level, uint64_t descriptor)
{
	bool table_or_page = descriptor & STAGE1_TABLE_OR_PAGE;

	if (!(descriptor & STAGE1_VALID))
		return IOMMUCTL_STAGE1_INVALID;
	if (level == STAGE1_LAST_LEVEL)
		return table_or_page ? IOMMUCTL_STAGE1_PAGE : IOMMUCTL_STAGE1_INVALID;
	if (table_or_page)
		return IOMMUCTL_STAGE1_TABLE;
	return stage1_level_has_leaves(layout, level) ? IOMMUCTL_STAGE1_BLOCK
						      : IOMMUCTL_STAGE1_INVALID;
}

uint64_t stage1_table_address(const struct stage1_layout *layout, uint64_t descriptor)
{
	return stage1_leaf_address(layout, STAGE1_LAST_LEVEL, descriptor);
}

uint64_t stage1_leaf_address(
	const struct stage1_layout *layout, unsigned int level, uint64_t descriptor)
{
	return descriptor & STAGE1_ADDRESS & ~(stage1_entry_span(layout, level) - 1);
}

uint64_t stage1_leaf_type(unsigned int level)
{
	return STAGE1_VALID | (level == STAGE1_LAST_LEVEL ? STAGE1_TABLE_OR_PAGE : 0);
}
