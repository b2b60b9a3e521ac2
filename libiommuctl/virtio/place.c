// SPDX-License-Identifier: MIT
/*
 * Where the DMA of endpoints goes. The kernel attaches whole IOMMU groups: all devices of a group
 * reach what one of them is attached to. So the endpoints of a group are attached only while all of
 * them belong to one place.
 */
#include "virtio/virtio_private.h"

#include <errno.h>

#include "vfio/ask.h"

static const struct place nowhere = { .attached = false };

/* Where an endpoint belongs by its domain, regardless of its group. */
static struct place wanted(
	const struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	const struct domain *domain = endpoint->domain;
	const bool bypass = domain ? domain->kind == DOMAIN_BYPASS : iommu->bypass;

	if (bypass)
		return (struct place){ true, iommu->config.memory_ioas_id };
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
	return endpoint_is_attached_here(other) && !other->leaves && endpoint->group_known &&
	       other->group_known && endpoint->group == other->group;
}

static struct place wanted_of_group(
	const struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	const struct place first = wanted(iommu, endpoint);

	for (size_t i = 0; i < iommu->endpoint_count; i++) {
		const struct endpoint *other = &iommu->endpoints[i];
		const struct place place = wanted(iommu, other);

		if (is_in_group_of(endpoint, other) && !are_same(&place, &first))
			return nowhere;
	}
	return first;
}

/*
 * A second attach moves the whole group, others of which may be where @endpoint is. After a detach
 * it counts as a first one, which the kernel refuses if others are attached elsewhere.
 */
static bool may_take_others_along(
	const struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	if (endpoint->group_known)
		return false;
	if (endpoint->now.ioas_id == iommu->config.memory_ioas_id)
		return true;
	for (size_t i = 0; i < iommu->endpoint_count; i++) {
		const struct endpoint *other = &iommu->endpoints[i];

		if (other != endpoint && endpoint_is_attached_here(other) &&
			are_same(&other->now, &endpoint->now))
			return true;
	}
	return false;
}

static int put(
	struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint, const struct place *place)
{
	int err;

	if (are_same(&endpoint->now, place))
		return 0;
	if (!place->attached ||
		(endpoint->now.attached && may_take_others_along(iommu, endpoint))) {
		err = iommuctl_vfio_detach(iommu->ctx, endpoint->device);
		if (err)
			return err;
		endpoint->now = nowhere;
	}
	if (!place->attached)
		return 0;
	err = iommuctl_vfio_attach(iommu->ctx, endpoint->device, place->ioas_id, NULL);
	if (err)
		return err;
	endpoint->now = *place;
	return 0;
}

int place_detach(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint)
{
	return put(iommu, endpoint, &nowhere);
}

/* A new endpoint is not attached again to what it was attached to before. */
static bool goes_back(const struct endpoint *endpoint)
{
	return !endpoint->before.attached || endpoint->before.ioas_id;
}

/*
 * If a failure has left a group blocked, as on VT-d, attaching it again to what the kernel believes
 * it is attached to does nothing: all of it is detached first.
 */
static void put_group_back(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (is_in_group_of(endpoint, &iommu->endpoints[i]) &&
			goes_back(&iommu->endpoints[i]))
			(void)put(iommu, &iommu->endpoints[i], &nowhere);
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (is_in_group_of(endpoint, &iommu->endpoints[i]) &&
			goes_back(&iommu->endpoints[i]))
			(void)put(iommu, &iommu->endpoints[i], &iommu->endpoints[i].before);
}

int place_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	const struct place place = wanted_of_group(iommu, endpoint);
	struct error_first first = { .err = 0 };

	for (size_t i = 0; i < iommu->endpoint_count; i++)
		iommu->endpoints[i].before = iommu->endpoints[i].now;
	for (size_t i = 0; i < iommu->endpoint_count && !first.err; i++)
		if (is_in_group_of(endpoint, &iommu->endpoints[i]))
			error_first_keep(
				iommu->ctx, &first, put(iommu, &iommu->endpoints[i], &place));
	if (first.err)
		put_group_back(iommu, endpoint);
	return error_first_tell(iommu->ctx, &first);
}

int place_others_of_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (&iommu->endpoints[i] != endpoint &&
			is_in_group_of(endpoint, &iommu->endpoints[i]))
			return place_group(iommu, &iommu->endpoints[i]);
	return 0;
}

int place_find_group(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint)
{
	struct iommuctl_device_group group;
	int err = vfio_ask_group(iommu->ctx, endpoint->device, &group);

	endpoint->group_known = err == 0;
	if (!err)
		endpoint->group = group.id;
	return err == -EOPNOTSUPP ? 0 : err;
}
