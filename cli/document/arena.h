/* SPDX-License-Identifier: MIT */
/* Memory that lives as long as its job and is freed with it. */
#ifndef CLI_DOCUMENT_ARENA_H
#define CLI_DOCUMENT_ARENA_H

#include <stddef.h>

struct job_arena;

struct job_arena *job_arena_new(void);
void job_arena_free(struct job_arena *arena);

/* Zeroed, aligned for any object; NULL when there is no memory or @count * @size overflows. */
void *job_arena_alloc(struct job_arena *arena, size_t count, size_t size);

#endif
