/* SPDX-License-Identifier: MIT */
/* The IOVA ranges of an IOMMU group that no mapping may use. */
#ifndef CLI_HOST_RESERVED_REGIONS_H
#define CLI_HOST_RESERVED_REGIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <iommuctl/msi.h>

#include "host/sysfs.h"

struct reserved_regions {
	size_t count;
	struct iommuctl_reserved_region region[128]; /* a page of 4 KiB of sysfs holds fewer */
};

/*
 * Reads those of the IOMMU group @group; -EINVAL or -EMSGSIZE if they are not what the kernel
 * writes.
 */
int reserved_regions_read(const struct sysfs *sysfs, int group, struct reserved_regions *regions);

/* The first region that firmware wants mapped one to one whoever uses the device, or NULL. */
const struct iommuctl_reserved_region *reserved_regions_find_direct(
	const struct reserved_regions *regions);

/* Writes all of them as "0x8000000-0x80fffff, ...", as far as they fit. False if there is none. */
bool reserved_regions_describe_direct(
	const struct reserved_regions *regions, char *text, size_t size);

#endif
