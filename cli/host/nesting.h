/* SPDX-License-Identifier: MIT */
/* What firmware and sysfs say about nested translation for a device, without the kernel. */
#ifndef CLI_HOST_NESTING_H
#define CLI_HOST_NESTING_H

#include "host/gate.h"

/*
 * Looks for the root complex of the PCI segment @segment in an IORT of @size bytes. Returns 1 if
 * firmware says that DMA there cannot bypass caches (CANWBS), 0 if it does not, -ENOENT without
 * such a root complex, and -EINVAL if the table is malformed.
 */
int iort_says_canwbs(const uint8_t *table, size_t size, uint32_t segment);

/* The gate: whether the device's IOMMU is one on which the kernel can make a nested HWPT. */
void nesting_check(struct examination *examination, struct gate_result *result);

#endif
