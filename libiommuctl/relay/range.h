/* SPDX-License-Identifier: MIT */
/* The range of a TLBI by address (IHI 0070, 4.4.1), read and written without the codec's tables. */
#ifndef RELAY_RANGE_H
#define RELAY_RANGE_H

#include "relay/relay_private.h"

#define RANGE_NUM_LSB	12
#define RANGE_SCALE_LSB 20
#define RANGE_TTL_LSB	8
#define RANGE_TG_LSB	10

/* What of the two words says which pages; the rest says whose, and how. */
#define RANGE_WORD0   (UINT64_C(31) << RANGE_NUM_LSB | UINT64_C(63) << RANGE_SCALE_LSB)
#define RANGE_WORD1   (RANGE_ADDRESS | UINT64_C(3) << RANGE_TTL_LSB | UINT64_C(3) << RANGE_TG_LSB)
#define RANGE_ADDRESS (~UINT64_C(0xfff))

/* Pages are (NUM + 1) << SCALE. More of SCALE needs 52-bit addresses. */
#define RANGE_NUM_MAX	31
#define RANGE_SCALE_MAX 31

static inline unsigned int range_num(const relay_command command)
{
	return command[0] >> RANGE_NUM_LSB & 31;
}

static inline unsigned int range_scale(const relay_command command)
{
	return command[0] >> RANGE_SCALE_LSB & 63;
}

static inline unsigned int range_ttl(const relay_command command)
{
	return command[1] >> RANGE_TTL_LSB & 3;
}

static inline unsigned int range_tg(const relay_command command)
{
	return command[1] >> RANGE_TG_LSB & 3;
}

#endif
