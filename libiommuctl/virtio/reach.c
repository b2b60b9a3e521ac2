// SPDX-License-Identifier: MIT
/* The addresses and pages that the IOMMUs of all endpoints support. */
#include "virtio/virtio_private.h"

#include <errno.h>
#include <stdlib.h>

#include "iommufd/ask.h"
#include "vfio/ask.h"

#define FEW_RANGES 16

static void span(const struct iommuctl_iova_range *ranges, uint32_t count, struct range *reach)
{
	*reach = (struct range){ ranges[0].start, ranges[0].last };
	for (uint32_t i = 1; i < count; i++) {
		if (ranges[i].start < reach->start)
			reach->start = ranges[i].start;
		if (ranges[i].last > reach->last)
			reach->last = ranges[i].last;
	}
}

static int ask(struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, struct range *reach,
	uint64_t *alignment)
{
	const struct call call = {
		.operation = OP_IOAS_IOVA_RANGES,
		.objects = { { "IOAS", ioas_id } },
	};
	const int iommufd = iommu->config.iommufd;
	struct iommuctl_iova_range few[FEW_RANGES], *many = few;
	uint32_t count = FEW_RANGES, room = FEW_RANGES;
	int err = ioas_ask_iova_ranges(iommu->ctx, iommufd, ioas_id, few, &count, alignment);

	if (err == -EMSGSIZE) {
		room = count;
		many = calloc(room, sizeof(*many));
		if (!many)
			return call_fail(iommu->ctx, &call, ENOMEM);
		err = iommuctl_ioas_get_iova_ranges(
			iommu->ctx, iommufd, ioas_id, many, &count, alignment);
	}
	if (err)
		goto free;
	if (count == 0 || count > room) {
		err = call_fail(iommu->ctx, &call, EPROTO);
		goto free;
	}
	span(many, count, reach);
free:
	if (many != few)
		free(many);
	return err;
}

int reach_of_ioas(struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, struct range *reach)
{
	uint64_t alignment;

	return ask(iommu, ioas_id, reach, &alignment);
}

/* Narrows the configuration, once nothing can fail any longer. */
struct narrowed {
	struct range reach;
	uint64_t page_size_mask;
};

static int find_narrowed(
	struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, struct narrowed *narrowed)
{
	static const struct iommuctl_explanation apart = {
		"the device's IOMMU supports none of the addresses that the others support",
		"give the devices behind it their own virtio-iommu",
	};
	struct range reach = { 0, UINT64_MAX };
	uint64_t alignment;
	int err = ask(iommu, ioas_id, &reach, &alignment);

	if (err)
		return err;
	*narrowed = (struct narrowed){ iommu->reach, iommu->config.page_size_mask };
	if (iommu->finds_pages && alignment)
		narrowed->page_size_mask &= -alignment;
	if (!iommu->finds_reach)
		return 0;
	if (reach.start > iommu->reach.last || reach.last < iommu->reach.start)
		return viommu_refuse(iommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT,
			(struct call_object){ "IOAS", ioas_id }, ERANGE, &apart);
	if (reach.start > iommu->reach.start)
		narrowed->reach.start = reach.start;
	if (reach.last < iommu->reach.last)
		narrowed->reach.last = reach.last;
	return 0;
}

static void narrow(struct iommuctl_virtio_iommu *iommu, const struct narrowed *narrowed)
{
	iommu->reach = narrowed->reach;
	iommu->config.page_size_mask = narrowed->page_size_mask;
}

static bool is_asked_for(const struct iommuctl_virtio_iommu *iommu)
{
	return iommu->finds_reach || iommu->finds_pages;
}

int reach_narrow_to_memory(struct iommuctl_virtio_iommu *iommu)
{
	struct narrowed narrowed;
	int err;

	if (!is_asked_for(iommu))
		return 0;
	err = find_narrowed(iommu, iommu->config.memory_ioas_id, &narrowed);
	if (err)
		return err;
	narrow(iommu, &narrowed);
	return 0;
}

int reach_narrow(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	const int iommufd = iommu->config.iommufd;
	struct narrowed narrowed = { iommu->reach, iommu->config.page_size_mask };
	struct error_first first = { .err = 0 };
	uint32_t ioas_id;
	int err;

	if (!is_asked_for(iommu))
		return 0;
	err = iommuctl_ioas_alloc(iommu->ctx, iommufd, &ioas_id);
	if (err)
		return err;
	/* What the rest of its IOMMU group is attached to does not tell this one's addresses. */
	err = vfio_ask_attach(iommu->ctx, endpoint->device, ioas_id);
	if (!err)
		err = find_narrowed(iommu, ioas_id, &narrowed);
	else if (err == -EINVAL || err == -EBUSY)
		err = 0;
	error_first_keep(iommu->ctx, &first, err);
	err = iommuctl_vfio_detach(iommu->ctx, endpoint->device);
	error_first_keep(iommu->ctx, &first, err);
	(void)iommuctl_destroy(iommu->ctx, iommufd, ioas_id);
	if (!first.err)
		narrow(iommu, &narrowed);
	return error_first_tell(iommu->ctx, &first);
}
