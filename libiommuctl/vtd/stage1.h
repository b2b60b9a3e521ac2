/* SPDX-License-Identifier: MIT */
/* Walks of first-stage tables that can be anywhere. */
#ifndef LIBIOMMUCTL_VTD_STAGE1_H
#define LIBIOMMUCTL_VTD_STAGE1_H

#include <iommuctl/vtd_stage1.h>

#include "stage1/reader.h"

/* As iommuctl_vtd_stage1_walk(), for callers that read tables in another way. */
int vtd_stage1_walk(const struct stage1_reader *reader, const struct iommuctl_hwpt_vtd_s1 *data,
	uint64_t iova, bool write, struct iommuctl_vtd_stage1_walk *walk);

#endif
