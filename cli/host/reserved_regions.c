// SPDX-License-Identifier: MIT
#include "reserved_regions.h"

#include <stdio.h>

int reserved_regions_read(const struct sysfs *sysfs, int group, struct reserved_regions *regions)
{
	char directory[64], text[8192];
	int err;

	snprintf(directory, sizeof(directory), "/sys/kernel/iommu_groups/%d", group);
	err = sysfs_read(sysfs, directory, "reserved_regions", text, sizeof(text));
	if (err)
		return err;
	regions->count = sizeof(regions->region) / sizeof(regions->region[0]);
	return iommuctl_reserved_regions_parse(text, regions->region, &regions->count);
}
