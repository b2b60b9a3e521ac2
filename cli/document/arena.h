/* SPDX-License-Identifier: MIT */
/* Memory that lives as long as its job and is freed with it. */
#ifndef CLI_DOCUMENT_ARENA_H
#define CLI_DOCUMENT_ARENA_H

#include <stddef.h>

struct document_arena;

struct document_arena *document_arena_new(void);
void document_arena_free(struct document_arena *arena);

/* Zeroed, aligned for any object; NULL when there is no memory or @count * @size overflows. */
void *document_arena_alloc(struct document_arena *arena, size_t count, size_t size);

#endif
