/* SPDX-License-Identifier: MIT */
/*
 * The mappings of an I/O address space, as the kernel keeps them: each can only be unmapped as a
 * whole.
 */
#ifndef CLI_JOB_SEQUENCE_IOVA_MAP_H
#define CLI_JOB_SEQUENCE_IOVA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ipa of a mapping that is not guest memory: beyond any guest address. */
#define IOVA_MAP_NO_IPA (UINT64_C(1) << 60)

struct iova_span {
	uint64_t first;
	uint64_t last;
	uint64_t prot; /* enum job_prot */
	uint64_t ipa;  /* guest memory that @first translates to */
	uint64_t most; /* the most prot that a copy can have, as the pages were pinned for that */
};

/* A range to copy. */
struct iova_copy {
	uint64_t first; /* in the source */
	uint64_t last;
	uint64_t to; /* IOVA of the copy of @first */
	uint64_t prot;
};

/* Zeroed, it is empty. Freed with iova_map_free(). */
struct iova_map {
	struct iova_span *spans; /* in order, apart */
	size_t count;
	size_t room; /* 0: shares the spans of another map until changed */
};

/* The first mapping that ends at or after @iova; map->count if there is none. */
size_t iova_map_at(const struct iova_map *map, uint64_t iova);

/* -EEXIST: something in @span is mapped already; -ENOMEM. */
int iova_map_add(struct iova_map *map, struct iova_span span);

/* Whether [@first, @last] has mappings, all of them entirely inside. */
bool iova_map_has_whole(const struct iova_map *map, uint64_t first, uint64_t last);

/*
 * Removes the mappings in [@first, @last] and sets *@removed to their bytes. -ENOENT: there are
 * none, or one lies only partly inside, and those before it are gone; -ENOMEM if the map shares
 * another's spans.
 */
int iova_map_remove(struct iova_map *map, uint64_t first, uint64_t last, uint64_t *removed);

/* Whether all of [@first, @last] is mapped with all of @prot. */
bool iova_map_covers(const struct iova_map *map, uint64_t first, uint64_t last, uint64_t prot);

/*
 * Maps what @source, which may be @map, maps there: one mapping for each of its mappings. -ENOENT:
 * not all of it is mapped; -EOVERFLOW: it ends beyond 64 bits; -EEXIST: something is already mapped
 * there; -EPERM: the source does not allow as much; -ENOMEM.
 */
int iova_map_copy(
	struct iova_map *map, const struct iova_map *source, const struct iova_copy *copy);

/* Makes the empty @map share the mappings of @source, which must outlive it and not change. */
void iova_map_borrow(struct iova_map *map, const struct iova_map *source);

void iova_map_free(struct iova_map *map);

#endif
