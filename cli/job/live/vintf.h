/* SPDX-License-Identifier: MIT */
/*
 * Page 0 of a Tegra241 CMDQV interface, which has the registers of its HW queues. It is mapped
 * while its vIOMMU exists.
 */
#ifndef CLI_JOB_LIVE_VINTF_H
#define CLI_JOB_LIVE_VINTF_H

#include "job/live/live.h"

/*
 * Maps the pages of @viommu, at the offset in its live_object; does nothing if it is not a CMDQV's.
 * Returns 0, or -errno with a failure recorded.
 */
int live_vintf_map(struct live *live, const struct document_object *viommu);

/* Unmaps them; the mapping keeps the vIOMMU from being destroyed. */
int live_vintf_unmap(struct live *live, const struct document_object *viommu);

/* Where the iommufd has the pages of @viommu: "offset" and "length". */
json_t *live_mmap_to_json(const struct live_object *viommu);

#endif
