/* SPDX-License-Identifier: MIT */
/*
 * Page 0 of the interface of a Tegra241 CMDQV, in which the registers of its HW queues are. It is
 * mapped as long as its vIOMMU is there.
 */
#ifndef CLI_JOB_LIVE_VINTF_H
#define CLI_JOB_LIVE_VINTF_H

#include "job/live.h"

/*
 * Maps what @viommu shows, as its live_object says where; does nothing if it is not of a CMDQV.
 * Returns 0, or -errno with a failure recorded.
 */
int live_vintf_map(struct live *live, const struct document_object *viommu);

/* The same; what is mapped keeps the vIOMMU from being destroyed. */
int live_vintf_unmap(struct live *live, const struct document_object *viommu);

/* Where on the iommufd @viommu shows what it shows: "offset" and "length". */
json_t *live_mmap_to_json(const struct live_object *viommu);

#endif
