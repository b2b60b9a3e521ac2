// SPDX-License-Identifier: MIT
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

#define PAGE_SIZE UINT64_C(4096)

/* IOMMU_IOAS_ALLOC */
int model_ioas_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_alloc *args = arg;
	struct model_ioas *ioas;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	ioas = calloc(1, sizeof(*ioas));
	if (!ioas)
		return -ENOMEM;
	ioas->iommufd = iommufd;
	ioas->alignment = 1;
	err = model_object_add(iommufd, &ioas->object, &model_ioas_kind);
	if (err) {
		free(ioas);
		return err;
	}
	args->out_ioas_id = ioas->object.id;
	/* cppcheck-suppress memleak ; the table of objects has it */
	return 0;
}

static void ioas_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_ioas *ioas = (void *)object;

	(void)iommufd;
	if (ioas->iommufd->vfio_ioas == ioas)
		ioas->iommufd->vfio_ioas = NULL;
	for (size_t i = 0; i < ioas->area_count; i++)
		model_pages_put(ioas->areas[i].pages);
	free(ioas->areas);
	free(ioas->allowed);
	free(ioas->reserved);
	free(ioas->hwpts);
	free(ioas);
}

const struct model_kind model_ioas_kind = {
	.free = ioas_free,
	.attach = model_attach_to_ioas,
	.hwpt_alloc = model_ioas_hwpt_alloc,
};

int model_ioas_attach(struct model_ioas *ioas, const struct model_device *device)
{
	struct model_msi_window msi;
	struct model_range window;

	if (device->is_mock)
		return 0;
	msi = model_msi_window(device);
	window = (struct model_range){ msi.start, msi.start + msi.size - 1 };
	return model_ioas_reserve(ioas, &window, device);
}

void model_ioas_detach(struct model_ioas *ioas, const struct model_device *device)
{
	model_ioas_unreserve(ioas, device);
}

static uint64_t needed_alignment(const struct model_ioas *ioas)
{
	uint64_t needed = ioas->no_huge_pages ? PAGE_SIZE : 1;

	for (size_t i = 0; i < ioas->hwpt_count; i++)
		if (ioas->hwpts[i]->page_size > needed)
			needed = ioas->hwpts[i]->page_size;
	for (const struct model_access *at = ioas->accesses; at; at = at->next)
		if (at->pins)
			needed = PAGE_SIZE;
	return needed;
}

static bool areas_are_aligned(const struct model_ioas *ioas, uint64_t alignment)
{
	for (size_t i = 0; i < ioas->area_count; i++) {
		const struct model_area *area = &ioas->areas[i];

		if ((area->iova | area->length | (area->pages->base + area->offset)) &
			(alignment - 1))
			return false;
	}
	return true;
}

static int pin_areas(const struct model_ioas *ioas)
{
	for (size_t at = model_ioas_area_at(ioas, 0); at < ioas->area_count;
		at = model_ioas_area_after(ioas, at)) {
		int err = model_pages_pin(&ioas->areas[at]);

		if (err)
			return err;
	}
	return 0;
}

static bool takes_areas(const struct model_ioas *ioas, const struct model_hwpt_paging *hwpt)
{
	for (size_t at = model_ioas_area_at(ioas, 0); hwpt->writable_alone && at < ioas->area_count;
		at = model_ioas_area_after(ioas, at))
		if (!ioas->areas[at].writable)
			return false;
	return true;
}

/* Pages that one HWPT has pinned are present for the next one. */
int model_ioas_add_hwpt(struct model_ioas *ioas, struct model_hwpt_paging *hwpt)
{
	const struct model_range before = { 0, hwpt->first_iova - 1 };
	const struct model_range beyond = { hwpt->last_iova + 1, UINT64_MAX };
	struct model_hwpt_paging **hwpts;
	int err;

	if (ioas->alignment < hwpt->page_size && !areas_are_aligned(ioas, hwpt->page_size))
		return -EADDRINUSE;
	hwpts = reallocarray(ioas->hwpts, ioas->hwpt_count + 1, sizeof(struct model_hwpt_paging *));
	if (!hwpts)
		return -ENOMEM;
	ioas->hwpts = hwpts;
	if (hwpt->first_iova) {
		err = model_ioas_reserve(ioas, &before, hwpt);
		if (err)
			goto unreserve;
	}
	err = model_ioas_reserve(ioas, &beyond, hwpt);
	if (err)
		goto unreserve;
	if (!ioas->hwpt_count) {
		err = pin_areas(ioas);
		if (err)
			goto unreserve;
	}
	if (!takes_areas(ioas, hwpt)) {
		err = -EINVAL;
		goto unreserve;
	}
	hwpts[ioas->hwpt_count++] = hwpt;
	ioas->alignment = needed_alignment(ioas);
	return 0;
unreserve:
	model_ioas_unreserve(ioas, hwpt);
	return err;
}

void model_ioas_remove_hwpt(struct model_ioas *ioas, const struct model_hwpt_paging *hwpt)
{
	size_t kept = 0;

	for (size_t i = 0; i < ioas->hwpt_count; i++)
		if (ioas->hwpts[i] != hwpt)
			ioas->hwpts[kept++] = ioas->hwpts[i];
	ioas->hwpt_count = kept;
	model_ioas_unreserve(ioas, hwpt);
	ioas->alignment = needed_alignment(ioas);
}

int model_ioas_add_access(struct model_ioas *ioas, struct model_access *access)
{
	if (access->pins && ioas->alignment < PAGE_SIZE && !areas_are_aligned(ioas, PAGE_SIZE))
		return -EADDRINUSE;
	access->ioas = ioas;
	access->next = ioas->accesses;
	ioas->accesses = access;
	ioas->object.users++;
	ioas->alignment = needed_alignment(ioas);
	return 0;
}

void model_ioas_remove_access(struct model_access *access)
{
	struct model_ioas *ioas = access->ioas;
	struct model_access **link = &ioas->accesses;

	while (*link != access)
		link = &(*link)->next;
	*link = access->next;
	access->ioas = NULL;
	ioas->object.users--;
	ioas->alignment = needed_alignment(ioas);
}

int model_ioas_set_huge_pages(struct model_ioas *ioas, bool huge_pages)
{
	if (!huge_pages && !ioas->no_huge_pages) {
		if (ioas->hwpt_count && ioas->area_count)
			return -EINVAL;
		if (!areas_are_aligned(ioas, PAGE_SIZE))
			return -EADDRINUSE;
	}
	ioas->no_huge_pages = !huge_pages;
	ioas->alignment = needed_alignment(ioas);
	return 0;
}

/* IOMMU_IOAS_CHANGE_PROCESS: only files can move to another process. */
int model_ioas_change_process(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_ioas_change_process *args = arg;

	if (args->reserved)
		return -EOPNOTSUPP;
	for (uint32_t id = 0; id < iommufd->room; id++) {
		const struct model_ioas *ioas = model_object_find(iommufd, id, &model_ioas_kind);

		for (size_t i = 0; ioas && i < ioas->area_count; i++)
			if (ioas->areas[i].pages->fd < 0)
				return -EINVAL;
	}
	return 0;
}
