// SPDX-License-Identifier: MIT
#include "job/check/overlap.h"

#include <stdlib.h>

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_spans(const void *a, const void *b)
{
	const struct overlap_span *first = a, *second = b;
	int order = compare(first->first, second->first);

	return order ? order : compare(first->index, second->index);
}

/* Most documents list them in order. */
static bool are_in_order(const struct overlap_span *spans, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (compare_spans(&spans[i - 1], &spans[i]) > 0)
			return false;
	}
	return true;
}

/* In sorted order, a span that overlaps any later one overlaps the next one. */
bool overlap_find(struct overlap_span *spans, size_t count, size_t *earlier, size_t *later)
{
	if (!are_in_order(spans, count))
		qsort(spans, count, sizeof(*spans), compare_spans);
	for (size_t i = 1; i < count; i++) {
		size_t a = spans[i - 1].index, b = spans[i].index;

		if (spans[i].first > spans[i - 1].last)
			continue;
		*earlier = a < b ? a : b;
		*later = a < b ? b : a;
		return true;
	}
	return false;
}
