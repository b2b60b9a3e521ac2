// SPDX-License-Identifier: MIT
#include "reserved_regions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
	[RESERVED_REGION_DIRECT] = "direct",
	[RESERVED_REGION_DIRECT_RELAXABLE] = "direct-relaxable",
	[RESERVED_REGION_RESERVED] = "reserved",
	[RESERVED_REGION_MSI] = "msi",
};

const char *reserved_region_type_name(enum reserved_region_type type)
{
	return type_names[type];
}

static int parse_type(const char *name, enum reserved_region_type *type)
{
	size_t i;

	for (i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
		if (strcmp(name, type_names[i]) != 0)
			continue;
		*type = (enum reserved_region_type)i;
		return 0;
	}
	return -EINVAL;
}

/* "0x0000000008000000 0x00000000080fffff msi": start, last byte, type. */
static int parse_line(const char *line, size_t length, struct reserved_region *region)
{
	char copy[64], type[24];
	int used = 0;

	if (length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (sscanf(copy, "0x%16" SCNx64 " 0x%16" SCNx64 " %23s%n", &region->start, &region->last,
		    type, &used) != 3 ||
		(size_t)used != length || region->last < region->start)
		return -EINVAL;
	return parse_type(type, &region->type);
}

int reserved_regions_parse(const char *text, struct reserved_regions *regions)
{
	const size_t max = sizeof(regions->region) / sizeof(regions->region[0]);
	struct reserved_regions read = { 0 };

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (read.count == max || parse_line(text, length, &read.region[read.count]))
			return -EINVAL;
		read.count++;
		text += length;
		text += *text == '\n';
	}
	*regions = read;
	return 0;
}

int reserved_regions_read(const struct sysfs *sysfs, int group, struct reserved_regions *regions)
{
	char directory[64], text[8192];
	int err;

	snprintf(directory, sizeof(directory), "/sys/kernel/iommu_groups/%d", group);
	err = sysfs_read(sysfs, directory, "reserved_regions", text, sizeof(text));
	return err ? err : reserved_regions_parse(text, regions);
}

const struct reserved_region *reserved_regions_msi(const struct reserved_regions *regions)
{
	size_t i;

	for (i = 0; i < regions->count; i++)
		if (regions->region[i].type == RESERVED_REGION_MSI)
			return &regions->region[i];
	return NULL;
}
