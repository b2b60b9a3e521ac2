/* SPDX-License-Identifier: MIT */
/* What every function that prints promises. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include "input.h"

/* Prints with @print into as much room as the input says, and into enough. */
#define REQUIRE_TEXT(print, object, input)                                                         \
	do {                                                                                       \
		char whole[4096], part[4096];                                                      \
		const size_t room = input_u64(input) % sizeof(part);                               \
		const size_t length = print(object, whole, sizeof(whole));                         \
                                                                                                   \
		require(length < sizeof(whole) && strlen(whole) == length);                        \
		require(print(object, part, room) == length);                                      \
		require(!room || !strncmp(part, whole, room - 1));                                 \
	} while (0)

#endif
