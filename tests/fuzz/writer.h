/* SPDX-License-Identifier: MIT */
/* Another vCPU: a thread that keeps writing guest memory, as fast as it can, until it is stopped. */
#ifndef FUZZ_WRITER_H
#define FUZZ_WRITER_H

#include <pthread.h>
#include <stdatomic.h>

#include "input.h"

#define WRITER_WORDS 64

struct writer {
	pthread_t thread;
	_Atomic uint64_t *memory; /* of so many words: */
	size_t size;
	atomic_bool ends;
	uint64_t words[WRITER_WORDS]; /* what it writes, … */
	size_t places[WRITER_WORDS];  /* … and where */
};

static void *writer_run(void *data)
{
	struct writer *writer = data;

	do {
		for (size_t i = 0; i < WRITER_WORDS; i++)
			atomic_store_explicit(&writer->memory[writer->places[i]], writer->words[i],
				memory_order_relaxed);
	} while (!atomic_load(&writer->ends));
	return NULL;
}

/* What the input has of it. The places are below @most, where the reader looks. */
static inline void writer_start(
	struct writer *writer, void *memory, size_t bytes, size_t most, struct input *input)
{
	writer->memory = memory;
	writer->size = bytes / sizeof(uint64_t);
	for (size_t i = 0; i < WRITER_WORDS; i++) {
		writer->words[i] = input_u64(input);
		writer->places[i] = input_u8(input) % (most < writer->size ? most : writer->size);
	}
	atomic_init(&writer->ends, false);
	require(!pthread_create(&writer->thread, NULL, writer_run, writer));
}

static inline void writer_stop(struct writer *writer)
{
	atomic_store(&writer->ends, true);
	require(!pthread_join(writer->thread, NULL));
}

#endif
