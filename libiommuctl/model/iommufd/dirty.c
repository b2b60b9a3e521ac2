// SPDX-License-Identifier: MIT
/*
 * Pages that devices have written through a HWPT. As in the SMMU's driver, they are recorded
 * whether tracking is on or off; turning it on clears the record.
 */
#include "model/iommufd/iommufd.h"
#include "model/ioas/ioas.h"
#include "model/user.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi/iommufd.h"

#define PAGE_SHIFT 12

struct model_dirty {
	uint64_t *pages; /* sorted page numbers */
	size_t count;
	size_t room;
	bool is_full; /* out of memory: all pages count as dirty */
};

/* The first dirty page from @page on; dirty->count: none. */
static size_t page_at(const struct model_dirty *dirty, uint64_t page)
{
	size_t low = 0, high = dirty->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dirty->pages[middle] < page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct model_dirty *dirty)
{
	const size_t room = dirty->room ? dirty->room * 2 : 16;
	uint64_t *pages;

	if (dirty->count < dirty->room)
		return 0;
	pages = reallocarray(dirty->pages, room, sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	dirty->pages = pages;
	dirty->room = room;
	return 0;
}

static void add_page(struct model_dirty *dirty, uint64_t page)
{
	const size_t at = page_at(dirty, page);

	if (at < dirty->count && dirty->pages[at] == page)
		return;
	if (make_room(dirty)) {
		dirty->is_full = true;
		return;
	}
	memmove(&dirty->pages[at + 1], &dirty->pages[at],
		(dirty->count - at) * sizeof(*dirty->pages));
	dirty->pages[at] = page;
	dirty->count++;
}

static void written(const struct model_stage2 *stage2, uint64_t iova, size_t size)
{
	const struct model_hwpt_paging *hwpt =
		(const void *)((const char *)stage2 - offsetof(struct model_hwpt_paging, stage2));
	const uint64_t last = (iova + (size - 1)) >> PAGE_SHIFT;

	for (uint64_t page = iova >> PAGE_SHIFT; page <= last; page++)
		add_page(hwpt->dirty, page);
}

void model_dirty_add(struct model_hwpt_paging *hwpt, uint64_t iova)
{
	const size_t at = model_ioas_area_at(hwpt->ioas, iova);
	const struct model_area *area = &hwpt->ioas->areas[at];

	if (at < hwpt->ioas->area_count && area->iova <= iova && !area->pages->revoked)
		add_page(hwpt->dirty, iova >> PAGE_SHIFT);
}

int model_dirty_new(struct model_hwpt_paging *hwpt)
{
	hwpt->dirty = calloc(1, sizeof(*hwpt->dirty));
	if (!hwpt->dirty)
		return -ENOMEM;
	hwpt->stage2.written = written;
	return 0;
}

void model_dirty_free(struct model_dirty *dirty)
{
	if (dirty)
		free(dirty->pages);
	free(dirty);
}

void model_dirty_forget(struct model_dirty *dirty, uint64_t first, uint64_t last)
{
	const size_t from = page_at(dirty, first >> PAGE_SHIFT);
	size_t to = from;

	while (to < dirty->count && dirty->pages[to] <= last >> PAGE_SHIFT)
		to++;
	if (to == from)
		return;
	memmove(&dirty->pages[from], &dirty->pages[to],
		(dirty->count - to) * sizeof(*dirty->pages));
	dirty->count -= to - from;
}

/* IOMMU_HWPT_SET_DIRTY_TRACKING */
int model_hwpt_set_dirty_tracking(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_hwpt_set_dirty_tracking *args = arg;
	struct model_hwpt_paging *hwpt;

	if (args->flags & ~(uint32_t)ABI_HWPT_DIRTY_TRACKING_ENABLE)
		return -EOPNOTSUPP;
	hwpt = model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind);
	if (!hwpt)
		return -ENOENT;
	if (!hwpt->dirty)
		return -EOPNOTSUPP;
	hwpt->tracking = args->flags & ABI_HWPT_DIRTY_TRACKING_ENABLE;
	if (hwpt->tracking) {
		hwpt->dirty->is_full = false;
		model_dirty_forget(hwpt->dirty, 0, UINT64_MAX);
	}
	return 0;
}

/*
 * Sets the bits of @page that the caller asks for. If the bitmap cannot be written they are lost,
 * and Linux 7.3 does not report it.
 */
static void put_page(const struct abi_hwpt_get_dirty_bitmap *args, uint64_t page)
{
	const unsigned int shift = (unsigned int)__builtin_ctzll(args->page_size);
	const uint64_t end = args->iova + (args->length - 1);
	uint64_t first = page << PAGE_SHIFT;
	uint64_t last = first + ((UINT64_C(1) << PAGE_SHIFT) - 1);

	if (first < args->iova)
		first = args->iova;
	if (last > end)
		last = end;
	for (uint64_t bit = (first - args->iova) >> shift; bit <= (last - args->iova) >> shift;
		bit++) {
		const uint64_t at = args->data + bit / 64 * sizeof(uint64_t);
		uint64_t word;

		if (model_copy_in(&word, at, sizeof(word)))
			return;
		word |= UINT64_C(1) << bit % 64;
		if (model_copy_out(at, &word, sizeof(word)))
			return;
	}
}

static void put_pages(const struct model_dirty *dirty, const struct abi_hwpt_get_dirty_bitmap *args,
	uint64_t first, uint64_t last)
{
	for (uint64_t page = first >> PAGE_SHIFT; dirty->is_full && page <= last >> PAGE_SHIFT;
		page++)
		put_page(args, page);
	for (size_t i = page_at(dirty, first >> PAGE_SHIFT);
		i < dirty->count && dirty->pages[i] <= last >> PAGE_SHIFT; i++)
		put_page(args, dirty->pages[i]);
}

static int check_range(
	const struct model_hwpt_paging *hwpt, const struct abi_hwpt_get_dirty_bitmap *args)
{
	uint64_t last;

	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->iova, args->length - 1, &last))
		return -EOVERFLOW;
	if ((args->iova | (last + 1)) & (hwpt->ioas->alignment - 1))
		return -EINVAL;
	if (args->page_size == 0 || (args->iova | (last + 1)) & (args->page_size - 1))
		return -EINVAL;
	return 0;
}

/* Goes mapping by mapping, up to a gap, which Linux 7.3 does not report. */
static void read_bitmap(
	const struct model_hwpt_paging *hwpt, const struct abi_hwpt_get_dirty_bitmap *args)
{
	const uint64_t end = args->iova + (args->length - 1);
	const struct model_ioas *ioas = hwpt->ioas;
	uint64_t next = args->iova;

	for (;;) {
		const size_t at = model_ioas_area_at(ioas, next);
		uint64_t last;

		if (at == ioas->area_count || ioas->areas[at].iova > next)
			return;
		last = ioas->areas[at].iova + (ioas->areas[at].length - 1);
		if (last > end)
			last = end;
		put_pages(hwpt->dirty, args, next, last);
		if (!(args->flags & ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR))
			model_dirty_forget(hwpt->dirty, next, last);
		if (last == end)
			return;
		next = last + 1;
	}
}

/* IOMMU_HWPT_GET_DIRTY_BITMAP */
int model_hwpt_get_dirty_bitmap(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_hwpt_get_dirty_bitmap *args = arg;
	const struct model_hwpt_paging *hwpt;
	int err;

	if (args->flags & ~(uint32_t)ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR || args->reserved)
		return -EOPNOTSUPP;
	hwpt = model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind);
	if (!hwpt)
		return -ENOENT;
	err = check_range(hwpt, args);
	if (err)
		return err;
	if (!hwpt->dirty)
		return -EOPNOTSUPP;
	read_bitmap(hwpt, args);
	return 0;
}
