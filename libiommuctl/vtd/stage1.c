// SPDX-License-Identifier: MIT
/* Walks first-stage tables of VT-d. */
#include "vtd/stage1.h"

#include <errno.h>

#define PRESENT	    (UINT64_C(1) << 0)
#define WRITABLE    (UINT64_C(1) << 1)
#define USER	    (UINT64_C(1) << 2)
#define ACCESSED    (UINT64_C(1) << 5)
#define DIRTY	    (UINT64_C(1) << 6)
#define LARGE	    (UINT64_C(1) << 7)
#define GLOBAL	    (UINT64_C(1) << 8)
#define ADDRESS	    UINT64_C(0x000ffffffffff000)
#define PAT_OF_LEAF (UINT64_C(1) << 12) /* of a large page; below it, address bits are reserved */

#define PAGE_BITS   12
#define LEVEL_BITS  9
#define LARGE_LEVEL 3 /* the highest that has leaves */

static unsigned int shift_of(unsigned int level)
{
	return PAGE_BITS + LEVEL_BITS * (level - 1);
}

/* The bits above the highest translated one must equal it. */
static bool is_canonical(uint64_t iova, unsigned int width)
{
	const uint64_t top = iova >> (width - 1);

	return top == 0 || top == UINT64_MAX >> (width - 1);
}

static uint64_t span_mask(unsigned int level)
{
	return (UINT64_C(1) << shift_of(level)) - 1;
}

static bool is_leaf(unsigned int level, uint64_t entry)
{
	return level == 1 || entry & LARGE;
}

static bool is_reserved(unsigned int level, uint64_t entry)
{
	if (level == 1 || !(entry & LARGE))
		return false;
	return level > LARGE_LEVEL || entry & ADDRESS & span_mask(level) & ~PAT_OF_LEAF;
}

static enum iommuctl_vtd_stage1_fault read_leaf(struct iommuctl_vtd_stage1_walk *walk,
	const struct iommuctl_vtd_stage1_step *step, uint64_t common, uint64_t iova, bool write)
{
	const uint64_t span = span_mask(step->level);

	walk->leaf_size = span + 1;
	walk->ipa = (step->entry & ADDRESS & ~span) | (iova & span);
	walk->writable = common & WRITABLE;
	walk->user = common & USER;
	walk->accessed = step->entry & ACCESSED;
	walk->dirty = step->entry & DIRTY;
	walk->global = step->entry & GLOBAL;
	if (!walk->user || (write && !walk->writable))
		return IOMMUCTL_VTD_STAGE1_FAULT_PERMISSION;
	return IOMMUCTL_VTD_STAGE1_FAULT_NONE;
}

/* Ends at level 1 at the latest, which has only leaves. */
static enum iommuctl_vtd_stage1_fault walk_tables(const struct stage1_reader *reader,
	const struct iommuctl_hwpt_vtd_s1 *data, uint64_t iova, bool write,
	struct iommuctl_vtd_stage1_walk *walk)
{
	const uint64_t index_mask = (1u << LEVEL_BITS) - 1;
	uint64_t table = data->pgtbl_addr & ~UINT64_C(0xfff), common = UINT64_MAX;

	for (unsigned int level = (data->addr_width - PAGE_BITS) / LEVEL_BITS;; level--) {
		struct iommuctl_vtd_stage1_step *step = &walk->steps[walk->step_count++];

		step->level = (uint8_t)level;
		step->ipa = table + (iova >> shift_of(level) & index_mask) * sizeof(step->entry);
		if (stage1_read(reader, step->ipa, &step->entry))
			return IOMMUCTL_VTD_STAGE1_FAULT_TABLE_ABORT;
		if (!(step->entry & PRESENT))
			return IOMMUCTL_VTD_STAGE1_FAULT_NOT_PRESENT;
		if (is_reserved(level, step->entry))
			return IOMMUCTL_VTD_STAGE1_FAULT_RESERVED;
		common &= step->entry;
		if (is_leaf(level, step->entry))
			return read_leaf(walk, step, common, iova, write);
		table = step->entry & ADDRESS;
	}
}

int vtd_stage1_walk(const struct stage1_reader *reader, const struct iommuctl_hwpt_vtd_s1 *data,
	uint64_t iova, bool write, struct iommuctl_vtd_stage1_walk *walk)
{
	struct iommuctl_vtd_stage1_walk result = {
		.fault = IOMMUCTL_VTD_STAGE1_FAULT_NOT_CANONICAL,
	};

	if (data->addr_width != 48 && data->addr_width != 57)
		return -EINVAL;
	if (is_canonical(iova, data->addr_width))
		result.fault = walk_tables(reader, data, iova, write, &result);
	*walk = result;
	return 0;
}

int iommuctl_vtd_stage1_walk(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_hwpt_vtd_s1 *data, uint64_t iova, bool write,
	struct iommuctl_vtd_stage1_walk *walk)
{
	const struct stage1_reader reader = guest_memory_reader(memory);

	return vtd_stage1_walk(&reader, data, iova, write, walk);
}
