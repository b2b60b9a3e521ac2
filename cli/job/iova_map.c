// SPDX-License-Identifier: MIT
#include "job/iova_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t iova_map_at(const struct iova_map *map, uint64_t iova)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->spans[middle].last < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct iova_map *map)
{
	size_t room = map->room ? map->room * 2 : 16;
	struct iova_span *spans;

	if (map->count < map->room)
		return 0;
	spans = reallocarray(map->spans, room, sizeof(*spans));
	if (!spans)
		return -ENOMEM;
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

int iova_map_remove(struct iova_map *map, uint64_t first, uint64_t last, uint64_t *removed)
{
	const size_t from = iova_map_at(map, first);
	size_t to = from;
	bool cut = false;

	*removed = 0;
	for (; to < map->count && map->spans[to].first <= last; to++) {
		cut = map->spans[to].first < first || map->spans[to].last > last;
		if (cut)
			break;
		*removed += map->spans[to].last - map->spans[to].first + 1;
	}
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

void iova_map_free(struct iova_map *map)
{
	free(map->spans);
	*map = (struct iova_map){ 0 };
}
