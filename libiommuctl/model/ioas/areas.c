// SPDX-License-Identifier: MIT
/*
 * The areas of an IOAS: an array without gaps, and in it a treap by IOVA. Priorities are hashes of
 * IOVAs, so they need no storage; only growing the array can fail.
 */
#include "model/ioas/ioas.h"

#include <errno.h>
#include <stdlib.h>

#define NO_LINK 0

static struct model_area *area_of(const struct model_ioas *ioas, size_t link)
{
	return &ioas->areas[link - 1];
}

static size_t link_to(size_t at)
{
	return at + 1;
}

static uint64_t priority(const struct model_area *area)
{
	uint64_t hash = area->iova;

	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

size_t model_ioas_area_at(const struct model_ioas *ioas, uint64_t iova)
{
	size_t found = link_to(ioas->area_count);
	size_t link = ioas->area_root;

	while (link != NO_LINK) {
		const struct model_area *area = area_of(ioas, link);
		const bool ends_before = area->iova + (area->length - 1) < iova;

		if (!ends_before)
			found = link;
		link = area->children[ends_before];
	}
	return found - 1;
}

size_t model_ioas_area_after(const struct model_ioas *ioas, size_t at)
{
	const struct model_area *area = &ioas->areas[at];
	uint64_t next;

	if (__builtin_add_overflow(area->iova, area->length, &next))
		return ioas->area_count;
	return model_ioas_area_at(ioas, next);
}

/* Splits the treap @link into the areas before @iova and those after it. */
static void split(struct model_ioas *ioas, size_t link, uint64_t iova, size_t halves[2])
{
	size_t *ends[2] = { &halves[0], &halves[1] };

	while (link != NO_LINK) {
		struct model_area *area = area_of(ioas, link);
		const bool behind = area->iova > iova;

		*ends[behind] = link;
		ends[behind] = &area->children[!behind];
		link = area->children[!behind];
	}
	*ends[0] = *ends[1] = NO_LINK;
}

/* The reverse of split(). */
static size_t join(struct model_ioas *ioas, size_t before, size_t behind)
{
	size_t joined;
	size_t *end = &joined;

	while (before != NO_LINK && behind != NO_LINK) {
		struct model_area *left = area_of(ioas, before);
		struct model_area *right = area_of(ioas, behind);

		if (priority(left) > priority(right)) {
			*end = before;
			end = &left->children[1];
			before = *end;
		} else {
			*end = behind;
			end = &right->children[0];
			behind = *end;
		}
	}
	*end = before != NO_LINK ? before : behind;
	return joined;
}

static void plant(struct model_ioas *ioas, size_t new)
{
	struct model_area *area = area_of(ioas, new);
	size_t *place = &ioas->area_root;

	while (*place != NO_LINK && priority(area_of(ioas, *place)) >= priority(area))
		place = &area_of(ioas, *place)->children[area_of(ioas, *place)->iova < area->iova];
	split(ioas, *place, area->iova, area->children);
	*place = new;
}

static size_t *place_of(struct model_ioas *ioas, size_t link)
{
	const uint64_t iova = area_of(ioas, link)->iova;
	size_t *place = &ioas->area_root;

	while (*place != link)
		place = &area_of(ioas, *place)->children[area_of(ioas, *place)->iova < iova];
	return place;
}

static int reserve(struct model_ioas *ioas, size_t room)
{
	struct model_area *areas;

	if (room <= ioas->area_room)
		return 0;
	areas = reallocarray(ioas->areas, room * 2, sizeof(*areas));
	if (!areas)
		return -ENOMEM;
	ioas->areas = areas;
	ioas->area_room = room * 2;
	return 0;
}

int model_ioas_insert_areas(struct model_ioas *ioas, const struct model_area *areas, size_t count)
{
	int err = reserve(ioas, ioas->area_count + count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		ioas->areas[ioas->area_count] = areas[i];
		plant(ioas, link_to(ioas->area_count));
		ioas->area_count++;
	}
	return 0;
}

/* The last area of the array takes the place of the removed one. */
void model_ioas_remove_area(struct model_ioas *ioas, size_t at)
{
	const size_t last = ioas->area_count - 1;
	struct model_area *area = &ioas->areas[at];

	*place_of(ioas, link_to(at)) = join(ioas, area->children[0], area->children[1]);
	if (at != last) {
		*place_of(ioas, link_to(last)) = link_to(at);
		*area = ioas->areas[last];
	}
	ioas->area_count = last;
}
