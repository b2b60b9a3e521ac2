/* SPDX-License-Identifier: MIT */
/* Names of values that several structures' fields share. */
#ifndef LIBIOMMUCTL_SMMUV3_VALUES_H
#define LIBIOMMUCTL_SMMUV3_VALUES_H

#include <stdbool.h>

#include <iommuctl/smmuv3_field.h>

extern const struct iommuctl_smmuv3_value smmuv3_shareability[];
extern const struct iommuctl_smmuv3_value smmuv3_walk_cacheability[];
extern const struct iommuctl_smmuv3_value smmuv3_granule[];
extern const struct iommuctl_smmuv3_value smmuv3_address_size[];

/* How many bits an IPS, S2PS or OAS value stands for. */
unsigned int smmuv3_address_bits(uint8_t size);

/* The value that stands for @bits, or -EINVAL. */
int smmuv3_address_size_of(unsigned int bits);

/* The granule bits of a value of CD.TG0 or, with @tg1, CD.TG1; 0: reserved. */
unsigned int smmuv3_granule_bits(bool tg1, uint8_t tg);

/* The value of CD.TG0 for @bits, or -EINVAL. */
int smmuv3_tg0_of(unsigned int bits);

/* How many SubstreamID bits a leaf of a 2-level CD table covers, or -EINVAL. */
int smmuv3_leaf_ssid_bits(uint8_t s1fmt);

/* Bytes of CD.MAIR. */
#define SMMUV3_MAIR_DEVICE_NGNRE      0x04
#define SMMUV3_MAIR_NORMAL_WRITE_BACK 0xff

#endif
