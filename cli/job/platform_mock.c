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
	*found = (struct platform_device){ .iommu = "mock", .iommu_group = PLATFORM_OWN_GROUP };
	mock_path(abilities, device->object.index, found->cdev_path);
}

bool platform_is_mock(const struct platform_device *device)
{
	return !*device->pci;
}
