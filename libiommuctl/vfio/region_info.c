// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/info.h"

static struct call region_call(int device, uint32_t index, struct abi_vfio_region_info *fixed)
{
	fixed->index = index;
	return (struct call){
		.operation = OP_VFIO_GET_REGION_INFO,
		.fd = device,
		.arg = fixed,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "region", index } },
	};
}

static int region_cap_find(
	const void *data, size_t size, uint16_t id, size_t min, struct info_cap *cap)
{
	struct abi_vfio_region_info fixed;

	memcpy(&fixed, data, sizeof(fixed));
	return info_cap_find(data, size,
		fixed.flags & ABI_VFIO_REGION_INFO_FLAG_CAPS ? fixed.cap_offset : 0, id, min, cap);
}

static int region_parse(const void *data, size_t size, struct iommuctl_vfio_region_info *info)
{
	struct abi_vfio_region_info_cap_type type = { 0 };
	struct abi_vfio_region_info fixed;
	struct info_cap mappable, sparse, typed;

	memcpy(&fixed, data, sizeof(fixed));
	if (region_cap_find(data, size, ABI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
		    sizeof(struct abi_vfio_info_cap_header), &mappable) ||
		region_cap_find(data, size, ABI_VFIO_REGION_INFO_CAP_SPARSE_MMAP,
			sizeof(struct abi_vfio_region_info_cap_sparse_mmap), &sparse) ||
		region_cap_find(data, size, ABI_VFIO_REGION_INFO_CAP_TYPE, sizeof(type), &typed))
		return -EPROTO;
	if (typed.at)
		memcpy(&type, typed.at, sizeof(type));
	*info = (struct iommuctl_vfio_region_info){
		.flags = fixed.flags,
		.index = fixed.index,
		.size = fixed.size,
		.offset = fixed.offset,
		.msix_mappable = mappable.at,
		.sparse = sparse.at,
		.typed = typed.at,
		.type = type.type,
		.subtype = type.subtype,
	};
	return 0;
}

int iommuctl_vfio_region_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_region_info *info)
{
	struct abi_vfio_region_info fixed = { 0 };
	struct call call = region_call(device, index, &fixed);
	size_t size;
	void *data;
	int err;

	err = info_get(ctx, &call, sizeof(fixed), &data, &size);
	if (err)
		return err;
	err = region_parse(data, size, info);
	free(data);
	return err ? call_fail(ctx, &call, -err) : 0;
}

/* Writes as many areas as there is room for, and always how many there are. */
static int areas_parse(
	const void *data, size_t size, struct iommuctl_vfio_region_area *areas, uint32_t *count)
{
	struct abi_vfio_region_info_cap_sparse_mmap sparse;
	struct abi_vfio_region_sparse_mmap_area area;
	const uint32_t room = *count;
	struct info_cap cap;

	if (region_cap_find(data, size, ABI_VFIO_REGION_INFO_CAP_SPARSE_MMAP, sizeof(sparse), &cap))
		return -EPROTO;
	sparse.nr_areas = 0;
	if (cap.at)
		memcpy(&sparse, cap.at, sizeof(sparse));
	if (sparse.nr_areas && (cap.size - sizeof(sparse)) / sizeof(area) < sparse.nr_areas)
		return -EPROTO;
	*count = sparse.nr_areas;
	if (room < sparse.nr_areas)
		return -EMSGSIZE;
	for (uint32_t i = 0; i < sparse.nr_areas; i++) {
		memcpy(&area, (const char *)cap.at + sizeof(sparse) + i * sizeof(area),
			sizeof(area));
		areas[i] = (struct iommuctl_vfio_region_area){
			.offset = area.offset,
			.size = area.size,
		};
	}
	return 0;
}

int iommuctl_vfio_region_get_areas(struct iommuctl *ctx, int device, uint32_t index,
	struct iommuctl_vfio_region_area *areas, uint32_t *count)
{
	struct abi_vfio_region_info fixed = { 0 };
	struct call call = region_call(device, index, &fixed);
	size_t size;
	void *data;
	int err;

	err = info_get(ctx, &call, sizeof(fixed), &data, &size);
	if (err)
		return err;
	err = areas_parse(data, size, areas, count);
	free(data);
	return err ? call_fail(ctx, &call, -err) : 0;
}
