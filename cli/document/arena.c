// SPDX-License-Identifier: MIT
#include "document/arena.h"

#include <stdalign.h>
#include <stdlib.h>

struct chunk {
	struct chunk *next;
	alignas(max_align_t) unsigned char data[];
};

struct document_arena {
	struct chunk *chunks;
};

struct document_arena *document_arena_new(void)
{
	return calloc(1, sizeof(struct document_arena));
}

void document_arena_free(struct document_arena *arena)
{
	struct chunk *next;

	if (!arena)
		return;
	for (struct chunk *chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}

void *document_arena_alloc(struct document_arena *arena, size_t count, size_t size)
{
	struct chunk *chunk;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) ||
		__builtin_add_overflow(bytes, sizeof(*chunk), &bytes))
		return NULL;
	chunk = calloc(1, bytes);
	if (!chunk)
		return NULL;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk->data;
}
