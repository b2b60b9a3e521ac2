// SPDX-License-Identifier: MIT
/* The TLB in isolation, compared with a list that is searched from end to end. */

#include <criterion/criterion.h>

#include "array.h"
#include "model/smmu/private.h"

#define CAPACITY   64
#define VMIDS	   2
#define ASIDS	   3
#define KINDS	   3
#define OPERATIONS 20000

static struct smmu_tlb tlb;
static struct smmu_tlb_key kept[CAPACITY];
static uint32_t kept_count;
static uint64_t random_state;

static void start(void)
{
	cr_assert_eq(smmu_tlb_init(&tlb, CAPACITY), 0);
	kept_count = 0;
	random_state = 1;
}

static void stop(void)
{
	smmu_tlb_release(&tlb);
}

TestSuite(model_smmu_tlb_table, .init = start, .fini = stop);

static unsigned int random_below(unsigned int limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state % limit);
}

static const struct {
	const char *what;
	uint64_t base;
	uint64_t step; /* from page to page */
	unsigned int pages;
	unsigned int drops; /* of 100 operations */
	uint64_t longest;   /* range that is dropped, in bytes */
} runs[] = {
	{ "one page for all", 0, SMMU_PAGE_SIZE, 1, 50, 1 },
	{ "neighbours", 0x40000000, SMMU_PAGE_SIZE, 16, 40, 4 * SMMU_PAGE_SIZE },
	{ "neighbours, long ranges", 0x40000000, SMMU_PAGE_SIZE, 64, 20, 64 * SMMU_PAGE_SIZE },
	{ "far from each other", 0, UINT64_C(1) << 30, 64, 40, UINT64_C(1) << 31 },
	{ "the end of the address space", -16 * SMMU_PAGE_SIZE, SMMU_PAGE_SIZE, 16, 40,
		8 * SMMU_PAGE_SIZE },
};

static struct smmu_tlb_key random_key(size_t run)
{
	const enum smmu_tlb_kind kind = random_below(KINDS);

	return (struct smmu_tlb_key){
		.page = runs[run].base + random_below(runs[run].pages) * runs[run].step,
		.vmid = (uint16_t)random_below(VMIDS),
		.asid = kind == SMMU_TLB_ASID ? (uint16_t)random_below(ASIDS) : 0,
		.kind = kind,
	};
}

static bool is_same(const struct smmu_tlb_key *a, const struct smmu_tlb_key *b)
{
	return a->page == b->page && a->vmid == b->vmid && a->asid == b->asid && a->kind == b->kind;
}

static bool is_kept(const struct smmu_tlb_key *key)
{
	for (uint32_t i = 0; i < kept_count; i++)
		if (is_same(&kept[i], key))
			return true;
	return false;
}

static void add(size_t run)
{
	const struct smmu_tlb_entry entry = { .key = random_key(run) };

	if (is_kept(&entry.key))
		return;
	if (kept_count == CAPACITY)
		kept_count = 0;
	kept[kept_count++] = entry.key;
	smmu_tlb_add(&tlb, &entry);
}

static bool is_in(const struct smmu_tlb_key *key, const struct smmu_tlb_scope *scope)
{
	const bool asid = scope->any_asid || key->kind != SMMU_TLB_ASID || key->asid == scope->asid;

	return asid && scope->kinds >> key->kind & 1 && key->vmid == scope->vmid &&
	       key->page <= scope->last && key->page + (SMMU_PAGE_SIZE - 1) >= scope->first;
}

static void drop(size_t run)
{
	const struct smmu_tlb_key key = random_key(run);
	struct smmu_tlb_scope scope = {
		.kinds = 1 + random_below((1 << KINDS) - 1),
		.vmid = key.vmid,
		.asid = (uint16_t)random_below(ASIDS),
		.any_asid = random_below(2),
		.first = key.page + random_below(2) * (SMMU_PAGE_SIZE - 1),
	};
	uint32_t left = 0;

	if (__builtin_add_overflow(
		    scope.first, random_below(8) * runs[run].longest / 8, &scope.last))
		scope.last = UINT64_MAX;
	smmu_tlb_drop(&tlb, &scope);
	for (uint32_t i = 0; i < kept_count; i++)
		if (!is_in(&kept[i], &scope))
			kept[left++] = kept[i];
	kept_count = left;
}

static void expect_same(const char *what)
{
	cr_assert_eq(tlb.count, kept_count, "%s", what);
	for (uint32_t i = 0; i < kept_count; i++) {
		const struct smmu_tlb_entry *entry = smmu_tlb_find(&tlb, &kept[i]);

		cr_assert_not_null(entry, "%s", what);
		cr_assert(is_same(&entry->key, &kept[i]), "%s", what);
	}
}

Test(model_smmu_tlb_table, random_additions_and_drops_leave_what_is_expected)
{
	for (size_t run = 0; run < ARRAY_SIZE(runs); run++) {
		for (unsigned int i = 0; i < OPERATIONS; i++) {
			const struct smmu_tlb_key any = random_key(run);

			if (random_below(100) < runs[run].drops)
				drop(run);
			else
				add(run);
			expect_same(runs[run].what);
			cr_assert_eq(smmu_tlb_find(&tlb, &any) != NULL, is_kept(&any));
		}
		smmu_tlb_clear(&tlb);
		kept_count = 0;
		expect_same(runs[run].what);
	}
}
