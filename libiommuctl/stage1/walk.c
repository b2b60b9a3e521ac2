// SPDX-License-Identifier: MIT
/* Walks stage-1 tables as an SMMU does. */
#include <errno.h>

#include <iommuctl/stage1.h>

#include "stage1/layout.h"
#include "stage1/reader.h"
#include "stage1/regime.h"

#define READ	   IOMMUCTL_STAGE1_READ
#define WRITE	   IOMMUCTL_STAGE1_WRITE
#define EXEC	   IOMMUCTL_STAGE1_EXEC
#define PRIVILEGED IOMMUCTL_STAGE1_PRIVILEGED

#define ADDRESS_BITS   64
#define TBI_BITS       56
#define MIN_ROOT_BYTES 64u

struct request {
	const struct stage1_reader *reader;
	struct stage1_layout layout;
	uint8_t flags;
	uint64_t iova;
	uint32_t access;
};

/* The SMMU treats the address of a small root table as aligned to 64 bytes. */
static uint64_t root_table(const struct stage1_layout *layout, uint64_t ttb)
{
	uint64_t bytes =
		stage1_table_entries(layout, layout->start_level) * STAGE1_DESCRIPTOR_BYTES;

	return ttb & ~((bytes < MIN_ROOT_BYTES ? MIN_ROOT_BYTES : bytes) - 1);
}

bool stage1_is_in_range(const struct iommuctl_stage1_regime *regime, uint64_t iova)
{
	unsigned int bits = ADDRESS_BITS - regime->t0sz;
	unsigned int top_bits =
		((regime->flags & IOMMUCTL_STAGE1_REGIME_TBI) ? TBI_BITS : ADDRESS_BITS) - bits;
	uint64_t mask = (UINT64_C(1) << top_bits) - 1;
	uint64_t wanted = (regime->flags & IOMMUCTL_STAGE1_REGIME_TTB1) ? mask : 0;

	return ((iova >> bits) & mask) == wanted;
}

/* AP, UXN and PXN of the leaf, restricted by the tables on the way. */
static void read_permissions(
	struct iommuctl_stage1_walk *walk, uint8_t flags, uint64_t leaf, uint64_t tables)
{
	bool read_only = (leaf & STAGE1_AP_READ_ONLY) || (tables & STAGE1_AP_TABLE_READ_ONLY);
	bool shared = (leaf & STAGE1_AP_UNPRIVILEGED) && !(tables & STAGE1_AP_TABLE_PRIVILEGED);
	uint8_t privileged = READ | (read_only ? 0 : WRITE);
	uint8_t unprivileged = shared ? privileged : 0;
	bool wxn = flags & IOMMUCTL_STAGE1_REGIME_WXN;
	bool uxn = (leaf & STAGE1_UXN) || (tables & STAGE1_UXN_TABLE);
	bool pxn = (leaf & STAGE1_PXN) || (tables & STAGE1_PXN_TABLE) || (unprivileged & WRITE);

	if (!pxn && !(wxn && (privileged & WRITE)))
		privileged |= EXEC;
	if (!uxn && !(wxn && (unprivileged & WRITE)))
		unprivileged |= EXEC;
	if (shared && (flags & IOMMUCTL_STAGE1_REGIME_PAN))
		privileged &= ~(READ | WRITE);

	walk->privileged = privileged;
	walk->unprivileged = unprivileged;
}

static void read_leaf(struct iommuctl_stage1_walk *walk, const struct request *request,
	const struct iommuctl_stage1_step *step)
{
	const uint64_t span = stage1_entry_span(&request->layout, step->level);
	const uint64_t leaf = step->descriptor;

	walk->leaf_size = span;
	walk->ipa = step->output | (request->iova & (span - 1));
	walk->attr_index = (leaf >> STAGE1_ATTR_INDEX_SHIFT) & STAGE1_ATTR_INDEX_MAX;
	walk->shareability = (leaf >> STAGE1_SH_SHIFT) & STAGE1_SH_MASK;
	walk->access_flag = leaf & STAGE1_AF;
	walk->not_global = leaf & STAGE1_NG;
}

static enum iommuctl_stage1_fault check_access(
	const struct iommuctl_stage1_walk *walk, const struct request *request)
{
	uint8_t wanted = request->access & (READ | WRITE | EXEC);
	uint8_t allowed = (request->access & PRIVILEGED) ? walk->privileged : walk->unprivileged;

	if (!walk->access_flag && !(request->flags & IOMMUCTL_STAGE1_REGIME_AFFD))
		return IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG;
	if (wanted & ~allowed)
		return IOMMUCTL_STAGE1_FAULT_PERMISSION;
	return IOMMUCTL_STAGE1_FAULT_NONE;
}

static struct iommuctl_stage1_step *add_step(struct iommuctl_stage1_walk *walk,
	const struct request *request, unsigned int level, uint64_t table)
{
	struct iommuctl_stage1_step *step = &walk->steps[walk->step_count++];

	step->level = level;
	step->index = stage1_table_index(&request->layout, level, request->iova);
	step->table_ipa = table;
	step->descriptor_ipa = table + step->index * STAGE1_DESCRIPTOR_BYTES;
	return step;
}

/* Classifies the descriptor that was loaded. */
static void read_step(const struct request *request, struct iommuctl_stage1_step *step)
{
	const struct stage1_layout *layout = &request->layout;
	const struct stage1_reader *reader = request->reader;

	step->kind = stage1_entry_kind(layout, step->level, step->descriptor);
	if (step->kind == IOMMUCTL_STAGE1_TABLE)
		step->output = stage1_table_address(layout, step->descriptor);
	else if (step->kind != IOMMUCTL_STAGE1_INVALID)
		step->output = stage1_leaf_address(layout, step->level, step->descriptor);
	if (reader->see)
		reader->see(reader->data, step);
}

/* Ends at the last level at the latest: it has no table descriptors. */
static enum iommuctl_stage1_fault walk_tables(
	const struct request *request, uint64_t table, struct iommuctl_stage1_walk *walk)
{
	const struct stage1_layout *layout = &request->layout;
	uint64_t tables = 0;

	for (unsigned int level = layout->start_level;; level++) {
		struct iommuctl_stage1_step *step = add_step(walk, request, level, table);

		walk->level = level;
		if (stage1_read(request->reader, step->descriptor_ipa, &step->descriptor))
			return IOMMUCTL_STAGE1_FAULT_TABLE_ABORT;
		read_step(request, step);
		if (step->kind == IOMMUCTL_STAGE1_INVALID)
			return IOMMUCTL_STAGE1_FAULT_TRANSLATION;
		if (step->output >> layout->output_bits)
			return IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE;
		if (step->kind != IOMMUCTL_STAGE1_TABLE) {
			read_leaf(walk, request, step);
			read_permissions(walk, request->flags, step->descriptor, tables);
			return check_access(walk, request);
		}
		if (!(request->flags & IOMMUCTL_STAGE1_REGIME_HAD))
			tables |= step->descriptor;
		table = step->output;
	}
}

int stage1_walk(const struct stage1_reader *reader, const struct iommuctl_stage1_regime *regime,
	uint64_t iova, uint32_t access, struct iommuctl_stage1_walk *walk)
{
	struct iommuctl_stage1_walk result = { .fault = IOMMUCTL_STAGE1_FAULT_NONE };
	struct request request = {
		.reader = reader,
		.flags = regime->flags,
		.iova = iova,
		.access = access,
	};
	int err;

	if (access & ~(READ | WRITE | EXEC | PRIVILEGED))
		return -EINVAL;
	err = stage1_regime_to_layout(regime, &request.layout);
	if (err)
		return err;

	if (!stage1_is_in_range(regime, iova))
		result.fault = IOMMUCTL_STAGE1_FAULT_TRANSLATION;
	else if (regime->ttb >> request.layout.output_bits)
		result.fault = IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE;
	else
		result.fault =
			walk_tables(&request, root_table(&request.layout, regime->ttb), &result);

	*walk = result;
	return 0;
}

int iommuctl_stage1_walk(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stage1_regime *regime, uint64_t iova, uint32_t access,
	struct iommuctl_stage1_walk *walk)
{
	const struct stage1_reader reader = guest_memory_reader(memory);

	return stage1_walk(&reader, regime, iova, access, walk);
}
