// SPDX-License-Identifier: MIT
#include "job/platform.h"

/* A device that has not been found has no address either. */
bool platform_share_group(const struct platform_device *device, const struct platform_device *other)
{
	return *device->pci && *other->pci && device->iommu_group >= 0 &&
	       device->iommu_group == other->iommu_group;
}
