// SPDX-License-Identifier: MIT
#include "host/reserved_regions.h"

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

const struct iommuctl_reserved_region *reserved_regions_find_direct(
	const struct reserved_regions *regions)
{
	for (size_t i = 0; i < regions->count; i++) {
		if (regions->region[i].type == IOMMUCTL_RESERVED_DIRECT)
			return &regions->region[i];
	}
	return NULL;
}
