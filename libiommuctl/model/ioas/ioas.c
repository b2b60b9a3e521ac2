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
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	ioas = calloc(1, sizeof(*ioas));
	if (!ioas)
		return -ENOMEM;
	ioas->iommufd = iommufd;
	ioas->alignment = 1;
	ret = model_object_add(iommufd, &ioas->object, &model_ioas_kind);
	if (ret) {
		free(ioas);
		return ret;
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
	const struct model_range window = {
		IOMMUCTL_MSI_WINDOW_START,
		IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE - 1,
	};

	return model_ioas_reserve(ioas, &window, device);
}

void model_ioas_detach(struct model_ioas *ioas, const struct model_device *device)
{
	model_ioas_unreserve(ioas, device);
}

static uint64_t needed_alignment(const struct model_ioas *ioas)
{
	return ioas->no_huge_pages || ioas->hwpt_count ? PAGE_SIZE : 1;
}

static bool areas_are_aligned(const struct model_ioas *ioas)
{
	for (size_t i = 0; i < ioas->area_count; i++) {
		const struct model_area *area = &ioas->areas[i];

		if ((area->iova | area->length | (area->pages->base + area->offset)) &
			(PAGE_SIZE - 1))
			return false;
	}
	return true;
}

static int pin_areas(const struct model_ioas *ioas)
{
	for (size_t at = model_ioas_area_at(ioas, 0); at < ioas->area_count;
		at = model_ioas_area_after(ioas, at)) {
		int ret = model_pages_pin(&ioas->areas[at]);

		if (ret)
			return ret;
	}
	return 0;
}

/* Pages that one HWPT has had pinned are there for the next. */
int model_ioas_add_hwpt(struct model_ioas *ioas, struct model_hwpt_paging *hwpt)
{
	const struct model_range beyond = { hwpt->last_iova + 1, UINT64_MAX };
	struct model_hwpt_paging **hwpts;
	int ret;

	if (ioas->alignment < PAGE_SIZE && !areas_are_aligned(ioas))
		return -EADDRINUSE;
	hwpts = reallocarray(ioas->hwpts, ioas->hwpt_count + 1, sizeof(struct model_hwpt_paging *));
	if (!hwpts)
		return -ENOMEM;
	ioas->hwpts = hwpts;
	ret = model_ioas_reserve(ioas, &beyond, hwpt);
	if (ret)
		return ret;
	ret = ioas->hwpt_count ? 0 : pin_areas(ioas);
	if (ret) {
		model_ioas_unreserve(ioas, hwpt);
		return ret;
	}
	hwpts[ioas->hwpt_count++] = hwpt;
	ioas->alignment = needed_alignment(ioas);
	return 0;
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

int model_ioas_set_huge_pages(struct model_ioas *ioas, bool huge_pages)
{
	if (!huge_pages && !ioas->no_huge_pages) {
		if (ioas->hwpt_count && ioas->area_count)
			return -EINVAL;
		if (!areas_are_aligned(ioas))
			return -EADDRINUSE;
	}
	ioas->no_huge_pages = !huge_pages;
	ioas->alignment = needed_alignment(ioas);
	return 0;
}

/* IOMMU_IOAS_CHANGE_PROCESS: files alone can change hands. */
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
