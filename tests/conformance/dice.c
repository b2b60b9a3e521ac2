// SPDX-License-Identifier: MIT
#include "dice.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators" (2014). */
uint64_t dice_next(struct dice *dice)
{
	uint64_t value = dice->state += GOLDEN;

	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

struct dice dice_new(uint64_t seed, uint64_t index)
{
	struct dice outer = { .state = seed };
	struct dice inner = { .state = dice_next(&outer) ^ index * GOLDEN };

	return (struct dice){ .state = dice_next(&inner) };
}

uint64_t dice_below(struct dice *dice, uint64_t count)
{
	return dice_next(dice) % count;
}

bool dice_chance(struct dice *dice, unsigned int percent)
{
	return dice_below(dice, 100) < percent;
}

bool dice_odd(struct dice *dice, unsigned int percent)
{
	return dice_chance(dice, percent) && !dice->plain;
}

uint64_t dice_one_of(struct dice *dice, const uint64_t *values, size_t count)
{
	return values[dice_below(dice, count)];
}
