// SPDX-License-Identifier: MIT
/* The addresses and pages that the IOMMUs of the endpoints take. */
#include "virtio/viommu.h"

#include <errno.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

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

static int ask(struct iommuctl_virtio_iommu *viommu, uint32_t ioas_id, struct range *reach,
	uint64_t *alignment)
{
	const struct call call = {
		.operation = OP_IOAS_IOVA_RANGES,
		.objects = { { "IOAS", ioas_id } },
	};
	const int iommufd = viommu->config.iommufd;
	struct iommuctl_iova_range few[FEW_RANGES], *many = few;
	uint32_t count = FEW_RANGES, room = FEW_RANGES;
	int ret = iommuctl_ioas_get_iova_ranges(viommu->ctx, iommufd, ioas_id, few, &count, alignment);

	if (ret == -EMSGSIZE) {
		room = count;
		many = calloc(room, sizeof(*many));
		ret = many ? iommuctl_ioas_get_iova_ranges(
				     viommu->ctx, iommufd, ioas_id, many, &count, alignment)
			   : call_fail(viommu->ctx, &call, ENOMEM);
	}
	if (!ret && count > 0 && count <= room)
		span(many, count, reach);
	else if (!ret)
		ret = call_fail(viommu->ctx, &call, EPROTO);
	if (many != few)
		free(many);
	return ret;
}

int reach_of_ioas(struct iommuctl_virtio_iommu *viommu, uint32_t ioas_id, struct range *reach)
{
	uint64_t alignment;

	return ask(viommu, ioas_id, reach, &alignment);
}

static int narrow(struct iommuctl_virtio_iommu *viommu, uint32_t ioas_id)
{
	static const struct iommuctl_explanation apart = {
		"the IOMMU of the device takes none of the addresses that the others take",
		"give the devices behind it a virtio-iommu of their own",
	};
	struct range reach;
	uint64_t alignment;
	int ret = ask(viommu, ioas_id, &reach, &alignment);

	if (ret)
		return ret;
	if (viommu->finds_pages && alignment)
		viommu->config.page_size_mask &= -alignment;
	if (!viommu->finds_reach)
		return 0;
	if (reach.start > viommu->reach.last || reach.last < viommu->reach.start)
		return viommu_refuse(viommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT,
			(struct call_object){ "IOAS", ioas_id }, ERANGE, &apart);
	if (reach.start > viommu->reach.start)
		viommu->reach.start = reach.start;
	if (reach.last < viommu->reach.last)
		viommu->reach.last = reach.last;
	return 0;
}

static bool is_asked_for(const struct iommuctl_virtio_iommu *viommu)
{
	return viommu->finds_reach || viommu->finds_pages;
}

int reach_narrow_to_memory(struct iommuctl_virtio_iommu *viommu)
{
	return is_asked_for(viommu) ? narrow(viommu, viommu->config.memory_ioas_id) : 0;
}

int reach_narrow(struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	const int iommufd = viommu->config.iommufd;
	struct error_first first = { .err = 0 };
	uint32_t ioas_id;
	int ret;

	if (!is_asked_for(viommu))
		return 0;
	ret = iommuctl_ioas_alloc(viommu->ctx, iommufd, &ioas_id);
	if (ret)
		return ret;
	/* What others of its IOMMU group are attached to says nothing of this one's addresses. */
	ret = iommuctl_vfio_attach(viommu->ctx, endpoint->device, ioas_id, NULL);
	if (!ret)
		ret = narrow(viommu, ioas_id);
	else if (ret == -EINVAL || ret == -EBUSY)
		ret = 0;
	error_first_keep(viommu->ctx, &first, ret);
	ret = iommuctl_vfio_detach(viommu->ctx, endpoint->device);
	error_first_keep(viommu->ctx, &first, ret);
	(void)iommuctl_destroy(viommu->ctx, iommufd, ioas_id);
	return error_first_tell(viommu->ctx, &first);
}
