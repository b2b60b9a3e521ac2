// SPDX-License-Identifier: MIT
/* Reads the driver's requests, carries them out, and writes their status. */
#include "array.h"
#include "virtio/virtio_private.h"

#include <errno.h>
#include <string.h>

#include "abi/virtio_iommu.h"
#include "generic/wire.h"
#include "virtio/draft.h"

#define HEAD_SIZE     sizeof(struct abi_virtio_iommu_req_head)
#define TAIL_SIZE     sizeof(struct abi_virtio_iommu_req_tail)
#define READABLE(req) (sizeof(struct abi_virtio_iommu_req_##req) - TAIL_SIZE)
#define REQUEST_MAX   DRAFT_ATTACH_TABLE_SIZE

#define GET(request, req, field)                                                                   \
	wire_get(request, offsetof(struct abi_virtio_iommu_req_##req, field),                      \
		sizeof(((struct abi_virtio_iommu_req_##req *)0)->field))
#define GET32(request, req, field)                                                                 \
	wire_get32(request, offsetof(struct abi_virtio_iommu_req_##req, field))

struct error_status {
	int error;
	uint8_t status;
};

static uint8_t status_in(const struct error_status *table, size_t count, int error)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].error == error)
			return table[i].status;
	return ABI_VIRTIO_IOMMU_S_DEVERR;
}

#define STATUS_IN(table, error) status_in(table, ARRAY_SIZE(table), error)

uint8_t attach_status(int error)
{
	static const struct error_status table[] = {
		{ 0, ABI_VIRTIO_IOMMU_S_OK },
		{ -ENOMEM, ABI_VIRTIO_IOMMU_S_NOMEM },
		{ -ENOSPC, ABI_VIRTIO_IOMMU_S_NOMEM },
		{ -EOPNOTSUPP, ABI_VIRTIO_IOMMU_S_UNSUPP },
		{ -EADDRINUSE, ABI_VIRTIO_IOMMU_S_UNSUPP },
		{ -EINVAL, ABI_VIRTIO_IOMMU_S_UNSUPP },
		{ -EBUSY, ABI_VIRTIO_IOMMU_S_UNSUPP },
	};

	return STATUS_IN(table, error);
}

static uint8_t map_status(int error)
{
	static const struct error_status table[] = {
		{ 0, ABI_VIRTIO_IOMMU_S_OK },
		{ -ENOMEM, ABI_VIRTIO_IOMMU_S_NOMEM },
		{ -ENOSPC, ABI_VIRTIO_IOMMU_S_NOMEM },
		{ -EEXIST, ABI_VIRTIO_IOMMU_S_INVAL },
		{ -EINVAL, ABI_VIRTIO_IOMMU_S_INVAL },
		{ -EPERM, ABI_VIRTIO_IOMMU_S_INVAL },
		{ -ENOENT, ABI_VIRTIO_IOMMU_S_FAULT },
		{ -EFAULT, ABI_VIRTIO_IOMMU_S_FAULT },
		{ -EOVERFLOW, ABI_VIRTIO_IOMMU_S_RANGE },
	};

	return STATUS_IN(table, error);
}

/* ATTACH and DETACH */

/*
 * A driver that does not ask for regions cannot leave them out of one-to-one mappings, which may
 * contain addresses that lead nowhere. The IOAS maps nothing in the regions that the kernel
 * reserves.
 */
static bool may_hold_regions(const struct iommuctl_virtio_iommu *iommu, bool one_to_one)
{
	return one_to_one && !(iommu->features & FEATURE(PROBE));
}

static bool is_free(const struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct iommuctl_virtio_iommu_region *region)
{
	size_t end, at = domain_mappings(domain, region->start, region->last, &end);

	while (at < end && may_hold_regions(iommu, mapping_is_one_to_one(&domain->mappings[at])))
		at++;
	return at == end;
}

static bool fits(const struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint,
	const struct domain *domain)
{
	for (size_t i = 0; i < endpoint->region_count; i++)
		if (!is_free(iommu, domain, &endpoint->regions[i]))
			return false;
	return true;
}

static uint8_t attach(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint, uint32_t id,
	enum domain_kind kind)
{
	struct domain *domain = domain_find(iommu, id);
	int err = 0;

	if (domain && domain->kind != kind)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if (domain && endpoint->domain == domain)
		return ABI_VIRTIO_IOMMU_S_OK;
	if (domain && !fits(iommu, endpoint, domain))
		return ABI_VIRTIO_IOMMU_S_UNSUPP;
	if (!domain)
		err = domain_make(iommu, endpoint, id, kind, &domain);
	if (err)
		return attach_status(err);
	return attach_status(endpoint_move(iommu, endpoint, domain, NULL));
}

static uint8_t handle_attach(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const uint32_t known =
		iommu->features & FEATURE(BYPASS_CONFIG) ? ABI_VIRTIO_IOMMU_ATTACH_F_BYPASS : 0;
	const uint32_t id = GET32(request, attach, domain);
	const uint32_t flags = GET32(request, attach, flags);
	struct endpoint *endpoint = endpoint_find(iommu, GET32(request, attach, endpoint));

	if (GET(request, attach, reserved) || flags & ~known)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if (!endpoint)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (id < iommu->config.domain_start || id > iommu->config.domain_end)
		return ABI_VIRTIO_IOMMU_S_RANGE;
	return attach(iommu, endpoint, id, flags ? DOMAIN_BYPASS : DOMAIN_MAPPED);
}

static uint8_t handle_detach(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const struct domain *domain = domain_find(iommu, GET32(request, detach, domain));
	struct endpoint *endpoint = endpoint_find(iommu, GET32(request, detach, endpoint));
	int err;

	if (!endpoint)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (!domain || endpoint->domain != domain)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	err = endpoint_move(iommu, endpoint, NULL, NULL);
	if (err == -ENOMEM)
		return ABI_VIRTIO_IOMMU_S_NOMEM;
	return err ? ABI_VIRTIO_IOMMU_S_DEVERR : ABI_VIRTIO_IOMMU_S_OK;
}

/* MAP and UNMAP */

static bool is_within(const struct range *range, uint64_t start, uint64_t last)
{
	return range->start >= start && range->last <= last;
}

static uint8_t check_range(
	const struct iommuctl_virtio_iommu *iommu, const struct range *range, uint64_t physical)
{
	const uint64_t below = (iommu->config.page_size_mask & -iommu->config.page_size_mask) - 1;
	const uint64_t length = range->last - range->start + 1;
	uint64_t end;

	if (range->last < range->start)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if ((range->start | physical | (range->last + 1)) & below)
		return ABI_VIRTIO_IOMMU_S_RANGE;
	if (!is_within(range, iommu->reach.start, iommu->reach.last))
		return ABI_VIRTIO_IOMMU_S_RANGE;
	/* The length of the whole 64-bit space is 0 here, and no host has so much. */
	if (length == 0 || __builtin_add_overflow(physical, length - 1, &end))
		return ABI_VIRTIO_IOMMU_S_RANGE;
	return ABI_VIRTIO_IOMMU_S_OK;
}

static bool is_reserved(const struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range)
{
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (iommu->endpoints[i].domain == domain &&
			endpoint_has_region(&iommu->endpoints[i], range->start, range->last))
			return true;
	return false;
}

/* An IOMMU may support less than the input range if it was added late. */
static bool is_beyond(
	struct iommuctl_virtio_iommu *iommu, const struct domain *domain, const struct range *range)
{
	struct range reach;

	return reach_of_ioas(iommu, domain->ioas_id, &reach) == 0 &&
	       !is_within(range, reach.start, reach.last);
}

static uint8_t map(struct iommuctl_virtio_iommu *iommu, struct domain *domain,
	const struct range *range, uint64_t physical, uint8_t access)
{
	struct error_first first = { .err = 0 };
	bool beyond;
	int err;

	if (!may_hold_regions(iommu, physical == range->start) && is_reserved(iommu, domain, range))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	error_first_keep(iommu->ctx, &first, mapping_add(iommu, domain, range, physical, access));
	beyond = first.err == -EINVAL && is_beyond(iommu, domain, range);
	err = error_first_tell(iommu->ctx, &first);
	return beyond ? ABI_VIRTIO_IOMMU_S_RANGE : map_status(err);
}

static uint8_t handle_map(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const uint32_t access = ABI_VIRTIO_IOMMU_MAP_F_READ | ABI_VIRTIO_IOMMU_MAP_F_WRITE;
	const uint32_t known =
		access | (iommu->features & FEATURE(MMIO) ? ABI_VIRTIO_IOMMU_MAP_F_MMIO : 0);
	const struct range range = {
		GET(request, map, virt_start),
		GET(request, map, virt_end),
	};
	const uint64_t physical = GET(request, map, phys_start);
	const uint32_t flags = GET32(request, map, flags);
	struct domain *domain = domain_find(iommu, GET32(request, map, domain));
	uint8_t status;

	if (!domain)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (domain->kind != DOMAIN_MAPPED || flags & ~known || !(flags & access))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	status = check_range(iommu, &range, physical);
	return status ? status : map(iommu, domain, &range, physical, (uint8_t)(flags & access));
}

static uint8_t handle_unmap(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const struct range range = {
		GET(request, unmap, virt_start),
		GET(request, unmap, virt_end),
	};
	struct domain *domain = domain_find(iommu, GET32(request, unmap, domain));
	size_t first, end;
	int err;

	if (!domain)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (domain->kind != DOMAIN_MAPPED || GET(request, unmap, reserved) ||
		range.last < range.start)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if (!is_within(&range, iommu->config.input_start, iommu->config.input_end))
		return ABI_VIRTIO_IOMMU_S_RANGE;
	first = domain_mappings(domain, range.start, range.last, &end);
	if (first == end)
		return ABI_VIRTIO_IOMMU_S_OK;
	if (domain->mappings[first].start < range.start ||
		domain->mappings[end - 1].last > range.last)
		return ABI_VIRTIO_IOMMU_S_RANGE;
	err = mapping_remove(iommu, domain, first, end);
	if (err)
		return err == -ENOMEM ? ABI_VIRTIO_IOMMU_S_NOMEM : ABI_VIRTIO_IOMMU_S_DEVERR;
	return ABI_VIRTIO_IOMMU_S_OK;
}

/* PROBE */

static uint8_t handle_probe(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	return endpoint_find(iommu, GET32(request, probe, endpoint))
		       ? ABI_VIRTIO_IOMMU_S_OK
		       : ABI_VIRTIO_IOMMU_S_NOENT;
}

/* The rest of @properties is zero, which is PROBE_T_NONE and ends the list. */
static void put_properties(const struct endpoint *endpoint, unsigned char *properties)
{
	const size_t size = sizeof(struct abi_virtio_iommu_probe_resv_mem);

	for (size_t i = 0; i < endpoint->region_count; i++, properties += size) {
		const struct iommuctl_virtio_iommu_region *region = &endpoint->regions[i];

		wire_put(properties, 0, 2, ABI_VIRTIO_IOMMU_PROBE_T_RESV_MEM);
		wire_put(properties, 2, 2, size - sizeof(struct abi_virtio_iommu_probe_property));
		wire_put(properties, offsetof(struct abi_virtio_iommu_probe_resv_mem, subtype), 1,
			region->msi ? ABI_VIRTIO_IOMMU_RESV_MEM_T_MSI
				    : ABI_VIRTIO_IOMMU_RESV_MEM_T_RESERVED);
		wire_put(properties, offsetof(struct abi_virtio_iommu_probe_resv_mem, start), 8,
			region->start);
		wire_put(properties, offsetof(struct abi_virtio_iommu_probe_resv_mem, end), 8,
			region->last);
	}
}

/* All requests */

static const struct request {
	uint8_t size; /* of the part to read */
	uint8_t (*handle)(struct iommuctl_virtio_iommu *iommu, const unsigned char *request);
} requests[] = {
	[ABI_VIRTIO_IOMMU_T_ATTACH] = { READABLE(attach), handle_attach },
	[ABI_VIRTIO_IOMMU_T_DETACH] = { READABLE(detach), handle_detach },
	[ABI_VIRTIO_IOMMU_T_MAP] = { READABLE(map), handle_map },
	[ABI_VIRTIO_IOMMU_T_UNMAP] = { READABLE(unmap), handle_unmap },
	[ABI_VIRTIO_IOMMU_T_PROBE] = { sizeof(struct abi_virtio_iommu_req_probe), handle_probe },
	[DRAFT_T_ATTACH_TABLE] = { DRAFT_ATTACH_TABLE_SIZE, draft_attach_table },
	[DRAFT_T_INVALIDATE] = { DRAFT_INVALIDATE_SIZE, draft_invalidate },
};

/* NULL: the device does not know the type. */
static const struct request *find(const struct iommuctl_virtio_iommu *iommu, uint8_t type)
{
	if (type >= ARRAY_SIZE(requests) || !requests[type].handle)
		return NULL;
	if (type == ABI_VIRTIO_IOMMU_T_PROBE && !iommu->config.probe_size)
		return NULL;
	return &requests[type];
}

size_t iommuctl_virtio_iommu_request(struct iommuctl_virtio_iommu *iommu, const void *in,
	size_t in_size, void *out, size_t out_size)
{
	unsigned char copy[REQUEST_MAX];
	const struct request *request;
	size_t properties = 0;
	uint8_t status;

	if (!iommu || !in || !out || in_size < HEAD_SIZE || out_size < TAIL_SIZE)
		return 0;
	memcpy(copy, in, in_size < sizeof(copy) ? in_size : sizeof(copy));
	request = find(iommu, copy[0]);
	if (!request || in_size < request->size)
		return 0;
	if (copy[0] == ABI_VIRTIO_IOMMU_T_PROBE)
		properties = iommu->config.probe_size;
	if (out_size - TAIL_SIZE < properties) {
		properties = out_size - TAIL_SIZE;
		status = ABI_VIRTIO_IOMMU_S_INVAL;
	} else {
		status = request->handle(iommu, copy);
	}

	memset(out, 0, properties + TAIL_SIZE);
	if (properties && status == ABI_VIRTIO_IOMMU_S_OK)
		put_properties(endpoint_find(iommu, GET32(copy, probe, endpoint)), out);
	wire_put(out, (unsigned int)properties, 1, status);
	return properties + TAIL_SIZE;
}
