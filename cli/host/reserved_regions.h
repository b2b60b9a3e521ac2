/* SPDX-License-Identifier: MIT */
/* The IOVA ranges of an IOMMU group that no mapping may use. */
#ifndef CLI_HOST_RESERVED_REGIONS_H
#define CLI_HOST_RESERVED_REGIONS_H

#include <stddef.h>
#include <stdint.h>

#include "sysfs.h"

enum reserved_region_type {
	RESERVED_REGION_DIRECT,           /* firmware has it mapped onto itself, always */
	RESERVED_REGION_DIRECT_RELAXABLE, /* the same, until the device is given away */
	RESERVED_REGION_RESERVED,
	RESERVED_REGION_MSI,              /* the MSI window */
};

struct reserved_region {
	uint64_t start;
	uint64_t last;
	enum reserved_region_type type;
};

struct reserved_regions {
	size_t count;
	struct reserved_region region[128]; /* a page of 4 KiB of sysfs holds fewer */
};

/* The kernel's word for @type. */
const char *reserved_region_type_name(enum reserved_region_type type);

/* Reads the text of a reserved_regions attribute; -EINVAL if it is not what the kernel writes. */
int reserved_regions_parse(const char *text, struct reserved_regions *regions);

/* Reads those of the IOMMU group @group. */
int reserved_regions_read(const struct sysfs *sysfs, int group, struct reserved_regions *regions);

/* The MSI window, or NULL if there is none. */
const struct reserved_region *reserved_regions_msi(const struct reserved_regions *regions);

#endif
