// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include <errno.h>

#include "abi/vfio.h"
#include "core/call.h"

static struct call region_call(enum operation operation, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, size_t size)
{
	return (struct call){
		.operation = operation,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "region", region->index },
			{ "offset", offset, SHOW_HEX }, { "length", size, SHOW_HEX } },
	};
}

/* Checks the range and its place in the file: read and write take a signed offset. */
static int region_locate(struct iommuctl *ctx, struct call *call,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, uint64_t size,
	uint64_t *at)
{
	uint64_t end;

	if ((size_t)size == size && offset <= region->size && size <= region->size - offset &&
		!__builtin_add_overflow(region->offset, offset, at) &&
		!__builtin_add_overflow(*at, size, &end) && end <= INT64_MAX)
		return 0;
	call->facts |= FACT_OUT_OF_BOUNDS;
	return call_fail(ctx, call, EINVAL);
}

static int region_transferred(struct iommuctl *ctx, struct call *call, size_t done, size_t size)
{
	if (done == size)
		return 0;
	call->facts |= FACT_SHORT;
	return call_fail(ctx, call, EIO);
}

int iommuctl_vfio_region_read(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, void *buffer, size_t size)
{
	struct call call = region_call(OP_VFIO_REGION_READ, device, region, offset, size);
	uint64_t at = 0;
	size_t done = 0;
	int err;

	if (!(region->flags & ABI_VFIO_REGION_INFO_FLAG_READ))
		return call_fail(ctx, &call, EACCES);
	err = region_locate(ctx, &call, region, offset, size, &at);
	if (err)
		return err;
	err = call_read(ctx, &call, buffer, size, (int64_t)at, &done);
	return err ? err : region_transferred(ctx, &call, done, size);
}

int iommuctl_vfio_region_write(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, const void *buffer,
	size_t size)
{
	struct call call = region_call(OP_VFIO_REGION_WRITE, device, region, offset, size);
	uint64_t at = 0;
	size_t done = 0;
	int err;

	if (!(region->flags & ABI_VFIO_REGION_INFO_FLAG_WRITE))
		return call_fail(ctx, &call, EACCES);
	err = region_locate(ctx, &call, region, offset, size, &at);
	if (err)
		return err;
	err = call_write(ctx, &call, buffer, size, (int64_t)at, &done);
	return err ? err : region_transferred(ctx, &call, done, size);
}

int iommuctl_vfio_region_mmap(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region,
	const struct iommuctl_vfio_region_area *area, int prot, void **address)
{
	struct call call =
		region_call(OP_VFIO_REGION_MMAP, device, region, area->offset, area->size);
	struct call_mapping mapping = { .length = (size_t)area->size, .prot = prot };
	int err;

	if (!(region->flags & ABI_VFIO_REGION_INFO_FLAG_MMAP)) {
		call.facts |= FACT_NO_ACCESS;
		return call_fail(ctx, &call, EINVAL);
	}
	err = region_locate(ctx, &call, region, area->offset, area->size, &mapping.offset);
	if (err)
		return err;
	return call_mmap(ctx, &call, &mapping, address);
}
