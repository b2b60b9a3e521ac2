// SPDX-License-Identifier: MIT
#include <errno.h>

#include "stage1_fixture.h"

static struct guest_ram ram;

static void open_ram(void)
{
	ram_open(&ram);
}

static void close_ram(void)
{
	guest_ram_close(&ram);
}

TestSuite(stage1_edit, .init = open_ram, .fini = close_ram);

static void expect_output(const struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa)
{
	struct iommuctl_stage1_walk walk = walk_to(&ram, stage1, iova);

	cr_expect_eq(
		walk.fault, IOMMUCTL_STAGE1_FAULT_NONE, "iova 0x%llx", (unsigned long long)iova);
	cr_expect_eq(walk.ipa, ipa, "iova 0x%llx", (unsigned long long)iova);
}

static void expect_unmapped(const struct iommuctl_stage1 *stage1, uint64_t iova)
{
	struct iommuctl_stage1_walk walk = walk_to(&ram, stage1, iova);

	cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_TRANSLATION, "iova 0x%llx",
		(unsigned long long)iova);
}

Test(stage1_edit, unmap_of_a_part_splits_the_block_and_keeps_the_rest)
{
	static const struct {
		uint32_t granule;
		uint64_t block, hole, hole_size, tables_before, tables;
	} cases[] = {
		{ 4096, 2 * MIB, 0x5000, 4096, 3, 4 },
		{ 4096, 1 * GIB, 0x5000, 4096, 2, 4 },
		{ 4096, 1 * GIB, 2 * MIB, 2 * MIB, 2, 3 },
		{ 4096, 1 * GIB, 2 * MIB - 4096, 8192, 2, 5 },
		{ 4096, 1 * GIB, 4096, 1 * GIB - 8192, 2, 5 },
		{ 16384, 32 * MIB, 16384, 16384, 3, 4 },
		{ 65536, 512 * MIB, 0, 65536, 2, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, cases[i].granule, 48, 8);
		uint64_t iova = 3 * cases[i].block, ipa = 5 * cases[i].block;
		uint64_t hole_end = cases[i].hole + cases[i].hole_size;

		cr_assert_eq(
			iommuctl_stage1_map(&stage1, iova, ipa, cases[i].block, &normal, 0), 0);
		cr_expect_eq(stage1.tables_used, cases[i].tables_before, "case %zu", i);

		cr_expect_eq(
			iommuctl_stage1_unmap(&stage1, iova + cases[i].hole, cases[i].hole_size), 0,
			"case %zu", i);
		cr_expect_eq(stage1.tables_used, cases[i].tables, "case %zu", i);

		expect_unmapped(&stage1, iova + cases[i].hole);
		expect_unmapped(&stage1, iova + hole_end - 1);
		expect_output(&stage1, iova + hole_end, ipa + hole_end);
		expect_output(&stage1, iova + cases[i].block - 1, ipa + cases[i].block - 1);
		if (cases[i].hole)
			expect_output(&stage1, iova + cases[i].hole - 1, ipa + cases[i].hole - 1);
	}
}

Test(stage1_edit, unmap_of_a_whole_block_needs_no_table)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 1);

	cr_assert_eq(iommuctl_stage1_map(&stage1, 1 * GIB, 0, 2 * GIB, &normal, 0), 0);
	cr_expect_eq(iommuctl_stage1_unmap(&stage1, 1 * GIB, 2 * GIB), 0);
	cr_expect_eq(word_of(&ram, RAM_IPA + 1 * 8), 0);
	cr_expect_eq(word_of(&ram, RAM_IPA + 2 * 8), 0);
}

Test(stage1_edit, mapping_again_uses_the_tables_that_unmap_left)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 3);

	for (uint64_t round = 0; round < 10; round++) {
		cr_expect_eq(
			iommuctl_stage1_map(&stage1, 0x1000, round << 20, 0x4000, &normal, 0), 0);
		expect_output(&stage1, 0x4fff, (round << 20) + 0x3fff);
		cr_expect_eq(iommuctl_stage1_unmap(&stage1, 0x1000, 0x4000), 0);
	}
	cr_expect_eq(stage1.tables_used, 3);
}

Test(stage1_edit, remap_changes_outputs_and_keeps_attributes)
{
	static const struct {
		uint64_t iova, ipa, size, leaf_size, tables;
	} cases[] = {
		{ 0, 6 * MIB, 2 * MIB, 2 * MIB, 3 },
		{ 0, 6 * MIB + 4096, 2 * MIB, 4096, 4 },
		{ 4096, 8 * MIB, 4096, 4096, 4 },
		{ 0, 8 * MIB, 4 * MIB, 2 * MIB, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 48, 8);
		struct iommuctl_stage1_attributes attributes = normal;
		struct iommuctl_stage1_walk walk;

		attributes.attr_index = 5;
		attributes.permissions = R | P;
		cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0, 4 * MIB, &attributes, 0), 0);
		cr_expect_eq(
			iommuctl_stage1_remap(&stage1, cases[i].iova, cases[i].ipa, cases[i].size),
			0, "case %zu", i);

		walk = walk_to(&ram, &stage1, cases[i].iova + cases[i].size - 1);
		cr_expect_eq(walk.ipa, cases[i].ipa + cases[i].size - 1, "case %zu", i);
		cr_expect_eq(walk.leaf_size, cases[i].leaf_size, "case %zu", i);
		cr_expect_eq(walk.attr_index, 5, "case %zu", i);
		cr_expect_eq(walk.privileged, R, "case %zu", i);
		cr_expect_eq(walk.unprivileged, 0, "case %zu", i);
		cr_expect_eq(stage1.tables_used, cases[i].tables, "case %zu", i);
	}
}

Test(stage1_edit, protect_changes_attributes_and_keeps_outputs)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 16384, 48, 8);
	const struct iommuctl_stage1_attributes read_only = {
		.permissions = R,
		.attr_index = 3,
		.shareability = IOMMUCTL_STAGE1_OUTER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 64 * MIB, 32 * MIB, &normal, 0), 0);
	cr_expect_eq(iommuctl_stage1_protect(&stage1, 16384, 16384, &read_only), 0);

	walk = walk_to(&ram, &stage1, 16384);
	cr_expect_eq(walk.ipa, 64 * MIB + 16384);
	cr_expect_eq(walk.unprivileged, R);
	cr_expect_eq(walk.attr_index, 3);
	cr_expect_eq(walk.shareability, IOMMUCTL_STAGE1_OUTER_SHAREABLE);
	cr_expect(walk.not_global);

	walk = walk_to(&ram, &stage1, 32768);
	cr_expect_eq(walk.ipa, 64 * MIB + 32768);
	cr_expect_eq(walk.unprivileged, R | W);
	cr_expect_not(walk.not_global);
}

Test(stage1_edit, a_cleared_access_flag_faults_until_it_is_set)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 65536, 42, 2);

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0, 512 * MIB, &normal, 0), 0);
	cr_expect_eq(iommuctl_stage1_set_access_flag(&stage1, 0, 65536, false), 0);
	cr_expect_eq(walk_to(&ram, &stage1, 0).fault, IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG);
	expect_output(&stage1, 65536, 65536);

	cr_expect_eq(iommuctl_stage1_set_access_flag(&stage1, 0, 65536, true), 0);
	expect_output(&stage1, 0, 0);
}

typedef int edit_fn(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size);

static int remap_to_zero(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_remap(stage1, iova, 0, size);
}

static int protect_as_privileged(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	const struct iommuctl_stage1_attributes privileged = { .permissions = R | P };

	return iommuctl_stage1_protect(stage1, iova, size, &privileged);
}

static int clear_access_flag(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	return iommuctl_stage1_set_access_flag(stage1, iova, size, false);
}

static edit_fn *const edits[] = {
	iommuctl_stage1_unmap,
	remap_to_zero,
	protect_as_privileged,
	clear_access_flag,
};

Test(stage1_edit, a_refused_edit_changes_nothing)
{
	/* A 2M block at 0, a hole, a page at 4M; one free table. */
	static const struct {
		uint64_t iova, size;
		int error;
	} cases[] = {
		{ 0, 0, -EINVAL },
		{ 2048, 4096, -EINVAL },
		{ 0, 4095, -EINVAL },
		{ 512 * GIB - 4096, 8192, -ERANGE },
		{ UINT64_MAX - 4095, 4096, -ERANGE },
		{ 4096, UINT64_MAX - 4095, -ERANGE },
		{ 2 * MIB, 4096, -ENOENT },
		{ 2 * MIB - 4096, 8192, -ENOENT },
		{ 0, 4 * MIB, -ENOENT },
		{ 4 * MIB, 8192, -ENOENT },
		{ 3 * GIB, 4096, -ENOENT },
		{ 8 * MIB + 4096, 3 * MIB, -ENOSPC },
	};
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 4);

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0, 2 * MIB, &normal, 0), 0);
	cr_assert_eq(iommuctl_stage1_map(&stage1, 4 * MIB, 0, 4096, &normal, 0), 0);
	cr_assert_eq(iommuctl_stage1_map(&stage1, 8 * MIB, 0, 4 * MIB, &normal, 0), 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(edits); j++) {
			struct snapshot before = take_snapshot(&ram, &stage1);

			cr_expect_eq(edits[j](&stage1, cases[i].iova, cases[i].size),
				cases[i].error, "case %zu, edit %zu", i, j);
			expect_unchanged(&ram, &before, &stage1);
		}
	}
}

Test(stage1_edit, remap_and_protect_check_what_they_are_given)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 4);
	const struct iommuctl_stage1_attributes nothing = { .permissions = 0 };

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0, 8192, &normal, 0), 0);
	cr_expect_eq(iommuctl_stage1_remap(&stage1, 0, 100, 4096), -EINVAL);
	cr_expect_eq(iommuctl_stage1_remap(&stage1, 0, 256 * TIB - 4096, 8192), -ERANGE);
	cr_expect_eq(iommuctl_stage1_remap(&stage1, 0, UINT64_MAX - 4095, 8192), -ERANGE);
	cr_expect_eq(iommuctl_stage1_protect(&stage1, 0, 4096, &nothing), -EINVAL);
	expect_output(&stage1, 0, 0);
}

Test(stage1_edit, tables_that_were_never_laid_out_are_refused)
{
	struct iommuctl_stage1 zeroes = { 0 };

	cr_expect_eq(iommuctl_stage1_map(&zeroes, 0, 0, 4096, &normal, 0), -EINVAL);
	cr_expect_eq(iommuctl_stage1_map(&zeroes, 0, 0, 4 * GIB, &normal, 0), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		cr_expect_eq(edits[i](&zeroes, 0, 4096), -EINVAL, "edit %zu", i);
		cr_expect_eq(edits[i](&zeroes, 0, 4 * GIB), -EINVAL, "edit %zu", i);
	}
	cr_expect_eq(iommuctl_stage1_init(&zeroes, NULL, &zeroes.config), -EINVAL);
}

Test(stage1_edit, follows_no_table_that_is_not_its_own)
{
	static const uint64_t elsewhere[] = {
		0,
		RAM_IPA - 4096,
		RAM_IPA + 3 * 4096,
		RAM_IPA + RAM_SIZE,
		(1ull << 48) - 4096,
	};

	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 8);
		struct snapshot before;

		cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0, 4096, &normal, 0), 0);
		set_word(&ram, RAM_IPA, elsewhere[i] | 3);
		before = take_snapshot(&ram, &stage1);

		cr_expect_eq(iommuctl_stage1_map(&stage1, 0, 0, 4096, &normal, 0), -EFAULT);
		for (size_t j = 0; j < ARRAY_SIZE(edits); j++)
			cr_expect_eq(edits[j](&stage1, 0, 4096), -EFAULT, "case %zu", i);
		expect_unchanged(&ram, &before, &stage1);
	}
}

Test(stage1_edit, ends_in_tables_that_loop)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 48, 8);

	set_word(&ram, RAM_IPA, RAM_IPA | 3);
	cr_expect_eq(iommuctl_stage1_map(&stage1, 0, 0, 4096, &normal, 0), -EEXIST);
	cr_expect_eq(iommuctl_stage1_map(&stage1, 4096, 0, 4096, &normal, 0), 0);
	cr_expect_eq(stage1.tables_used, 1);
}

/* What every page of a window should translate to, kept as simply as can be. */
struct page {
	bool mapped;
	uint64_t ipa;
	struct iommuctl_stage1_attributes attributes;
};

struct reference {
	struct iommuctl_stage1 stage1;
	uint64_t base;
	size_t page_count;
	size_t block_pages;
	struct page *pages;
	uint64_t random;
};

static uint64_t draw(struct reference *reference, uint64_t limit)
{
	reference->random = reference->random * 6364136223846793005ull + 1442695040888963407ull;
	return (reference->random >> 33) % limit;
}

/* Blocks and pages alike should be met: half of the numbers are rounded to whole blocks. */
static size_t draw_pages(struct reference *reference, size_t limit)
{
	size_t pages = draw(reference, limit);

	return draw(reference, 2) ? pages : pages / reference->block_pages * reference->block_pages;
}

/* Mostly a few pages or one block: an operation on more is mostly refused. */
static size_t draw_count(struct reference *reference, size_t limit)
{
	size_t count;

	switch (draw(reference, 4)) {
	case 0: count = 1 + draw(reference, 4); break;
	case 1: count = 1 + draw(reference, reference->block_pages); break;
	case 2: count = reference->block_pages; break;
	default: count = 1 + draw_pages(reference, limit);
	}
	return count < limit ? count : limit;
}

static struct iommuctl_stage1_attributes draw_attributes(struct reference *reference)
{
	return (struct iommuctl_stage1_attributes){
		.permissions = draw(reference, 2) ? R : R | W | P,
		.attr_index = draw(reference, 8),
		.shareability = 2 + draw(reference, 2),
		.access_flag = draw(reference, 2),
		.not_global = draw(reference, 2),
	};
}

static bool all_pages(const struct page *pages, size_t count, bool mapped)
{
	for (size_t i = 0; i < count; i++) {
		if (pages[i].mapped != mapped)
			return false;
	}
	return true;
}

enum operation { MAP, UNMAP, REMAP, PROTECT, ACCESS_FLAG, OPERATIONS };

static void apply_to_page(struct page *page, enum operation operation, uint64_t ipa,
	const struct iommuctl_stage1_attributes *attributes)
{
	page->mapped = operation != UNMAP;
	if (operation == MAP || operation == REMAP)
		page->ipa = ipa;
	if (operation == MAP || operation == PROTECT)
		page->attributes = *attributes;
	if (operation == ACCESS_FLAG)
		page->attributes.access_flag = attributes->access_flag;
}

static void do_random_operation(struct reference *reference)
{
	struct iommuctl_stage1 *stage1 = &reference->stage1;
	uint64_t granule = stage1->config.granule;
	enum operation operation = draw(reference, OPERATIONS);
	struct iommuctl_stage1_attributes attributes = draw_attributes(reference);
	size_t first = draw_pages(reference, reference->page_count);
	size_t count = draw_count(reference, reference->page_count - first);
	uint64_t iova = reference->base + first * granule, size = count * granule;
	uint64_t ipa = draw_pages(reference, 1ull << 30) * granule;
	uint32_t flags = draw(reference, 4) ? 0 : IOMMUCTL_STAGE1_NO_BLOCKS;
	int expected, result = -1;

	switch (operation) {
	case MAP: result = iommuctl_stage1_map(stage1, iova, ipa, size, &attributes, flags); break;
	case UNMAP: result = iommuctl_stage1_unmap(stage1, iova, size); break;
	case REMAP: result = iommuctl_stage1_remap(stage1, iova, ipa, size); break;
	case PROTECT: result = iommuctl_stage1_protect(stage1, iova, size, &attributes); break;
	default:
		result =
			iommuctl_stage1_set_access_flag(stage1, iova, size, attributes.access_flag);
	}

	expected = all_pages(&reference->pages[first], count, operation != MAP) ? 0
		   : operation == MAP						? -EEXIST
										: -ENOENT;
	cr_assert_eq(result, expected, "operation %d: %d, not %d", operation, result, expected);
	for (size_t i = 0; i < count && !result; i++)
		apply_to_page(
			&reference->pages[first + i], operation, ipa + i * granule, &attributes);
}

static bool page_is_as_expected(const struct reference *reference, size_t i)
{
	const struct page *page = &reference->pages[i];
	uint64_t iova = reference->base + i * reference->stage1.config.granule + 0xabc;
	struct iommuctl_stage1_walk walk = walk_to(&ram, &reference->stage1, iova);
	bool privileged = page->attributes.permissions & P;

	if (!page->mapped)
		return walk.fault == IOMMUCTL_STAGE1_FAULT_TRANSLATION;

	return walk.fault == (page->attributes.access_flag ? IOMMUCTL_STAGE1_FAULT_NONE
							   : IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG) &&
	       walk.ipa == page->ipa + 0xabc &&
	       walk.privileged == (page->attributes.permissions & (R | W)) &&
	       walk.unprivileged == (privileged ? 0 : page->attributes.permissions) &&
	       walk.attr_index == page->attributes.attr_index &&
	       walk.shareability == page->attributes.shareability &&
	       walk.not_global == page->attributes.not_global;
}

/* Tables are never given back, so blocks are only met in tables that are young. */
#define OPERATIONS_A_ROUND 60
#define OPERATIONS_A_CHECK 15

static void do_round(struct reference *reference)
{
	for (size_t n = 1; n <= OPERATIONS_A_ROUND; n++) {
		do_random_operation(reference);
		for (size_t i = 0; n % OPERATIONS_A_CHECK == 0 && i < reference->page_count; i++)
			cr_assert(page_is_as_expected(reference, i), "page %zu after operation %zu",
				i, n);
	}
}

Test(stage1_edit, random_operations_agree_with_a_plain_array)
{
	static const struct {
		uint32_t granule, input_bits;
		size_t block_pages, blocks, rounds;
		uint64_t base;
	} cases[] = {
		/* The window of the first case lies across a boundary between two 1G entries. */
		{ 4096, 39, 512, 6, 60, 1 * GIB - 6 * MIB },
		{ 4096, 48, 512, 3, 60, 256 * TIB - 6 * MIB },
		{ 4096, 25, 512, 3, 20, 0 },
		{ 16384, 48, 2048, 3, 40, 128 * TIB - 64 * MIB },
		{ 16384, 25, 512, 1, 20, 0 },
		{ 65536, 42, 8192, 2, 20, 1 * GIB },
	};
	struct reference reference = { .random = 1 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reference.base = cases[i].base;
		reference.block_pages = cases[i].block_pages;
		reference.page_count = cases[i].block_pages * cases[i].blocks;
		for (size_t round = 0; round < cases[i].rounds; round++) {
			reference.stage1 =
				stage1_with(&ram, cases[i].granule, cases[i].input_bits, 16);
			reference.pages = calloc(reference.page_count, sizeof(struct page));
			cr_assert_not_null(reference.pages);
			do_round(&reference);
			free(reference.pages);
		}
	}
}
