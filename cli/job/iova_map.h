/* SPDX-License-Identifier: MIT */
/*
 * What is mapped in an I/O address space, as the kernel keeps it: mappings that are undone whole.
 */
#ifndef CLI_JOB_IOVA_MAP_H
#define CLI_JOB_IOVA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ipa of what is no guest memory: beyond the addresses that any has. */
#define IOVA_MAP_NO_IPA (UINT64_C(1) << 60)

struct iova_span {
	uint64_t first;
	uint64_t last;
	uint64_t prot; /* enum job_prot */
	uint64_t ipa;  /* of the guest memory that @first leads to */
	uint64_t most; /* the prot that a copy of it can have, as it was pinned for no more */
};

/* What is mapped a second time. */
struct iova_copy {
	uint64_t first; /* in the source */
	uint64_t last;
	uint64_t to; /* where @first goes */
	uint64_t prot;
};

/* Zeroed, it is empty. Freed with iova_map_free(). */
struct iova_map {
	struct iova_span *spans; /* in order, apart */
	size_t count;
	size_t room; /* 0: the spans are those of another map, until they are changed */
};

/* The first mapping that ends at or behind @iova; map->count if there is none. */
size_t iova_map_at(const struct iova_map *map, uint64_t iova);

/* -EEXIST: something in @span is mapped already; -ENOMEM. */
int iova_map_add(struct iova_map *map, struct iova_span span);

/* Whether there are mappings inside of [@first, @last], and none that is there only in part. */
bool iova_map_has_whole(const struct iova_map *map, uint64_t first, uint64_t last);

/*
 * Removes the mappings inside of [@first, @last], whose bytes are then *@removed. -ENOENT: there
 * are none, or one of them is only in part inside of it, and those before that one are gone;
 * -ENOMEM, of a map whose spans are those of another.
 */
int iova_map_remove(struct iova_map *map, uint64_t first, uint64_t last, uint64_t *removed);

/* Whether all of [@first, @last] is mapped with all of @prot. */
bool iova_map_covers(const struct iova_map *map, uint64_t first, uint64_t last, uint64_t prot);

/*
 * Maps what @source, which may be @map, has there: a mapping for each of its mappings. -ENOENT:
 * that is not all mapped; -EOVERFLOW: it ends beyond 64 bits; -EEXIST: something is mapped there
 * already; -EPERM: more than a source allows; -ENOMEM.
 */
int iova_map_copy(
	struct iova_map *map, const struct iova_map *source, const struct iova_copy *copy);

/* Makes @map, which is empty, the same as @source, which outlives it and is not changed. */
void iova_map_borrow(struct iova_map *map, const struct iova_map *source);

void iova_map_free(struct iova_map *map);

#endif
