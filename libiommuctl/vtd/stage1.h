/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_VTD_STAGE1_H
#define LIBIOMMUCTL_VTD_STAGE1_H

#include <iommuctl/vtd_stage1.h>

#include "stage1/reader.h"

/* As iommuctl_vtd_stage1_walk(), for whoever has another way to the tables. */
int vtd_stage1_walk(const struct stage1_reader *reader, const struct iommuctl_hwpt_vtd_s1 *data,
	uint64_t iova, bool write, struct iommuctl_vtd_stage1_walk *walk);

#endif
