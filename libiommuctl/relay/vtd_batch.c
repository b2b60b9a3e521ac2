// SPDX-License-Identifier: MIT
#include "relay/vtd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BITS 12
/* Two halves of more pages would cover the whole address space, which has an entry of its own. */
#define HALF_MAX (UINT64_C(1) << (64 - PAGE_BITS - 2))

int vtd_batch_init(struct vtd_batch *batch, uint32_t room)
{
	*batch = (struct vtd_batch){ .room = room };
	batch->entries = calloc(room, sizeof(*batch->entries));
	batch->origins = calloc(room, sizeof(*batch->origins));
	if (batch->entries && batch->origins)
		return 0;
	vtd_batch_release(batch);
	return -ENOMEM;
}

void vtd_batch_release(struct vtd_batch *batch)
{
	free(batch->entries);
	free(batch->origins);
}

static bool is_everything(const struct iommuctl_hwpt_vtd_s1_invalidate *entry)
{
	return entry->npages == UINT64_MAX;
}

/* Whether @a makes @b redundant: ranges are aligned, so they nest or are disjoint. */
static bool covers(const struct iommuctl_hwpt_vtd_s1_invalidate *a,
	const struct iommuctl_hwpt_vtd_s1_invalidate *b)
{
	if (a->flags & ~b->flags)
		return false;
	if (is_everything(a))
		return true;
	return a->npages >= b->npages && a->addr == (b->addr & ~((a->npages << PAGE_BITS) - 1));
}

static bool are_halves(const struct iommuctl_hwpt_vtd_s1_invalidate *a,
	const struct iommuctl_hwpt_vtd_s1_invalidate *b)
{
	return a->flags == b->flags && a->npages == b->npages && a->npages <= HALF_MAX &&
	       (a->addr ^ b->addr) == a->npages << PAGE_BITS;
}

/* Merges the last two entries; false: they stay two. */
static bool merge_last(struct vtd_batch *batch)
{
	struct iommuctl_hwpt_vtd_s1_invalidate *a, *b;

	if (batch->count < 2)
		return false;
	a = &batch->entries[batch->count - 2];
	b = &batch->entries[batch->count - 1];
	if (covers(a, b)) {
		batch->count--;
		return false;
	}
	if (covers(b, a)) {
		*a = *b;
	} else if (are_halves(a, b)) {
		a->addr &= b->addr;
		a->npages *= 2;
	} else {
		return false;
	}
	batch->count--;
	return true;
}

void vtd_batch_add(
	struct vtd_batch *batch, const struct iommuctl_hwpt_vtd_s1_invalidate *entry, size_t origin)
{
	batch->entries[batch->count] = *entry;
	batch->origins[batch->count++] = origin;
	while (merge_last(batch))
		;
}

void vtd_batch_drop(struct vtd_batch *batch, uint32_t count)
{
	batch->count -= count;
	memmove(batch->entries, batch->entries + count, batch->count * sizeof(*batch->entries));
	memmove(batch->origins, batch->origins + count, batch->count * sizeof(*batch->origins));
}
