// SPDX-License-Identifier: MIT
/* Mappings of a domain, in the kernel and in our records. */
#include "virtio/virtio_private.h"

#include <errno.h>

#include "abi/virtio_iommu.h"
#include "iommufd/ask.h"

/* Copies @range of @domain from the memory at @physical. */
static int copy(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint64_t physical, uint8_t access)
{
	const bool one_to_one = range->start == physical;
	struct iommuctl_ioas_copy_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA,
		.dst_ioas_id = domain->ioas_id,
		.src_ioas_id = iommu->config.memory_ioas_id,
		.length = range->last - range->start + 1,
		.src_iova = physical,
	};
	uint64_t iova = range->start;

	if (access & ABI_VIRTIO_IOMMU_MAP_F_READ)
		args.flags |= IOMMUCTL_IOAS_MAP_READABLE;
	if (access & ABI_VIRTIO_IOMMU_MAP_F_WRITE)
		args.flags |= IOMMUCTL_IOAS_MAP_WRITEABLE;
	/* Holes and read-only memory are no error if it is mapped onto itself. */
	return one_to_one ? ioas_ask_copy(iommu->ctx, iommu->config.iommufd, &args, &iova)
			  : iommuctl_ioas_copy(iommu->ctx, iommu->config.iommufd, &args, &iova);
}

int mapping_clear(
	struct iommuctl_virtio_iommu *iommu, const struct domain *domain, const struct range *range)
{
	const uint64_t length = range->last - range->start + 1;
	int err = ioas_ask_unmap(iommu->ctx, iommu->config.iommufd, domain->ioas_id, range->start,
		length ? length : UINT64_MAX);

	/*
	 * ENOENT: there was no memory, or the kernel gave up half-way before and left nothing
	 * there.
	 */
	return err == -ENOENT ? 0 : err;
}

int mapping_add(struct iommuctl_virtio_iommu *iommu, struct domain *domain,
	const struct range *range, uint64_t physical, uint8_t access)
{
	const struct mapping mapping = {
		.start = range->start,
		.last = range->last,
		.physical = physical,
		.access = access,
	};
	size_t end;
	const size_t at = domain_mappings(domain, range->start, range->last, &end);
	int err;

	if (at != end)
		return -EEXIST;
	err = domain_reserve(iommu, domain);
	if (err)
		return err;
	err = copy(iommu, domain, range, physical, access);
	if ((err == -ENOENT || err == -EPERM) && mapping_is_one_to_one(&mapping))
		err = memory_map_pieces(iommu, domain, range, access);
	if (err)
		return err;
	domain_insert(domain, at, &mapping);
	return 0;
}

int mapping_remove(
	struct iommuctl_virtio_iommu *iommu, struct domain *domain, size_t first, size_t end)
{
	const struct range range = {
		domain->mappings[first].start,
		domain->mappings[end - 1].last,
	};
	int err = mapping_clear(iommu, domain, &range);

	if (err)
		return err;
	domain_remove(domain, first, end);
	return 0;
}

static const struct iommuctl_explanation cut = {
	"the range cuts a mapping of the memory",
	"remove whole ranges of memory, as they were mapped",
};

static const struct iommuctl_explanation backwards = {
	"the range ends before it starts",
	"pass a last address that is not below the first",
};

static int refuse(const struct iommuctl_virtio_iommu *iommu, enum operation operation,
	uint64_t start, int error, const struct iommuctl_explanation *why)
{
	return viommu_refuse(
		iommu, operation, (struct call_object){ "IPA", start, SHOW_HEX }, error, why);
}

typedef int change_memory(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint8_t access);

/* A remainder at the edges belongs to a mapping that the range cuts. */
static int forget_pieces(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint8_t access)
{
	int err = mapping_clear(iommu, domain, range);

	(void)access;
	if (err)
		return err;
	err = memory_is_left(iommu, domain, range->start);
	if (!err)
		err = memory_is_left(iommu, domain, range->last);
	if (err > 0)
		return refuse(iommu, OP_VIRTIO_IOMMU_REMOVE_MEMORY, range->start, ENOENT, &cut);
	return err;
}

/* The part of @range that the one-to-one mapping @mapping covers. */
static struct range common(const struct mapping *mapping, const struct range *range)
{
	return (struct range){
		mapping->start > range->start ? mapping->start : range->start,
		mapping->last < range->last ? mapping->last : range->last,
	};
}

/* Visits each part of @range that one-to-one mappings of a domain cover; @done counts them. */
static int change_parts(struct iommuctl_virtio_iommu *iommu, const struct range *range,
	change_memory *change, size_t most, size_t *done)
{
	*done = 0;
	for (size_t i = 0; i < domain_slots(iommu); i++) {
		const struct domain *domain = &iommu->domains[i];
		size_t end, at;

		if (domain->kind != DOMAIN_MAPPED)
			continue;
		at = domain_mappings(domain, range->start, range->last, &end);
		for (; at < end && *done < most; at++) {
			const struct mapping *mapping = &domain->mappings[at];
			const struct range part = common(mapping, range);
			int err;

			if (!mapping_is_one_to_one(mapping))
				continue;
			err = change(iommu, domain, &part, mapping->access);
			if (err)
				return err;
			(*done)++;
		}
	}
	return 0;
}

int iommuctl_virtio_iommu_add_memory(
	struct iommuctl_virtio_iommu *iommu, uint64_t start, uint64_t last)
{
	const struct range range = { start, last };
	struct error_first first = { .err = 0 };
	size_t done, undone;

	if (!iommu)
		return -EINVAL;
	if (last < start)
		return refuse(iommu, OP_VIRTIO_IOMMU_ADD_MEMORY, start, EINVAL, &backwards);
	error_first_keep(iommu->ctx, &first,
		change_parts(iommu, &range, memory_map_pieces, SIZE_MAX, &done));
	if (first.err)
		(void)change_parts(iommu, &range, forget_pieces, done, &undone);
	return error_first_tell(iommu->ctx, &first);
}

int iommuctl_virtio_iommu_remove_memory(
	struct iommuctl_virtio_iommu *iommu, uint64_t start, uint64_t last)
{
	const struct range range = { start, last };
	size_t done;

	if (!iommu)
		return -EINVAL;
	if (last < start)
		return refuse(iommu, OP_VIRTIO_IOMMU_REMOVE_MEMORY, start, EINVAL, &backwards);
	return change_parts(iommu, &range, forget_pieces, SIZE_MAX, &done);
}
