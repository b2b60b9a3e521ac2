// SPDX-License-Identifier: MIT
/*
 * How much work an edit takes, whatever the guest has made of the tables: reads of entries,
 * counted.
 */
#include <errno.h>

#include "stage1/guest_memory.h"
#include "stage1_fixture.h"

#define GRANULE 4096ull
#define TABLES	32
#define ENTRIES (TABLES * GRANULE / 8)
#define LOOKS	(8 * ENTRIES)

static struct guest_ram ram;
static uint64_t looks;

int __real_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);
int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);

int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value)
{
	looks++;
	return __real_guest_memory_load64(memory, ipa, value);
}

static void open_ram(void)
{
	ram_open(&ram);
	looks = 0;
}

static void close_ram(void)
{
	guest_ram_close(&ram);
}

TestSuite(stage1_bounds, .init = open_ram, .fini = close_ram);

static int map_pages(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_map(stage1, iova, 0, size, &normal, IOMMUCTL_STAGE1_NO_BLOCKS);
}

static int remap(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_remap(stage1, iova, 0, size);
}

static int protect(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_protect(stage1, iova, size, &normal);
}

static int clear_access_flag(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_set_access_flag(stage1, iova, size, false);
}

static int (*const edits[])(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size) = {
	map_pages,
	iommuctl_stage1_unmap,
	remap,
	protect,
	clear_access_flag,
};

/* All entries of all tables but the last, of 512 pages or of none, lead to the next table. */
static struct iommuctl_stage1 redirected(bool mapped)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, GRANULE, 39, TABLES);
	const uint64_t middle = RAM_IPA + GRANULE, last = RAM_IPA + 2 * GRANULE;

	cr_assert_eq(map_pages(&stage1, 0, 2 * MIB), 0);
	if (!mapped)
		cr_assert_eq(iommuctl_stage1_unmap(&stage1, 0, 2 * MIB), 0);
	for (uint64_t i = 0; i < GRANULE / 8; i++) {
		set_word(&ram, RAM_IPA + i * 8, middle | 3);
		set_word(&ram, middle + i * 8, last | 3);
	}
	looks = 0;
	return stage1;
}

Test(stage1_bounds, entries_that_all_lead_to_one_table_do_not_make_an_edit_longer)
{
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		struct iommuctl_stage1 stage1 = redirected(edits[i] != map_pages);
		struct snapshot before = take_snapshot(&ram, &stage1);

		cr_expect_eq(edits[i](&stage1, 0, 64 * GIB), -EFAULT, "edit %zu", i);
		cr_expect_leq(looks, LOOKS, "edit %zu: %llu looks", i, (unsigned long long)looks);
		expect_unchanged(&ram, &before, &stage1);
	}
}

Test(stage1_bounds, honest_tables_of_any_size_are_edited_whole)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, GRANULE, 39, TABLES);
	const uint64_t size = (TABLES - 2) * 2 * MIB;

	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		const size_t at = i ? ARRAY_SIZE(edits) - i : 0; /* unmap comes last */

		looks = 0;
		cr_expect_eq(edits[at](&stage1, 0, size), 0, "edit %zu", at);
		cr_expect_leq(looks, 2 * ENTRIES, "edit %zu", at);
	}
	cr_expect_eq(stage1.tables_used, TABLES);
}
