// SPDX-License-Identifier: MIT
#include "job/ranges.h"

#include <inttypes.h>

#include "output/text.h"

void ranges_describe(const struct document_list *ranges, char *text, size_t size)
{
	const struct job_range *range = ranges->items;

	for (size_t i = 0; i < ranges->count; i++)
		text_append(text, size, "%s0x%" PRIx64 "-0x%" PRIx64, i ? ", " : "", range[i].start,
			range[i].last);
}

bool ranges_are_equal(const struct document_list *one, const struct document_list *other)
{
	const struct job_range *a = one->items, *b = other->items;

	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++) {
		if (a[i].start != b[i].start || a[i].last != b[i].last)
			return false;
	}
	return true;
}

static bool is_inside(const struct job_range *range, const struct job_range *other)
{
	return range->start >= other->start && range->last <= other->last;
}

static bool overlaps(const struct job_range *range, const struct job_range *other)
{
	return range->start <= other->last && range->last >= other->start;
}

static bool is_any(const struct job_range *range, const struct document_list *others,
	bool (*is)(const struct job_range *range, const struct job_range *other))
{
	const struct job_range *other = others->items;

	for (size_t i = 0; i < others->count; i++) {
		if (is(range, &other[i]))
			return true;
	}
	return false;
}

const struct job_range *ranges_find_outside(
	const struct document_list *ranges, const struct document_list *others)
{
	const struct job_range *range = ranges->items;

	for (size_t i = 0; i < ranges->count; i++) {
		if (!is_any(&range[i], others, is_inside))
			return &range[i];
	}
	return NULL;
}

const struct job_range *ranges_find_common(
	const struct document_list *ranges, const struct document_list *others)
{
	const struct job_range *range = ranges->items;

	for (size_t i = 0; i < ranges->count; i++) {
		if (is_any(&range[i], others, overlaps))
			return &range[i];
	}
	return NULL;
}
