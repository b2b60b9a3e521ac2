// SPDX-License-Identifier: MIT
/* Turns a generic invalidation into SMMUv3 commands. */
#include <iommuctl/generic.h>

#include <errno.h>

#include "array.h"
#include "generic/layout.h"
#include "smmuv3/range.h"

#define ATC_SHIFT    12
#define ADDRESS_BITS 64
#define PASID_BITS   20

/* A guest that changed a CD must have it dropped before the translations made with it. */
static const uint8_t steps[] = {
	IOMMUCTL_GENERIC_CACHE_PASID,
	IOMMUCTL_GENERIC_CACHE_IOTLB,
	IOMMUCTL_GENERIC_CACHE_DEV_IOTLB,
};

#define STEP_COUNT ARRAY_SIZE(steps)

/* The leaf sizes of tables, of which the first is the granule; the last needs 52-bit addresses. */
static const uint8_t leaf_shifts[][4] = {
	{ 12, 21, 30, 39 },
	{ 14, 25, 25, 36 },
	{ 16, 29, 29, 42 },
};

static const uint8_t *leaf_shifts_of(uint32_t granule)
{
	for (size_t i = 0; i < ARRAY_SIZE(leaf_shifts); i++)
		if (1u << leaf_shifts[i][0] == granule)
			return leaf_shifts[i];
	return NULL;
}

static uint8_t leaf_shift(const uint8_t *shifts, uint8_t page_shift, bool ds)
{
	uint8_t shift = shifts[0];

	for (unsigned int i = 1; i < (ds ? 4 : 3); i++)
		if (shifts[i] <= page_shift)
			shift = shifts[i];
	return shift;
}

static int check_pages(const struct iommuctl_generic_invalidation *invalidation,
	struct iommuctl_generic_problem *problem)
{
	const uint8_t shift = invalidation->page_shift;
	uint64_t most;

	if (shift < 12 || shift > GENERIC_PAGE_SHIFT_MAX)
		return generic_refuse(problem, &invalidation_size, "not a page size");
	if (invalidation->page_count == 0)
		return generic_refuse(problem, &invalidation_nr_pages, "no pages");
	if (invalidation->address & ((UINT64_C(1) << shift) - 1))
		return generic_refuse(
			problem, &invalidation_addr, "not a multiple of the page size");
	most = (UINT64_MAX >> shift) - (invalidation->address >> shift) + 1;
	if (invalidation->page_count > most)
		return generic_refuse(problem, &invalidation_nr_pages, "beyond the last address");
	return 0;
}

static int check_ids(const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_generic_problem *problem)
{
	const uint8_t by_pasid = IOMMUCTL_GENERIC_CACHE_PASID | IOMMUCTL_GENERIC_CACHE_DEV_IOTLB;
	const uint8_t bits = idr->ssidsize < PASID_BITS ? idr->ssidsize : PASID_BITS;

	if (invalidation->granularity == IOMMUCTL_GENERIC_DOMAIN)
		return 0;
	if ((invalidation->caches & by_pasid) && invalidation->pasid >> bits)
		return generic_refuse(
			problem, &invalidation_pasid, "more bits than the SMMU has (SSIDSIZE)");
	if ((invalidation->caches & IOMMUCTL_GENERIC_CACHE_IOTLB) && !invalidation->all_asids &&
		invalidation->asid > UINT8_MAX && !idr->asid16)
		return generic_refuse(
			problem, &invalidation_arch_id, "the SMMU has 8-bit ASIDs (ASID16)");
	return 0;
}

static int check(const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_generic_target *target, struct iommuctl_generic_problem *problem)
{
	static const struct generic_field granule = { .name = "granule" };
	const bool page = invalidation->granularity == IOMMUCTL_GENERIC_PAGE;
	const uint8_t caches = invalidation->caches;
	int err;

	if (!caches || caches >> STEP_COUNT)
		return generic_refuse(problem, &invalidation_type, "no cache, or an unknown one");
	if (invalidation->granularity > IOMMUCTL_GENERIC_PAGE)
		return generic_refuse(problem, &invalidation_granularity, "unknown");
	if ((caches & IOMMUCTL_GENERIC_CACHE_PASID) && page)
		return generic_refuse(
			problem, &invalidation_granularity, "the PASID cache has no pages");
	if ((caches & IOMMUCTL_GENERIC_CACHE_DEV_IOTLB) && !target->idr->ats)
		return generic_refuse(problem, &invalidation_type, "the SMMU has no ATS");
	if (!leaf_shifts_of(target->granule))
		return generic_refuse(problem, &granule, "not 4096, 16384 or 65536");
	err = check_ids(invalidation, target->idr, problem);
	return err || !page ? err : check_pages(invalidation, problem);
}

/* Sets up the pages of @shift bits that the range touches. */
static void set_pages(struct iommuctl_generic_cursor *cursor, uint8_t shift)
{
	const struct iommuctl_generic_invalidation *invalidation = &cursor->invalidation;
	const uint64_t last =
		invalidation->address + (invalidation->page_count << invalidation->page_shift) - 1;

	cursor->shift = shift;
	cursor->address = invalidation->address >> shift << shift;
	cursor->remaining = (last >> shift) - (cursor->address >> shift) + 1;
}

/* For the remaining granules: an exact range, which needs no alignment. */
static struct smmuv3_range next_range(uint64_t remaining, bool ds)
{
	return smmuv3_range_digit(remaining, ds ? SMMUV3_SCALE_MAX_DS : SMMUV3_SCALE_MAX);
}

static uint64_t count_ranges(uint64_t remaining, bool ds, uint64_t most)
{
	uint64_t count = 0;

	while (remaining && count <= most) {
		remaining -= next_range(remaining, ds).granules;
		count++;
	}
	return count;
}

static void start_tlb(struct iommuctl_generic_cursor *cursor)
{
	const struct iommuctl_smmuv3_idr *idr = cursor->target.idr;
	const uint8_t *shifts = leaf_shifts_of(cursor->target.granule);
	uint64_t count;

	if (cursor->invalidation.granularity != IOMMUCTL_GENERIC_PAGE)
		return;
	if (idr->ril) {
		set_pages(cursor, shifts[0]);
		count = count_ranges(cursor->remaining, idr->ds, cursor->target.threshold);
	} else {
		set_pages(cursor, leaf_shift(shifts, cursor->invalidation.page_shift, idr->ds));
		count = cursor->remaining;
	}
	cursor->everything = count > cursor->target.threshold;
}

static void start_stream(struct iommuctl_generic_cursor *cursor)
{
	if (cursor->invalidation.granularity == IOMMUCTL_GENERIC_PAGE)
		set_pages(cursor, ATC_SHIFT);
}

/* Enters the next step that has work to do. */
static void start_step(struct iommuctl_generic_cursor *cursor)
{
	while (cursor->step < STEP_COUNT && !(cursor->invalidation.caches & steps[cursor->step]))
		cursor->step++;
	cursor->stream = 0;
	if (cursor->step == STEP_COUNT)
		return;
	if (steps[cursor->step] == IOMMUCTL_GENERIC_CACHE_IOTLB)
		start_tlb(cursor);
	else if (steps[cursor->step] == IOMMUCTL_GENERIC_CACHE_DEV_IOTLB)
		start_stream(cursor);
}

/* The argument that the caller has left out, or NULL. */
static const char *missing(const struct iommuctl_generic_cursor *cursor,
	const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_generic_target *target)
{
	if (!cursor || !invalidation || !target)
		return !cursor ? "cursor" : !invalidation ? "invalidation" : "target";
	if (!target->idr)
		return "idr";
	return target->vsid_count && !target->vsids ? "vsids" : NULL;
}

int iommuctl_generic_start(struct iommuctl_generic_cursor *cursor,
	const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_generic_target *target, struct iommuctl_generic_problem *problem)
{
	const char *argument = missing(cursor, invalidation, target);
	int err = argument ? generic_refuse_argument(problem, argument)
			   : check(invalidation, target, problem);

	if (err)
		return err;
	*cursor = (struct iommuctl_generic_cursor){
		.invalidation = *invalidation,
		.target = *target,
	};
	if (!cursor->target.threshold)
		cursor->target.threshold = IOMMUCTL_GENERIC_THRESHOLD;
	start_step(cursor);
	return 0;
}

/* Each of these makes one command; true: it was the last one of its step. */

static bool next_cd(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	cmd->opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL;
	if (cursor->invalidation.granularity == IOMMUCTL_GENERIC_PASID) {
		cmd->opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD;
		cmd->substreamid = cursor->invalidation.pasid;
		cmd->leaf = cursor->invalidation.leaf;
	}
	cmd->streamid = cursor->target.vsids[cursor->stream++];
	return cursor->stream == cursor->target.vsid_count;
}

static bool next_page(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	struct smmuv3_range range = { .granules = 1 };

	cmd->address = cursor->address;
	cmd->leaf = cursor->invalidation.leaf;
	if (cursor->target.idr->ril)
		range = next_range(cursor->remaining, cursor->target.idr->ds);
	/* A single page is not a range: it could carry a TTL hint, which is not known. */
	if (range.granules > 1) {
		cmd->tg = (uint8_t)smmuv3_range_tg_of(cursor->shift);
		cmd->scale = (uint8_t)range.scale;
		cmd->num = (uint8_t)range.num;
	}
	cursor->address += range.granules << cursor->shift;
	cursor->remaining -= range.granules;
	return cursor->remaining == 0;
}

static bool next_tlb(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	const struct iommuctl_generic_invalidation *invalidation = &cursor->invalidation;
	const bool page = invalidation->granularity == IOMMUCTL_GENERIC_PAGE;

	cmd->opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL;
	if (invalidation->granularity == IOMMUCTL_GENERIC_DOMAIN)
		return true;
	if (page && invalidation->all_asids) {
		if (cursor->everything)
			return true;
		cmd->opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA;
		return next_page(cursor, cmd);
	}
	cmd->asid = invalidation->asid;
	cmd->opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID;
	if (!page || cursor->everything)
		return true;
	cmd->opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA;
	return next_page(cursor, cmd);
}

/* The largest aligned power of two at the start of what is left. */
static bool next_span(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	const uint64_t page = cursor->address >> ATC_SHIFT;
	unsigned int log2 = ADDRESS_BITS - 1 - (unsigned int)__builtin_clzll(cursor->remaining);

	if (page && (unsigned int)__builtin_ctzll(page) < log2)
		log2 = (unsigned int)__builtin_ctzll(page);
	cmd->address = cursor->address;
	cmd->size = (uint8_t)log2;
	cursor->remaining -= UINT64_C(1) << log2;
	/* Wraps to 0 after the last address, when nothing is left. */
	cursor->address = (page + (UINT64_C(1) << log2)) << ATC_SHIFT;
	return cursor->remaining == 0;
}

static bool next_of_device(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	const struct iommuctl_generic_invalidation *invalidation = &cursor->invalidation;

	cmd->size = IOMMUCTL_SMMUV3_ATC_SIZE_ALL;
	if (invalidation->granularity == IOMMUCTL_GENERIC_DOMAIN) {
		cmd->ssv = cursor->whole_device;
		cmd->global = cursor->whole_device;
		cursor->whole_device = !cursor->whole_device && cursor->target.idr->ssidsize;
		return !cursor->whole_device;
	}
	cmd->ssv = invalidation->pasid != 0;
	cmd->substreamid = invalidation->pasid;
	return invalidation->granularity == IOMMUCTL_GENERIC_PASID || next_span(cursor, cmd);
}

static bool next_atc(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	cmd->opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV;
	cmd->streamid = cursor->target.vsids[cursor->stream];
	if (!next_of_device(cursor, cmd))
		return false;
	start_stream(cursor);
	cursor->stream++;
	return cursor->stream == cursor->target.vsid_count;
}

/* False: none is left. */
static bool next(struct iommuctl_generic_cursor *cursor, struct iommuctl_smmuv3_cmd *cmd)
{
	static bool (*const fill[STEP_COUNT])(
		struct iommuctl_generic_cursor *, struct iommuctl_smmuv3_cmd *) = {
		next_cd,
		next_tlb,
		next_atc,
	};

	while (cursor->step < STEP_COUNT && cursor->target.vsid_count == 0 &&
		steps[cursor->step] != IOMMUCTL_GENERIC_CACHE_IOTLB) {
		cursor->step++;
		start_step(cursor);
	}
	if (cursor->step == STEP_COUNT)
		return false;
	*cmd = (struct iommuctl_smmuv3_cmd){ 0 };
	if (fill[cursor->step](cursor, cmd)) {
		cursor->step++;
		start_step(cursor);
	}
	return true;
}

size_t iommuctl_generic_next(struct iommuctl_generic_cursor *cursor,
	uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t room)
{
	struct iommuctl_smmuv3_cmd cmd;
	size_t count = 0;

	if (!cursor || !cursor->target.idr)
		return 0;
	while (count < room && next(cursor, &cmd))
		if (iommuctl_smmuv3_cmd_encode(&cmd, commands[count], NULL) == 0)
			count++;
	return count;
}
