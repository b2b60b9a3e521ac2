/* SPDX-License-Identifier: MIT */
/* The registers of a stimulus in its BAR 0, and waiting for them and for its writes to memory. */
#ifndef CLI_STIMULUS_REGISTERS_H
#define CLI_STIMULUS_REGISTERS_H

#include "stimulus/stimulus.h"

/* How long a device may take for anything without a limit of its own, in milliseconds. */
#define STIMULUS_LIMIT_MS 5000

/* Errors: those of the library's calls. Values are in the order of this machine. */
int stimulus_read32(const struct stimulus *stimulus, uint64_t offset, uint32_t *value);
int stimulus_write32(const struct stimulus *stimulus, uint64_t offset, uint32_t value);
int stimulus_write64(const struct stimulus *stimulus, uint64_t offset, uint64_t value);

/* One of several registers to write in a row. */
struct stimulus_setting {
	uint32_t offset;
	uint32_t value;
};

int stimulus_write_all(
	const struct stimulus *stimulus, const struct stimulus_setting *settings, size_t count);

/* The same in two halves, the lower first: for a device of which it is not known. */
int stimulus_write64_halves(const struct stimulus *stimulus, uint64_t offset, uint64_t value);

/*
 * Waits until the bits of @mask at @offset are @value, polling every @rest_ms milliseconds.
 * -ETIMEDOUT: @limit_ms have passed.
 */
int stimulus_wait32(const struct stimulus *stimulus, uint64_t offset, uint32_t mask, uint32_t value,
	unsigned int rest_ms, unsigned int limit_ms);

/*
 * The same for a word of the stimulus' memory, in the byte order of the device, for @limit_ms.
 */
int stimulus_wait_memory(
	const uint32_t *word, uint32_t mask, uint32_t value, unsigned int limit_ms);

void stimulus_sleep_ms(unsigned int ms);

#endif
