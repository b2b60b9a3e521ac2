/* SPDX-License-Identifier: MIT */
/* What a fuzzer was given, piece by piece; where it ends, zeroes follow. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *next;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void input_bytes(struct input *input, void *bytes, size_t size)
{
	const size_t known = size < input->left ? size : input->left;

	memset(bytes, 0, size);
	memcpy(bytes, input->next, known);
	input->next += known;
	input->left -= known;
}

static inline uint64_t input_u64(struct input *input)
{
	uint64_t value;

	input_bytes(input, &value, sizeof(value));
	return value;
}

static inline uint32_t input_u32(struct input *input)
{
	return (uint32_t)input_u64(input);
}

static inline uint8_t input_u8(struct input *input)
{
	uint8_t value;

	input_bytes(input, &value, sizeof(value));
	return value;
}

/* A fuzzer takes an abort for what it looks for. */
static inline void require(bool condition)
{
	if (!condition)
		abort();
}

#endif
