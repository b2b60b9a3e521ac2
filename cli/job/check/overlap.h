/* SPDX-License-Identifier: MIT */
/* Whether ranges of numbers overlap, in less than quadratic time. */
#ifndef CLI_JOB_CHECK_OVERLAP_H
#define CLI_JOB_CHECK_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct overlap_span {
	uint64_t first;
	uint64_t last;
	size_t index; /* the caller's own */
};

/*
 * Sorts @spans. If two of them overlap, returns true with the lower of their indices in @earlier
 * and the higher in @later.
 */
bool overlap_find(struct overlap_span *spans, size_t count, size_t *earlier, size_t *later);

#endif
