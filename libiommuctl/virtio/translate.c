// SPDX-License-Identifier: MIT
/* An endpoint's accesses that the VMM makes for it, by the recorded mappings. */
#include "virtio/virtio_private.h"

#include <errno.h>

#include <iommuctl/virtio_iommu_fault.h>

#include "abi/virtio_iommu.h"

#define READ  IOMMUCTL_VIRTIO_IOMMU_READ
#define WRITE IOMMUCTL_VIRTIO_IOMMU_WRITE
#define EXEC  IOMMUCTL_VIRTIO_IOMMU_EXEC
#define ALL   ((uint32_t)(READ | WRITE | EXEC))

/* A range around an address that translates contiguously. */
struct stretch {
	uint64_t ipa;  /* of the address */
	uint64_t last; /* of the addresses that translate contiguously */
	uint32_t flags;
};

static int refuse(const struct iommuctl_virtio_iommu *iommu, uint32_t endpoint, int error,
	const struct iommuctl_explanation *why)
{
	return viommu_refuse(iommu, OP_VIRTIO_IOMMU_TRANSLATE,
		(struct call_object){ "endpoint", endpoint }, error, why);
}

static uint32_t flags_of(const struct mapping *mapping)
{
	uint32_t flags = 0;

	if (mapping->access & ABI_VIRTIO_IOMMU_MAP_F_READ)
		flags |= READ | EXEC;
	if (mapping->access & ABI_VIRTIO_IOMMU_MAP_F_WRITE)
		flags |= WRITE;
	return flags;
}

/* What @domain maps at @address; it ends where a region of @endpoint begins. */
static struct stretch look_up(
	const struct endpoint *endpoint, const struct domain *domain, uint64_t address)
{
	struct stretch found = { .flags = 0 };
	size_t end;
	const size_t at = domain_mappings(domain, address, address, &end);

	for (size_t i = 0; i < endpoint->region_count; i++) {
		const struct iommuctl_virtio_iommu_region *region = &endpoint->regions[i];

		if (address >= region->start && address <= region->last)
			return (struct stretch){ address, region->last, region->msi ? WRITE : 0 };
	}
	if (at == end)
		return found;
	found = (struct stretch){
		.ipa = domain->mappings[at].physical + (address - domain->mappings[at].start),
		.last = domain->mappings[at].last,
		.flags = flags_of(&domain->mappings[at]),
	};
	for (size_t i = 0; i < endpoint->region_count; i++) {
		const uint64_t start = endpoint->regions[i].start;

		if (start > address && start <= found.last)
			found.last = start - 1;
	}
	return found;
}

/* The guest's error, not a failure. */
static int fault_with(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_virtio_iommu_access *access, uint8_t reason,
	struct iommuctl_virtio_iommu_fault *fault)
{
	*fault = (struct iommuctl_virtio_iommu_fault){
		.address = access->address,
		.endpoint = access->endpoint,
		.flags = access->flags | IOMMUCTL_VIRTIO_IOMMU_ADDRESS,
		.reason = reason,
	};
	error_forget(iommu->ctx);
	return -EFAULT;
}

static int check(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_virtio_iommu_access *access, const struct endpoint *endpoint)
{
	static const struct iommuctl_explanation bad_flags = {
		"the access has no permission bits, or unknown ones",
		"pass READ, WRITE and EXEC, and at least one of them",
	};
	static const struct iommuctl_explanation no_endpoint = {
		"no endpoint has the id",
		"pass the id of one that was added and not removed since",
	};
	static const struct iommuctl_explanation has_tables = {
		"the endpoint has the guest's own tables, which the SMMU walks",
		"leave its accesses to the device",
	};

	if (!access->flags || access->flags & ~ALL)
		return refuse(iommu, access->endpoint, EINVAL, &bad_flags);
	if (!endpoint)
		return refuse(iommu, access->endpoint, ENOENT, &no_endpoint);
	if (endpoint->domain && endpoint->domain->kind == DOMAIN_TABLE)
		return refuse(iommu, access->endpoint, EOPNOTSUPP, &has_tables);
	return 0;
}

int iommuctl_virtio_iommu_translate(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_virtio_iommu_access *access,
	struct iommuctl_virtio_iommu_translation *translation,
	struct iommuctl_virtio_iommu_fault *fault)
{
	static const struct iommuctl_explanation no_arguments = {
		"the access, or the place for the result or the fault, is missing",
		"pass all three",
	};
	const struct endpoint *endpoint;
	struct stretch found;
	int err;

	if (!iommu)
		return -EINVAL;
	if (!access || !translation || !fault)
		return refuse(iommu, access ? access->endpoint : 0, EINVAL, &no_arguments);
	endpoint = endpoint_find(iommu, access->endpoint);
	err = check(iommu, access, endpoint);
	if (err)
		return err;
	if (!endpoint->domain && !iommu->bypass)
		return fault_with(iommu, access, IOMMUCTL_VIRTIO_IOMMU_FAULT_DOMAIN, fault);
	if (!endpoint->domain || endpoint->domain->kind == DOMAIN_BYPASS)
		found = (struct stretch){ access->address, UINT64_MAX, ALL };
	else
		found = look_up(endpoint, endpoint->domain, access->address);
	if (access->flags & ~found.flags)
		return fault_with(iommu, access, IOMMUCTL_VIRTIO_IOMMU_FAULT_MAPPING, fault);
	*translation = (struct iommuctl_virtio_iommu_translation){
		.ipa = found.ipa,
		.size = found.last - access->address,
		.flags = found.flags,
	};
	if (translation->size < UINT64_MAX)
		translation->size++;
	return 0;
}
