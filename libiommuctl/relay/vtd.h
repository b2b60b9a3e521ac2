/* SPDX-License-Identifier: MIT */
/* The pending invalidations of one nested HWPT of VT-d. */
#ifndef LIBIOMMUCTL_RELAY_VTD_H
#define LIBIOMMUCTL_RELAY_VTD_H

#include <stdbool.h>

#include <iommuctl/iommufd.h>

/* @origins: for each entry, the first of the descriptors that it was made from. */
struct vtd_batch {
	struct iommuctl_hwpt_vtd_s1_invalidate *entries;
	size_t *origins;
	uint32_t room;
	uint32_t count;
};

int vtd_batch_init(struct vtd_batch *batch, uint32_t room);
void vtd_batch_release(struct vtd_batch *batch);
static inline bool vtd_batch_is_full(const struct vtd_batch *batch)
{
	return batch->count == batch->room;
}

/*
 * Adds what descriptor @origin asks for: an aligned power of two of pages, or everything. There
 * must be room for it. Merges entries if that invalidates exactly the same.
 */
void vtd_batch_add(struct vtd_batch *batch, const struct iommuctl_hwpt_vtd_s1_invalidate *entry,
	size_t origin);
/* The first @count entries are done. */
void vtd_batch_drop(struct vtd_batch *batch, uint32_t count);

#endif
