/* SPDX-License-Identifier: MIT */
/*
 * The range of a TLBI by address (IHI 0070, 4.4.1): (NUM + 1) << SCALE granules of TG's size. It is
 * read and written here without the codec's tables, for frequent callers.
 */
#ifndef LIBIOMMUCTL_SMMUV3_RANGE_H
#define LIBIOMMUCTL_SMMUV3_RANGE_H

#include "smmuv3/bits.h"

#define SMMUV3_NUM_LSB	  12
#define SMMUV3_NUM_BITS	  5
#define SMMUV3_SCALE_LSB  20
#define SMMUV3_SCALE_BITS 6
#define SMMUV3_TTL_LSB	  8
#define SMMUV3_TTL_BITS	  2
#define SMMUV3_TG_LSB	  10
#define SMMUV3_TG_BITS	  2

/* The bits of the two words that select pages; the others say whose, and how. */
#define SMMUV3_RANGE_ADDRESS (~UINT64_C(0xfff))
#define SMMUV3_RANGE_WORD0                                                                         \
	(SMMUV3_MASK(SMMUV3_NUM_LSB, SMMUV3_NUM_BITS) |                                            \
		SMMUV3_MASK(SMMUV3_SCALE_LSB, SMMUV3_SCALE_BITS))
#define SMMUV3_RANGE_WORD1                                                                         \
	(SMMUV3_RANGE_ADDRESS | SMMUV3_MASK(SMMUV3_TTL_LSB, SMMUV3_TTL_BITS) |                     \
		SMMUV3_MASK(SMMUV3_TG_LSB, SMMUV3_TG_BITS))

/* The most that NUM + 1 is. */
#define SMMUV3_RANGE_UNITS_MAX (UINT64_C(1) << SMMUV3_NUM_BITS)

/* From this bit of SCALE on, 52-bit addresses are needed (IDR5.DS). */
#define SMMUV3_SCALE_DS_BIT 5
#define SMMUV3_SCALE_MAX    ((1u << SMMUV3_SCALE_DS_BIT) - 1)
#define SMMUV3_SCALE_MAX_DS 39u

static inline unsigned int smmuv3_range_num(const uint64_t *command)
{
	return (unsigned int)smmuv3_bits(command[0], SMMUV3_NUM_LSB, SMMUV3_NUM_BITS);
}

static inline unsigned int smmuv3_range_scale(const uint64_t *command)
{
	return (unsigned int)smmuv3_bits(command[0], SMMUV3_SCALE_LSB, SMMUV3_SCALE_BITS);
}

static inline unsigned int smmuv3_range_ttl(const uint64_t *command)
{
	return (unsigned int)smmuv3_bits(command[1], SMMUV3_TTL_LSB, SMMUV3_TTL_BITS);
}

static inline unsigned int smmuv3_range_tg(const uint64_t *command)
{
	return (unsigned int)smmuv3_bits(command[1], SMMUV3_TG_LSB, SMMUV3_TG_BITS);
}

/* TG numbers the granules 4K, 16K and 64K from 1. */
static inline unsigned int smmuv3_range_granule_bits(unsigned int tg)
{
	return 10 + 2 * tg;
}

static inline unsigned int smmuv3_range_tg_of(unsigned int granule_bits)
{
	return (granule_bits - 10) / 2;
}

static inline uint64_t smmuv3_range_granules(unsigned int num, unsigned int scale)
{
	return (num + UINT64_C(1)) << scale;
}

struct smmuv3_range {
	unsigned int num;
	unsigned int scale;
	uint64_t granules;
};

/*
 * The lowest base-32 digit of @granules, which is not 0: the largest range of exactly that many, so
 * that the rest takes as few ranges as possible.
 */
static inline struct smmuv3_range smmuv3_range_digit(uint64_t granules, unsigned int scale_max)
{
	const unsigned int zeros = (unsigned int)__builtin_ctzll(granules);
	const unsigned int scale = zeros < scale_max ? zeros : scale_max;
	uint64_t units = granules >> scale;

	if (scale < scale_max)
		units &= SMMUV3_RANGE_UNITS_MAX - 1;
	else if (units > SMMUV3_RANGE_UNITS_MAX)
		units = SMMUV3_RANGE_UNITS_MAX;
	return (struct smmuv3_range){ (unsigned int)units - 1, scale, units << scale };
}

#endif
