/* SPDX-License-Identifier: MIT */
/* The IOVA ranges of an IOMMU group that no mapping may use. */
#ifndef CLI_HOST_RESERVED_REGIONS_H
#define CLI_HOST_RESERVED_REGIONS_H

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

/* The first region that firmware has mapped onto itself whoever uses the device, or NULL. */
const struct iommuctl_reserved_region *reserved_regions_find_direct(
	const struct reserved_regions *regions);

#endif
