// SPDX-License-Identifier: MIT
#include "job/sequence/iova_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t iova_map_at(const struct iova_map *map, uint64_t iova)
{
	size_t low = 0, high = map->count;

	/* Most mappings arrive in order. */
	if (high && map->spans[high - 1].last < iova)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->spans[middle].last < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Makes room for one more, in spans of its own. */
static int make_room(struct iova_map *map)
{
	const size_t room = map->room ? map->room * 2 : map->count + 16;
	struct iova_span *spans;

	if (map->count < map->room)
		return 0;
	spans = reallocarray(map->room ? map->spans : NULL, room, sizeof(*spans));
	if (!spans)
		return -ENOMEM;
	if (!map->room && map->count)
		memcpy(spans, map->spans, map->count * sizeof(*spans));
	map->spans = spans;
	map->room = room;
	return 0;
}

int iova_map_add(struct iova_map *map, struct iova_span span)
{
	size_t at = iova_map_at(map, span.first);
	int err;

	if (at < map->count && map->spans[at].first <= span.last)
		return -EEXIST;
	err = make_room(map);
	if (err)
		return err;
	memmove(&map->spans[at + 1], &map->spans[at], (map->count - at) * sizeof(span));
	map->spans[at] = span;
	map->count++;
	return 0;
}

/*
 * The index after the mappings from @at on that lie in [@first, @last]; *@cut: the next one is only
 * partly in it.
 */
static size_t end_of_whole(
	const struct iova_map *map, size_t at, uint64_t first, uint64_t last, bool *cut)
{
	*cut = false;
	for (; at < map->count && map->spans[at].first <= last; at++) {
		*cut = map->spans[at].first < first || map->spans[at].last > last;
		if (*cut)
			break;
	}
	return at;
}

bool iova_map_has_whole(const struct iova_map *map, uint64_t first, uint64_t last)
{
	const size_t from = iova_map_at(map, first);
	bool cut;

	return end_of_whole(map, from, first, last, &cut) > from && !cut;
}

int iova_map_remove(struct iova_map *map, uint64_t first, uint64_t last, uint64_t *removed)
{
	const size_t from = iova_map_at(map, first);
	bool cut;
	const size_t to = end_of_whole(map, from, first, last, &cut);

	*removed = 0;
	if (!map->room && map->count && make_room(map))
		return -ENOMEM;
	for (size_t i = from; i < to; i++)
		*removed += map->spans[i].last - map->spans[i].first + 1;
	if (to > from)
		memmove(&map->spans[from], &map->spans[to],
			(map->count - to) * sizeof(*map->spans));
	map->count -= to - from;
	return cut || to == from ? -ENOENT : 0;
}

bool iova_map_covers(const struct iova_map *map, uint64_t first, uint64_t last, uint64_t prot)
{
	for (size_t i = iova_map_at(map, first); i < map->count; i++) {
		const struct iova_span *span = &map->spans[i];

		if (span->first > first || (span->prot & prot) != prot)
			return false;
		if (span->last >= last)
			return true;
		first = span->last + 1;
	}
	return false;
}

/* The part of the mapping of @source at @first, up to @last at most. */
static struct iova_span piece_at(const struct iova_map *source, uint64_t first, uint64_t last)
{
	struct iova_span piece = source->spans[iova_map_at(source, first)];

	piece.ipa += first - piece.first;
	piece.first = first;
	piece.last = piece.last < last ? piece.last : last;
	return piece;
}

static int check_copy(
	const struct iova_map *map, const struct iova_map *source, const struct iova_copy *copy)
{
	uint64_t last;
	size_t at;

	if (!iova_map_covers(source, copy->first, copy->last, 0))
		return -ENOENT;
	if (__builtin_add_overflow(copy->to, copy->last - copy->first, &last))
		return -EOVERFLOW;
	at = iova_map_at(map, copy->to);
	if (at < map->count && map->spans[at].first <= last)
		return -EEXIST;
	for (at = iova_map_at(source, copy->first); at < source->count; at++) {
		if (source->spans[at].first <= copy->last && copy->prot & ~source->spans[at].most)
			return -EPERM;
	}
	return 0;
}

int iova_map_copy(struct iova_map *map, const struct iova_map *source, const struct iova_copy *copy)
{
	uint64_t from = copy->first;
	int err = check_copy(map, source, copy);

	while (!err) {
		struct iova_span piece = piece_at(source, from, copy->last);
		const uint64_t last = piece.last;

		piece.first = copy->to + (piece.first - copy->first);
		piece.last = copy->to + (piece.last - copy->first);
		piece.prot = copy->prot;
		err = iova_map_add(map, piece);
		if (last == copy->last)
			break;
		from = last + 1;
	}
	return err;
}

void iova_map_borrow(struct iova_map *map, const struct iova_map *source)
{
	*map = (struct iova_map){ source->spans, source->count, 0 };
}

void iova_map_free(struct iova_map *map)
{
	if (map->room)
		free(map->spans);
	*map = (struct iova_map){ 0 };
}
