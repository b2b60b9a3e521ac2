/* SPDX-License-Identifier: MIT */
/*
 * What is mapped in an I/O address space, as the kernel keeps it: mappings that are undone whole.
 */
#ifndef CLI_JOB_IOVA_MAP_H
#define CLI_JOB_IOVA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iova_span {
	uint64_t first;
	uint64_t last;
	uint64_t prot; /* enum job_prot */
	uint64_t ipa;  /* of the guest memory that @first leads to */
};

/* Zeroed, it is empty. Freed with iova_map_free(). */
struct iova_map {
	struct iova_span *spans; /* in order, apart */
	size_t count;
	size_t room;
};

/* The first mapping that ends at or behind @iova; map->count if there is none. */
size_t iova_map_at(const struct iova_map *map, uint64_t iova);

/* -EEXIST: something in @span is mapped already; -ENOMEM. */
int iova_map_add(struct iova_map *map, struct iova_span span);

/*
 * Removes the mappings inside of [@first, @last], whose bytes are then *@removed. -ENOENT: there
 * are none, or one of them is only in part inside of it, and those before that one are gone.
 */
int iova_map_remove(struct iova_map *map, uint64_t first, uint64_t last, uint64_t *removed);

/* Whether all of [@first, @last] is mapped with all of @prot. */
bool iova_map_covers(const struct iova_map *map, uint64_t first, uint64_t last, uint64_t prot);

void iova_map_free(struct iova_map *map);

#endif
