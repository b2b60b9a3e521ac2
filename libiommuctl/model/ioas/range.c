// SPDX-License-Identifier: MIT
/* Looks for reserved, mapped, allowed and free ranges of an IOAS. */
#include "model/ioas/ioas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE UINT64_C(4096)

const struct model_range *model_ioas_reserved_at(const struct model_ioas *ioas, uint64_t iova)
{
	for (size_t i = 0; i < ioas->reserved_count; i++)
		if (ioas->reserved[i].range.last >= iova)
			return &ioas->reserved[i].range;
	return NULL;
}

bool model_ioas_is_mapped(const struct model_ioas *ioas, const struct model_range *range)
{
	size_t at = model_ioas_area_at(ioas, range->start);

	return at < ioas->area_count && ioas->areas[at].iova <= range->last;
}

bool model_ioas_is_reserved(const struct model_ioas *ioas, const struct model_range *range)
{
	const struct model_range *reserved = model_ioas_reserved_at(ioas, range->start);

	return reserved && reserved->start <= range->last;
}

static bool is_allowed(const struct model_ioas *ioas, const struct model_range *range)
{
	for (size_t i = 0; i < ioas->allowed_count; i++)
		if (ioas->allowed[i].start <= range->last && ioas->allowed[i].last >= range->start)
			return true;
	return false;
}

int model_ioas_reserve(struct model_ioas *ioas, const struct model_range *range, const void *owner)
{
	const size_t count = ioas->reserved_count;
	struct model_reserved *reserved;
	size_t at = 0;

	if (model_ioas_is_mapped(ioas, range) || is_allowed(ioas, range))
		return -EADDRINUSE;
	reserved = reallocarray(ioas->reserved, count + 1, sizeof(*reserved));
	if (!reserved)
		return -ENOMEM;
	while (at < count && reserved[at].range.start <= range->start)
		at++;
	memmove(&reserved[at + 1], &reserved[at], (count - at) * sizeof(*reserved));
	reserved[at] = (struct model_reserved){ *range, owner };
	ioas->reserved = reserved;
	ioas->reserved_count++;
	return 0;
}

void model_ioas_unreserve(struct model_ioas *ioas, const void *owner)
{
	size_t kept = 0;

	for (size_t i = 0; i < ioas->reserved_count; i++)
		if (ioas->reserved[i].owner != owner)
			ioas->reserved[kept++] = ioas->reserved[i];
	ioas->reserved_count = kept;
}

/* The first mapped or reserved range from @iova on; false: none. */
static bool next_used(const struct model_ioas *ioas, uint64_t iova, struct model_range *used)
{
	const struct model_range *reserved = model_ioas_reserved_at(ioas, iova);
	size_t at = model_ioas_area_at(ioas, iova);
	const struct model_area *area = at < ioas->area_count ? &ioas->areas[at] : NULL;

	if (area && (!reserved || area->iova < reserved->start))
		*used = (struct model_range){ area->iova, area->iova + (area->length - 1) };
	else if (reserved)
		*used = *reserved;
	return area || reserved;
}

/* Where in @range @length bytes can start: at @offset from a multiple of @alignment. */
static bool fits(const struct model_range *range, uint64_t length, uint64_t alignment,
	uint64_t offset, uint64_t *start)
{
	uint64_t aligned;

	if (__builtin_add_overflow(range->start, alignment - 1, &aligned))
		return false;
	aligned &= ~(alignment - 1);
	aligned |= offset;
	if (aligned >= range->last || range->last - aligned < length - 1)
		return false;
	*start = aligned;
	return true;
}

struct wish {
	uint64_t length;
	uint64_t alignment;
	uint64_t offset;
};

static bool choose_within(const struct model_ioas *ioas, const struct model_range *allowed,
	const struct wish *wish, uint64_t *iova)
{
	uint64_t from;
	struct model_range used;

	if (!fits(allowed, wish->length, wish->alignment, wish->offset, &from))
		return false;
	while (next_used(ioas, from, &used) && used.start <= allowed->last) {
		const struct model_range hole = { from, used.start - 1 };

		if (used.start > from &&
			fits(&hole, wish->length, wish->alignment, wish->offset, iova))
			return true;
		if (used.last >= allowed->last)
			return false;
		from = used.last + 1;
	}
	return fits(&(struct model_range){ from, allowed->last }, wish->length, wish->alignment,
		wish->offset, iova);
}

/* Joins the adjacent allowed ranges from @at on. Returns the index after them. */
static size_t join_allowed(const struct model_ioas *ioas, size_t at, struct model_range *joined)
{
	*joined = ioas->allowed[at++];
	while (at < ioas->allowed_count && joined->last + 1 == ioas->allowed[at].start)
		joined->last = ioas->allowed[at++].last;
	return at;
}

static uint64_t power_of_two_from(uint64_t value)
{
	return value <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(value - 1));
}

/* As aligned as the memory is, up to a page: the rig's kernel uses no larger ones here. */
static uint64_t wished_alignment(uint64_t address, uint64_t length)
{
	uint64_t alignment = power_of_two_from(length);

	if (address && alignment > (address & -address))
		alignment = address & -address;
	return alignment < PAGE_SIZE ? alignment : PAGE_SIZE;
}

/* The first page and the last one are never chosen. */
int model_ioas_choose_iova(
	const struct model_ioas *ioas, uint64_t address, uint64_t length, uint64_t *iova)
{
	const struct model_range all = { PAGE_SIZE, UINT64_MAX - PAGE_SIZE };
	struct wish wish = { .length = length, .offset = address % PAGE_SIZE };

	if (length >= UINT64_MAX / 2)
		return -EOVERFLOW;
	wish.alignment = wished_alignment(address, length);
	if (wish.alignment < ioas->alignment)
		return -EINVAL;
	if (ioas->allowed_count == 0)
		return choose_within(ioas, &all, &wish, iova) ? 0 : -ENOSPC;
	for (size_t at = 0; at < ioas->allowed_count;) {
		struct model_range allowed;

		at = join_allowed(ioas, at, &allowed);
		if (allowed.start < all.start)
			allowed.start = all.start;
		if (allowed.last > all.last)
			allowed.last = all.last;
		if (allowed.start <= allowed.last && choose_within(ioas, &allowed, &wish, iova))
			return 0;
	}
	return -ENOSPC;
}
