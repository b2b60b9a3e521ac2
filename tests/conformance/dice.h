/* SPDX-License-Identifier: MIT */
/* Random choices that depend on nothing but a seed. */
#ifndef CONFORMANCE_DICE_H
#define CONFORMANCE_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each operation of a sequence has dice of its own, so that leaving out one operation changes no
 * choice of another.
 *
 * @plain:  a part of the valid set-up: nothing odd is chosen
 * @choice: which device, or which part of the guest's memory, the set-up is about
 */
struct dice {
	uint64_t state;
	bool plain;
	unsigned int choice;
};

/* The dice of part @index of what @seed stands for. */
struct dice dice_new(uint64_t seed, uint64_t index);

uint64_t dice_next(struct dice *dice);

/* 0 to @count - 1. */
uint64_t dice_below(struct dice *dice, uint64_t count);

/* True @percent times of 100. */
bool dice_chance(struct dice *dice, unsigned int percent);

/* As dice_chance(), for what may make an operation invalid: never in the set-up. */
bool dice_odd(struct dice *dice, unsigned int percent);

/* One of the @count elements of @values. */
uint64_t dice_one_of(struct dice *dice, const uint64_t *values, size_t count);

#endif
