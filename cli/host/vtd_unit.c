// SPDX-License-Identifier: MIT
#include "host/vtd_unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/device.h"

static bool read_register(
	const struct sysfs *sysfs, const char *directory, const char *name, uint64_t *value)
{
	char text[32];

	if (sysfs_read(sysfs, directory, name, text, sizeof(text)))
		return false;
	*value = strtoull(text, NULL, 16);
	return true;
}

bool vtd_unit_read(const struct sysfs *sysfs, const char *name, struct iommuctl_vtd_cap *cap)
{
	char directory[sizeof("/sys/class/iommu/") + HOST_NAME_SIZE];
	uint64_t low = 0, high;

	snprintf(directory, sizeof(directory), "/sys/class/iommu/%s", name);
	if (!read_register(sysfs, directory, "intel-iommu/ecap", &high))
		return false;
	read_register(sysfs, directory, "intel-iommu/cap", &low);
	iommuctl_vtd_cap_decode(low, high, cap);
	return true;
}
