// SPDX-License-Identifier: MIT
/* Mock devices are made when they are bound, so any can be found. */
#include "job/platform.h"
#include "mock/mock.h"

void platform_find_mock(const struct job_device *device, struct platform_device *found)
{
	unsigned int abilities = 0;

	if (device->mock->pasid)
		abilities |= MOCK_PASIDS;
	if (!device->mock->dirty_tracking)
		abilities |= MOCK_NO_DIRTY_TRACKING;
	*found = (struct platform_device){ .iommu = "mock", .iommu_group = -1 };
	mock_path(abilities, device->object.index, found->cdev_path);
}

bool platform_is_mock(const struct platform_device *device)
{
	return !*device->pci;
}

/* A device that has not been found has no address either. */
bool platform_share_group(const struct platform_device *device, const struct platform_device *other)
{
	return *device->pci && *other->pci && device->iommu_group >= 0 &&
	       device->iommu_group == other->iommu_group;
}
