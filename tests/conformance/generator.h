/* SPDX-License-Identifier: MIT */
/* Which operation comes where in a sequence. */
#ifndef CONFORMANCE_GENERATOR_H
#define CONFORMANCE_GENERATOR_H

#include "operations.h"

/*
 * The operation at place @index of the sequence that @seed stands for, on the kernel's mock if @mock. @dice are its own, and are what
 * it has to be run with.
 */
const struct operation *generator_operation(
	bool mock, uint64_t seed, unsigned int index, struct dice *dice);

#endif
