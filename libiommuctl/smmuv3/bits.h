/* SPDX-License-Identifier: MIT */
#ifndef SMMUV3_BITS_H
#define SMMUV3_BITS_H

#include <stdint.h>

/* @bits bits, fewer than 64, from bit @lsb on. */
#define SMMUV3_MASK(lsb, bits) (((UINT64_C(1) << (bits)) - 1) << (lsb))

static inline uint64_t smmuv3_bits(uint64_t word, unsigned int lsb, unsigned int bits)
{
	return (word & SMMUV3_MASK(lsb, bits)) >> lsb;
}

#endif
