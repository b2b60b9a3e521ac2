/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_NEST_REFUSAL_H
#define LIBIOMMUCTL_NEST_REFUSAL_H

#include <iommuctl/nest.h>

/* As iommuctl_nest_get_refusal(); NULL, which is no failure: the nest has no @vsid. */
const struct iommuctl_smmuv3_refusal *nest_find_refusal(
	const struct iommuctl_nest *nest, uint32_t vsid);

#endif
