/* SPDX-License-Identifier: MIT */
#ifndef IOMMUCTL_STAGE1_REGIME_H
#define IOMMUCTL_STAGE1_REGIME_H

#include <stdbool.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/stage1.h>

#include "stage1/layout.h"

/* Between a layout and the fields of a CD. -EINVAL and -EOPNOTSUPP as for a walk. */
int stage1_regime_to_layout(
	const struct iommuctl_stage1_regime *regime, struct stage1_layout *layout);

/* Whether @iova is inside of T0SZ, which is valid. */
bool stage1_is_in_range(const struct iommuctl_stage1_regime *regime, uint64_t iova);

/* How a CD has the half of TTB0, or of TTB1, walked; whether it does is for EPD0 and EPD1 to say. */
struct iommuctl_stage1_regime stage1_regime_of_cd(const struct iommuctl_smmuv3_cd *cd, bool ttb1);

/* A regime without flags; -EINVAL for a number of output bits that IPS cannot say. */
int stage1_regime_from_layout(
	const struct stage1_layout *layout, uint64_t ttb, struct iommuctl_stage1_regime *regime);

#endif
