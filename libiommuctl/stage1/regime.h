/* SPDX-License-Identifier: MIT */
/* What a CD's fields say about stage-1 tables. */
#ifndef LIBIOMMUCTL_STAGE1_REGIME_H
#define LIBIOMMUCTL_STAGE1_REGIME_H

#include <stdbool.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/stage1.h>

#include "stage1/layout.h"

/* Converts between a layout and a CD's fields. -EINVAL and -EOPNOTSUPP as for a walk. */
int stage1_regime_to_layout(
	const struct iommuctl_stage1_regime *regime, struct stage1_layout *layout);

/* Whether @iova is within T0SZ, which is valid. */
bool stage1_is_in_range(const struct iommuctl_stage1_regime *regime, uint64_t iova);

/* How a CD has TTB0's or TTB1's half walked; EPD0 and EPD1 say whether it does. */
struct iommuctl_stage1_regime stage1_regime_of_cd(const struct iommuctl_smmuv3_cd *cd, bool ttb1);

/* A regime without flags; -EINVAL for a number of output bits that IPS cannot express. */
int stage1_regime_from_layout(
	const struct stage1_layout *layout, uint64_t ttb, struct iommuctl_stage1_regime *regime);

#endif
