/* SPDX-License-Identifier: MIT */
/* Names of values that fields of more than one structure have. */
#ifndef SMMUV3_VALUES_H
#define SMMUV3_VALUES_H

#include <iommuctl/smmuv3_field.h>

extern const struct iommuctl_smmuv3_value smmuv3_shareability[];
extern const struct iommuctl_smmuv3_value smmuv3_walk_cacheability[];
extern const struct iommuctl_smmuv3_value smmuv3_granule[];
extern const struct iommuctl_smmuv3_value smmuv3_address_size[];

/* How many bits an IPS, S2PS or OAS value stands for. */
unsigned int smmuv3_address_bits(uint8_t size);

/* The value that stands for @bits, or -EINVAL. */
int smmuv3_address_size_of(unsigned int bits);

#endif
