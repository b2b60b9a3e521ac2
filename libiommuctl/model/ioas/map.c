// SPDX-License-Identifier: MIT
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

#define MAP_FLAGS  (ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_WRITEABLE | ABI_IOAS_MAP_READABLE)
#define MAP_ACCESS (ABI_IOAS_MAP_WRITEABLE | ABI_IOAS_MAP_READABLE)

/* Areas to be mapped: each has its pages, but no IOVA yet. */
struct slices {
	struct model_area *areas;
	size_t count;
	uint64_t length; /* of all */
};

static int check_flags(uint32_t flags, bool overflow)
{
	if (flags & ~(uint32_t)MAP_FLAGS)
		return -EOPNOTSUPP;
	if (overflow)
		return -EOVERFLOW;
	return flags & MAP_ACCESS ? 0 : -EINVAL;
}

static int check_iova(const struct model_ioas *ioas, uint64_t iova, uint64_t length)
{
	struct model_range range = { .start = iova };

	if (iova & (ioas->alignment - 1))
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, &range.last))
		return -EOVERFLOW;
	if (model_ioas_is_reserved(ioas, &range))
		return -EINVAL;
	return model_ioas_is_mapped(ioas, &range) ? -EEXIST : 0;
}

static int find_iova(
	const struct model_ioas *ioas, const struct slices *slices, uint32_t flags, uint64_t *iova)
{
	const struct model_area *first = &slices->areas[0];

	if (slices->length == 0 || slices->length & (ioas->alignment - 1))
		return -EINVAL;
	if (flags & ABI_IOAS_MAP_FIXED_IOVA)
		return check_iova(ioas, *iova, slices->length);
	return model_ioas_choose_iova(
		ioas, first->pages->base + first->offset, slices->length, iova);
}

/* Assigns IOVAs and access to the slices. */
static int lay_out(
	const struct model_ioas *ioas, struct slices *slices, uint32_t flags, uint64_t iova)
{
	for (size_t i = 0; i < slices->count; i++) {
		struct model_area *area = &slices->areas[i];

		area->iova = iova;
		area->readable = flags & ABI_IOAS_MAP_READABLE;
		area->writable = flags & ABI_IOAS_MAP_WRITEABLE;
		if (area->writable && !area->pages->writable)
			return -EPERM;
		if ((area->pages->base + area->offset) & (ioas->alignment - 1))
			return -EINVAL;
		iova += area->length;
	}
	return 0;
}

static int pin(const struct model_ioas *ioas, const struct slices *slices)
{
	for (size_t i = 0; ioas->hwpt_count && i < slices->count; i++) {
		int err = model_pages_pin(&slices->areas[i]);

		if (err)
			return err;
	}
	return 0;
}

/* All slices have the same access. */
static int check_hwpts(const struct model_ioas *ioas, const struct slices *slices)
{
	for (size_t i = 0; i < ioas->hwpt_count; i++)
		if (ioas->hwpts[i]->writable_alone && !slices->areas[0].writable)
			return -EINVAL;
	return 0;
}

/* Takes over the slices' pages, unless it fails. */
static int place(struct model_ioas *ioas, struct slices *slices, uint32_t flags, uint64_t *iova)
{
	uint64_t at = *iova;
	int err = find_iova(ioas, slices, flags, &at);

	if (err)
		return err;
	err = lay_out(ioas, slices, flags, at);
	if (err)
		return err;
	err = pin(ioas, slices);
	if (err)
		return err;
	err = check_hwpts(ioas, slices);
	if (err)
		return err;
	err = model_ioas_insert_areas(ioas, slices->areas, slices->count);
	if (err)
		return err;
	*iova = at;
	return 0;
}

static int place_pages(
	struct model_ioas *ioas, struct model_pages *pages, uint32_t flags, uint64_t *iova)
{
	struct model_area area = { .pages = pages, .length = pages->length };
	struct slices slices = { .areas = &area, .count = 1, .length = pages->length };
	int err = place(ioas, &slices, flags, iova);

	if (err)
		model_pages_put(pages);
	return err;
}

/* IOMMU_IOAS_MAP */
int model_ioas_map(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_map *args = arg;
	struct model_pages *pages;
	struct model_ioas *ioas;
	uint64_t iova = args->iova;
	int err;

	if (args->reserved)
		return -EOPNOTSUPP;
	err = check_flags(args->flags, args->iova == UINT64_MAX || args->length == UINT64_MAX);
	if (err)
		return err;
	ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
	if (!ioas)
		return -ENOENT;
	err = model_pages_of_user(iommufd->model, args->user_va, args->length,
		args->flags & ABI_IOAS_MAP_WRITEABLE, &pages);
	if (err)
		return err;
	err = place_pages(ioas, pages, args->flags, &iova);
	if (err == 0)
		args->iova = iova;
	return err;
}

static int pages_of_fd(struct iommuctl_model *model, const struct abi_ioas_map_file *args,
	struct model_pages **pages)
{
	const struct model_file *file = model_file_find(model, args->fd);
	const bool writable = args->flags & ABI_IOAS_MAP_WRITEABLE;

	if (file && file->kind == &model_dma_buf_file)
		return model_pages_of_dma_buf(
			file->object, args->start, args->length, writable, pages);
	return model_pages_of_file(args->fd, args->start, args->length, writable, pages);
}

/* IOMMU_IOAS_MAP_FILE */
int model_ioas_map_file(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_map_file *args = arg;
	struct model_pages *pages;
	struct model_ioas *ioas;
	uint64_t iova = args->iova;
	int err;

	err = check_flags(args->flags, args->iova == UINT64_MAX || args->length == UINT64_MAX);
	if (err)
		return err;
	ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
	if (!ioas)
		return -ENOENT;
	err = pages_of_fd(iommufd->model, args, &pages);
	if (err)
		return err;
	err = place_pages(ioas, pages, args->flags, &iova);
	if (err == 0)
		args->iova = iova;
	return err;
}

/* How many contiguous areas cover @range; 0: there is a gap. */
static size_t count_areas(const struct model_ioas *ioas, const struct model_range *range)
{
	uint64_t next = range->start;

	for (size_t count = 1;; count++) {
		const size_t at = model_ioas_area_at(ioas, next);
		uint64_t last;

		if (at == ioas->area_count || ioas->areas[at].iova > next)
			return 0;
		last = ioas->areas[at].iova + (ioas->areas[at].length - 1);
		if (last >= range->last)
			return count;
		next = last + 1;
	}
}

/* Shares the pages that @range of @ioas maps. */
static int slice(
	const struct model_ioas *ioas, const struct model_range *range, struct slices *slices)
{
	const size_t count = count_areas(ioas, range);
	uint64_t remaining = range->last - range->start + 1;
	uint64_t from = range->start;

	if (count == 0)
		return -ENOENT;
	slices->areas = calloc(count, sizeof(*slices->areas));
	if (!slices->areas)
		return -ENOMEM;
	slices->count = count;
	slices->length = remaining;
	for (size_t i = 0; i < count; i++) {
		const struct model_area *source = &ioas->areas[model_ioas_area_at(ioas, from)];
		uint64_t skipped = from - source->iova;
		uint64_t length = source->length - skipped;

		if (length > remaining)
			length = remaining;
		slices->areas[i] = (struct model_area){
			.length = length,
			.pages = source->pages,
			.offset = source->offset + skipped,
		};
		source->pages->users++;
		from += length;
		remaining -= length;
	}
	return 0;
}

static int get_slices(const struct model_iommufd *iommufd, const struct abi_ioas_copy *args,
	struct slices *slices)
{
	struct model_range range = { .start = args->src_iova };
	const struct model_ioas *ioas =
		model_object_find(iommufd, args->src_ioas_id, &model_ioas_kind);

	if (!ioas)
		return -ENOENT;
	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->src_iova, args->length - 1, &range.last))
		return -EOVERFLOW;
	return slice(ioas, &range, slices);
}

/* IOMMU_IOAS_COPY */
int model_ioas_copy(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_copy *args = arg;
	struct slices slices;
	struct model_ioas *target;
	uint64_t iova = args->dst_iova;
	int err;

	err = check_flags(args->flags, args->length == UINT64_MAX || args->src_iova == UINT64_MAX ||
					       args->dst_iova == UINT64_MAX);
	if (err)
		return err;
	err = get_slices(iommufd, args, &slices);
	if (err)
		return err;
	target = model_object_find(iommufd, args->dst_ioas_id, &model_ioas_kind);
	err = target ? place(target, &slices, args->flags, &iova) : -ENOENT;
	if (err == 0)
		args->dst_iova = iova;
	for (size_t i = 0; err && i < slices.count; i++)
		model_pages_put(slices.areas[i].pages);
	free(slices.areas);
	return err;
}

/*
 * As the kernel's driver: the IPAs of a nesting parent, and everything that leads there through a
 * stage 1; for any other HWPT the IOVAs, as its VMID has no entries of both stages.
 */
void model_ioas_invalidate(const struct model_ioas *ioas, const struct model_range *gone)
{
	struct iommuctl_model *model = ioas->iommufd->model;

	for (size_t i = 0; i < ioas->hwpt_count; i++) {
		if (!ioas->hwpts[i]->is_mock)
			model_smmu_invalidate_ipa(model->smmus[ioas->hwpts[i]->smmu],
				ioas->hwpts[i]->stage2.vmid, gone->start,
				gone->last - gone->start + 1);
		if (ioas->hwpts[i]->dirty)
			model_dirty_forget(ioas->hwpts[i]->dirty, gone->start, gone->last);
	}
}

/*
 * Unmaps only whole areas, one after the other: a partly covered area stays, and so do those after
 * it.
 */
static int unmap(struct model_ioas *ioas, const struct model_range *range, uint64_t *unmapped)
{
	struct model_range gone = { .start = range->last };
	size_t at;
	int err = 0;

	*unmapped = 0;
	while ((at = model_ioas_area_at(ioas, range->start)) < ioas->area_count) {
		const struct model_area *area = &ioas->areas[at];
		const uint64_t last = area->iova + (area->length - 1);

		if (area->iova > range->last)
			break;
		err = model_ioas_check_locks(ioas, area);
		if (!err && (area->iova < range->start || last > range->last))
			err = -ENOENT;
		if (err)
			break;
		model_ioas_notify(ioas, area);
		if (area->iova < gone.start)
			gone.start = area->iova;
		gone.last = last;
		*unmapped += area->length;
		model_pages_put(area->pages);
		model_ioas_remove_area(ioas, at);
	}
	if (*unmapped)
		model_ioas_invalidate(ioas, &gone);
	return err;
}

/* IOMMU_IOAS_UNMAP */
int model_ioas_unmap(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_unmap *args = arg;
	const bool all = args->iova == 0 && args->length == UINT64_MAX;
	struct model_range range = { .start = args->iova, .last = UINT64_MAX };
	struct model_ioas *ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
	uint64_t unmapped;
	int err;

	if (!ioas)
		return -ENOENT;
	if (!all && (args->iova == UINT64_MAX || args->length == UINT64_MAX))
		return -EOVERFLOW;
	if (args->length == 0)
		return -EINVAL;
	if (!all && __builtin_add_overflow(args->iova, args->length - 1, &range.last))
		return -EOVERFLOW;
	err = unmap(ioas, &range, &unmapped);
	if (err)
		return err;
	if (!all && unmapped == 0)
		return -ENOENT;
	args->length = unmapped;
	return 0;
}
