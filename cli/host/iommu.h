/* SPDX-License-Identifier: MIT */
/* The kinds of IOMMUs, by the names that their drivers give them in /sys/class/iommu. */
#ifndef CLI_HOST_IOMMU_H
#define CLI_HOST_IOMMU_H

#include <stdint.h>

#include "host/device.h"

/* "SMMUv3", "VT-d" or "AMD" for "smmu3.0x0000000009050000"; NULL for an unknown one. */
const char *iommu_kind(const char *name);

/* The kind as a bit of enum iommuctl_known; 0 for an unknown one. */
uint64_t iommu_known(const char *name);

/*
 * Writes @name without the leading zeros of an address in it: "smmu3.0x9050000" for
 * "smmu3.0x0000000009050000". Returns @text.
 */
const char *iommu_short_name(const char *name, char text[HOST_NAME_SIZE]);

#endif
