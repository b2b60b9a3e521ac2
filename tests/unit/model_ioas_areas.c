// SPDX-License-Identifier: MIT
/* The areas of an IOAS in isolation: what is found, in which order, and how deep it is. */
#include <errno.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "array.h"
#include "model/ioas/ioas.h"

#define SLOTS	  256
#define BATCH_MAX 4
#define REPLACED  50000
#define DEPTH_MAX 64 /* 100,000 areas take 40 or so; a list would take them all */

static struct model_ioas ioas;
static uint64_t random_state;

/* Stands before libc's, so that the IOAS can be left without memory. */
static bool out_of_memory;

void *reallocarray(void *array, size_t count, size_t size)
{
	return out_of_memory ? NULL : realloc(array, count * size);
}

static void start(void)
{
	ioas = (struct model_ioas){ .areas = NULL };
	random_state = 1;
}

static void stop(void)
{
	free(ioas.areas);
}

TestSuite(model_ioas_areas, .init = start, .fini = stop);

static unsigned int random_below(unsigned int limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state % limit);
}

/* The expected IOAS: for each slot, where its area starts and ends. */
struct naive {
	uint64_t base;
	uint64_t slot_size;
	int first[SLOTS]; /* -1: the slot is free */
	int last[SLOTS];
};

static uint64_t start_of(const struct naive *naive, int slot)
{
	return naive->base + (uint64_t)slot * naive->slot_size;
}

static uint64_t end_of(const struct naive *naive, int slot)
{
	return start_of(naive, slot) + (naive->slot_size - 1);
}

/* The first slot from @slot on that is not free, or SLOTS. */
static int used_from(const struct naive *naive, int slot)
{
	while (slot < SLOTS && naive->first[slot] < 0)
		slot++;
	return slot;
}

static void expect_area(const struct naive *naive, size_t at, int slot)
{
	if (slot == SLOTS) {
		cr_assert_eq(at, ioas.area_count);
		return;
	}
	cr_assert_lt(at, ioas.area_count);
	cr_assert_eq(ioas.areas[at].iova, start_of(naive, naive->first[slot]));
	cr_assert_eq(ioas.areas[at].iova + (ioas.areas[at].length - 1),
		end_of(naive, naive->last[slot]));
	cr_assert_eq(ioas.areas[at].offset, ioas.areas[at].iova, "another area's contents");
}

static void expect_same(const struct naive *naive)
{
	size_t at = model_ioas_area_at(&ioas, 0);
	int slot = used_from(naive, 0);
	size_t count = 0;

	for (; slot < SLOTS; slot = used_from(naive, naive->last[slot] + 1)) {
		expect_area(naive, at, slot);
		at = model_ioas_area_after(&ioas, at);
		count++;
	}
	cr_assert_eq(at, ioas.area_count);
	cr_assert_eq(count, ioas.area_count);
	slot = (int)random_below(SLOTS);
	expect_area(
		naive, model_ioas_area_at(&ioas, start_of(naive, slot)), used_from(naive, slot));
	expect_area(naive, model_ioas_area_at(&ioas, end_of(naive, slot)), used_from(naive, slot));
}

/* Up to BATCH_MAX areas, one after the other as in a copy, from @slot on where it is free. */
static void insert(struct naive *naive, int slot)
{
	struct model_area areas[BATCH_MAX];
	const int room = used_from(naive, slot) - slot;
	const size_t wanted = 1 + random_below(BATCH_MAX);
	int end = slot + room;
	size_t count = 0;

	while (count < wanted && slot < end) {
		const int last = slot + (int)random_below((unsigned int)(end - slot));

		areas[count++] = (struct model_area){
			.iova = start_of(naive, slot),
			.length = end_of(naive, last) - start_of(naive, slot) + 1,
			.offset = start_of(naive, slot),
		};
		for (int i = slot; i <= last; i++) {
			naive->first[i] = slot;
			naive->last[i] = last;
		}
		slot = last + 1;
	}
	if (count)
		cr_assert_eq(model_ioas_insert_areas(&ioas, areas, count), 0);
}

static void take_out(struct naive *naive, int slot)
{
	const int used = used_from(naive, slot);

	if (used == SLOTS)
		return;
	model_ioas_remove_area(&ioas, model_ioas_area_at(&ioas, start_of(naive, slot)));
	for (int i = naive->first[used], last = naive->last[used]; i <= last; i++)
		naive->first[i] = -1;
}

static const struct {
	const char *what;
	uint64_t base;
	uint64_t slot_size;
	unsigned int operations;
	unsigned int insertions; /* of 100 operations */
} random_runs[] = {
	{ "few bytes at 0", 0, 1, 4000, 50 },
	{ "pages", UINT64_C(0x40000000), 4096, 4000, 50 },
	{ "pages, most of them mapped", UINT64_C(0x40000000), 4096, 4000, 80 },
	{ "pages, few of them mapped", UINT64_C(0x40000000), 4096, 4000, 25 },
	{ "the end of the address space", -(UINT64_C(4096) * SLOTS), 4096, 4000, 50 },
	{ "the whole address space", 0, UINT64_C(1) << 56, 4000, 50 },
};

Test(model_ioas_areas, random_insertions_and_removals_leave_what_is_expected)
{
	for (size_t run = 0; run < ARRAY_SIZE(random_runs); run++) {
		struct naive naive = {
			.base = random_runs[run].base,
			.slot_size = random_runs[run].slot_size,
		};

		for (int slot = 0; slot < SLOTS; slot++)
			naive.first[slot] = -1;
		for (unsigned int i = 0; i < random_runs[run].operations; i++) {
			const int slot = (int)random_below(SLOTS);

			if (random_below(100) < random_runs[run].insertions)
				insert(&naive, slot);
			else
				take_out(&naive, slot);
			expect_same(&naive);
		}
		while (ioas.area_count)
			take_out(&naive, 0);
		cr_assert_eq(ioas.area_root, 0, "%s", random_runs[run].what);
	}
}

Test(model_ioas_areas, an_insertion_without_memory_changes_nothing)
{
	struct naive naive = { .slot_size = 4096 };
	struct model_area more[BATCH_MAX];

	for (int slot = 0; slot < SLOTS; slot++)
		naive.first[slot] = -1;
	while (ioas.area_room - ioas.area_count != BATCH_MAX - 1)
		insert(&naive, (int)random_below(SLOTS / 2));
	for (size_t i = 0; i < BATCH_MAX; i++)
		more[i] = (struct model_area){ .iova = start_of(&naive, SLOTS + (int)i),
			.length = 4096 };
	out_of_memory = true;
	cr_assert_eq(model_ioas_insert_areas(&ioas, more, BATCH_MAX), -ENOMEM);
	expect_same(&naive);
	cr_assert_eq(model_ioas_insert_areas(&ioas, more, BATCH_MAX - 1), 0, "there was room");
	out_of_memory = false;
	cr_assert_eq(ioas.area_count, ioas.area_room);
	cr_assert_eq(model_ioas_insert_areas(&ioas, &more[BATCH_MAX - 1], 1), 0);
	cr_assert_eq(model_ioas_area_at(&ioas, more[BATCH_MAX - 1].iova), ioas.area_count - 1);
}

static size_t depth_of(size_t at)
{
	const uint64_t iova = ioas.areas[at].iova;
	size_t link = ioas.area_root;
	size_t depth = 1;

	for (; link != at + 1; depth++)
		link = ioas.areas[link - 1].children[ioas.areas[link - 1].iova < iova];
	return depth;
}

static size_t depth_of_all(void)
{
	size_t deepest = 0;

	for (size_t at = 0; at < ioas.area_count; at++) {
		const size_t depth = depth_of(at);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

static const struct {
	const char *what;
	uint64_t first;
	uint64_t step;
	size_t count;
} orders[] = {
	{ "bytes", 0, 1, 100000 },
	{ "pages", UINT64_C(0x40000000), 4096, 100000 },
	{ "pages, downwards", UINT64_C(1) << 40, -UINT64_C(4096), 100000 },
	{ "huge pages", 0, UINT64_C(2) << 20, 100000 },
	{ "gigabytes", 0, UINT64_C(1) << 30, 100000 },
	{ "the whole address space", 0, UINT64_C(1) << 47, 100000 },
	{ "no order", 1, UINT64_C(0x9e3779b97f4a7c15), 100000 },
};

/* Many areas go, in no order, and then come back. */
static void take_out_and_put_back(void)
{
	static struct model_area taken[REPLACED];

	for (size_t i = 0; i < REPLACED; i++) {
		const size_t at = random_below((unsigned int)ioas.area_count);

		taken[i] = ioas.areas[at];
		model_ioas_remove_area(&ioas, at);
	}
	for (size_t i = 0; i < REPLACED; i++)
		cr_assert_eq(model_ioas_insert_areas(&ioas, &taken[i], 1), 0);
}

Test(model_ioas_areas, the_treap_stays_flat_in_whatever_order_areas_come)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct model_area area = { .iova = orders[i].first, .length = 1 };
		size_t depth;

		for (size_t n = 0; n < orders[i].count; n++, area.iova += orders[i].step)
			cr_assert_eq(model_ioas_insert_areas(&ioas, &area, 1), 0);
		depth = depth_of_all();
		cr_expect_leq(depth, DEPTH_MAX, "%s", orders[i].what);
		take_out_and_put_back();
		cr_expect_eq(depth_of_all(), depth, "%s: the same areas, the same treap",
			orders[i].what);
		while (ioas.area_count)
			model_ioas_remove_area(&ioas, ioas.area_count / 2);
	}
}
