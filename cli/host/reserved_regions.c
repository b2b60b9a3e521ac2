// SPDX-License-Identifier: MIT
#include "host/reserved_regions.h"

#include <inttypes.h>
#include <stdio.h>

#include "array.h"
#include "output/text.h"

int reserved_regions_read(const struct sysfs *sysfs, int group, struct reserved_regions *regions)
{
	char directory[64], text[8192];
	int err;

	snprintf(directory, sizeof(directory), "/sys/kernel/iommu_groups/%d", group);
	err = sysfs_read(sysfs, directory, "reserved_regions", text, sizeof(text));
	if (err)
		return err;
	regions->count = ARRAY_SIZE(regions->region);
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

bool reserved_regions_describe_direct(
	const struct reserved_regions *regions, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < regions->count; i++) {
		const struct iommuctl_reserved_region *region = &regions->region[i];

		if (region->type == IOMMUCTL_RESERVED_DIRECT)
			text_append(text, size, "%s0x%" PRIx64 "-0x%" PRIx64, *text ? ", " : "",
				region->start, region->last);
	}
	return *text;
}
