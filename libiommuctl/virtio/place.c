// SPDX-License-Identifier: MIT
/*
 * Where the DMA of endpoints goes. The kernel attaches IOMMU groups: what one device is attached to
 * is reached by all of its group. So the endpoints of a group are attached while they are all to be
 * at one place, and else none of them is.
 */
#include "virtio/viommu.h"

#include <errno.h>

#include <iommuctl/vfio.h>

static const struct place nowhere = { .attached = false };

/* Where an endpoint in its domain is to be, looked at alone. */
static struct place wanted(
	const struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	const struct domain *domain = endpoint->domain;
	const bool bypass = domain ? domain->kind == DOMAIN_BYPASS : viommu->bypass;

	if (bypass)
		return (struct place){ true, viommu->config.memory_ioas_id };
	return domain ? (struct place){ true, domain->ioas_id } : nowhere;
}

static bool are_same(const struct place *a, const struct place *b)
{
	return a->attached == b->attached && (!a->attached || a->ioas_id == b->ioas_id);
}

static bool is_in_group_of(const struct endpoint *endpoint, const struct endpoint *other)
{
	if (endpoint == other)
		return !endpoint->leaves;
	return !other->nested && !other->leaves && endpoint->group_known && other->group_known &&
	       endpoint->group == other->group;
}

static struct place wanted_of_group(
	const struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	const struct place first = wanted(viommu, endpoint);

	for (size_t i = 0; i < viommu->endpoint_count; i++) {
		const struct endpoint *other = &viommu->endpoints[i];
		const struct place place = wanted(viommu, other);

		if (is_in_group_of(endpoint, other) && !are_same(&place, &first))
			return nowhere;
	}
	return first;
}

/*
 * A second attach moves the whole group, of which others may be where @endpoint is. After a detach
 * it is a first one, which the kernel refuses if they are.
 */
static bool may_take_others_along(
	const struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	if (endpoint->group_known)
		return false;
	if (endpoint->now.ioas_id == viommu->config.memory_ioas_id)
		return true;
	for (size_t i = 0; i < viommu->endpoint_count; i++) {
		const struct endpoint *other = &viommu->endpoints[i];

		if (other != endpoint && !other->nested && are_same(&other->now, &endpoint->now))
			return true;
	}
	return false;
}

static int put(
	struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint, const struct place *place)
{
	int ret;

	if (are_same(&endpoint->now, place))
		return 0;
	if (!place->attached || (endpoint->now.attached && may_take_others_along(viommu, endpoint))) {
		ret = iommuctl_vfio_detach(viommu->ctx, endpoint->device);
		if (ret)
			return ret;
		endpoint->now = nowhere;
	}
	if (!place->attached)
		return 0;
	ret = iommuctl_vfio_attach(viommu->ctx, endpoint->device, place->ioas_id, NULL);
	if (!ret)
		endpoint->now = *place;
	return ret;
}

int place_detach(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	return put(viommu, endpoint, &nowhere);
}

/* Whatever one that is new was attached to, it is not attached to that again. */
static void put_back(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	if (!endpoint->before.attached || endpoint->before.ioas_id)
		(void)put(viommu, endpoint, &endpoint->before);
}

int place_group(struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	const struct place place = wanted_of_group(viommu, endpoint);
	struct error_first first = { .err = 0 };

	for (size_t i = 0; i < viommu->endpoint_count; i++)
		viommu->endpoints[i].before = viommu->endpoints[i].now;
	for (size_t i = 0; i < viommu->endpoint_count && !first.err; i++)
		if (is_in_group_of(endpoint, &viommu->endpoints[i]))
			error_first_keep(
				viommu->ctx, &first, put(viommu, &viommu->endpoints[i], &place));
	for (size_t i = 0; i < viommu->endpoint_count && first.err; i++)
		if (is_in_group_of(endpoint, &viommu->endpoints[i]))
			put_back(viommu, &viommu->endpoints[i]);
	return error_first_tell(viommu->ctx, &first);
}

int place_others_of_group(struct iommuctl_virtio_iommu *viommu, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < viommu->endpoint_count; i++)
		if (&viommu->endpoints[i] != endpoint &&
			is_in_group_of(endpoint, &viommu->endpoints[i]))
			return place_group(viommu, &viommu->endpoints[i]);
	return 0;
}

int place_find_group(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	struct iommuctl_device_group group;
	int ret = iommuctl_vfio_device_get_group(viommu->ctx, endpoint->device, &group);

	endpoint->group_known = ret == 0;
	if (!ret)
		endpoint->group = group.id;
	return ret == -EOPNOTSUPP ? 0 : ret;
}
