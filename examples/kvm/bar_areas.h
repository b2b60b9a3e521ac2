/* SPDX-License-Identifier: MIT */
/*
 * Which parts of a BAR can be mapped straight into a guest. Free of device code: it can be tested
 * anywhere.
 */
#ifndef KVM_BAR_AREAS_H
#define KVM_BAR_AREAS_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vfio_region.h>

/*
 * From mappable areas, in the order of their offsets, takes whole pages that touch no hole. Returns
 * the number of parts; parts beyond room are left out.
 */
size_t bar_areas_carve(const struct iommuctl_vfio_region_area *areas, size_t count,
	const struct iommuctl_vfio_region_area holes[static 2], uint64_t page_size,
	struct iommuctl_vfio_region_area *parts, size_t room);

#endif
