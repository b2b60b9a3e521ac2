// SPDX-License-Identifier: MIT
#include <errno.h>

#include "stage1_fixture.h"

/* Tables here are written by hand, so that the walker is not checked against the builder. */
#define TABLE	  3ull
#define PAGE	  3ull
#define BLOCK	  1ull
#define AF	  (1ull << 10)
#define AP_UNPRIV (1ull << 6)
#define AP_RO	  (1ull << 7)
#define PXN	  (1ull << 53)
#define UXN	  (1ull << 54)
#define PXN_TABLE (1ull << 59)
#define UXN_TABLE (1ull << 60)
#define AP_TABLE1 (1ull << 61)
#define AP_TABLE2 (1ull << 62)

#define OUTPUT 0x123440000000ull

static struct guest_ram ram;

static void open_ram(void)
{
	ram_open(&ram);
	memset(ram.range.host, 0, RAM_SIZE);
}

static void close_ram(void)
{
	guest_ram_close(&ram);
}

TestSuite(stage1_walk, .init = open_ram, .fini = close_ram);

struct granule {
	uint64_t size;
	uint8_t tg;
	unsigned int start_level;	/* with T0SZ 16 */
	unsigned int first_block_level; /* the lowest level that may have blocks */
};

static const struct granule granules[] = {
	{ 4096, 0, 0, 1 },
	{ 16384, 2, 0, 2 },
	{ 65536, 1, 1, 2 },
};

static uint64_t table_ipa(const struct granule *granule, unsigned int level)
{
	return RAM_IPA + level * granule->size;
}

/* Links a table per level, down to the one at @last; the IOVA is 0. */
static void link_tables(const struct granule *granule, unsigned int last)
{
	memset(ram.range.host, 0, RAM_SIZE);
	for (unsigned int level = granule->start_level; level < last; level++)
		set_word(&ram, table_ipa(granule, level), table_ipa(granule, level + 1) | TABLE);
}

static struct iommuctl_stage1_regime regime_of(const struct granule *granule)
{
	return (struct iommuctl_stage1_regime){
		.ttb = table_ipa(granule, granule->start_level),
		.t0sz = 16,
		.tg = granule->tg,
		.ips = 5,
	};
}

static struct iommuctl_stage1_walk walk_with(
	const struct iommuctl_stage1_regime *regime, uint64_t iova, uint32_t access)
{
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(iommuctl_stage1_walk(&ram.memory, regime, iova, access, &walk), 0);
	return walk;
}

/* Walks IOVA 0 with @entry at @level. */
static struct iommuctl_stage1_walk walk_to_entry(
	const struct granule *granule, unsigned int level, uint64_t entry, uint8_t ips)
{
	struct iommuctl_stage1_regime regime = regime_of(granule);

	link_tables(granule, level);
	set_word(&ram, table_ipa(granule, level), entry);
	regime.ips = ips;
	return walk_with(&regime, 0, R | W);
}

static void expect_end(const struct iommuctl_stage1_walk *walk, const struct granule *granule,
	enum iommuctl_stage1_fault fault, unsigned int level)
{
	cr_expect_eq(walk->fault, fault, "fault %d, not %d, at level %u of granule 0x%llx",
		walk->fault, fault, level, (unsigned long long)granule->size);
	cr_expect_eq(walk->level, level);
	cr_expect_eq(walk->step_count, level - granule->start_level + 1);
	cr_expect_eq(walk->steps[walk->step_count - 1].level, level);
}

Test(stage1_walk, an_invalid_descriptor_is_a_translation_fault_at_every_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		for (unsigned int level = granules[i].start_level; level <= 3; level++) {
			struct iommuctl_stage1_walk walk =
				walk_to_entry(&granules[i], level, ~1ull, 5);

			expect_end(&walk, &granules[i], IOMMUCTL_STAGE1_FAULT_TRANSLATION, level);
		}
	}
}

Test(stage1_walk, a_block_is_a_translation_fault_at_a_level_that_has_none)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		for (unsigned int level = granules[i].start_level; level <= 3; level++) {
			bool has_blocks = level >= granules[i].first_block_level && level < 3;
			struct iommuctl_stage1_walk walk = walk_to_entry(
				&granules[i], level, OUTPUT | BLOCK | AF | AP_UNPRIV, 5);

			expect_end(&walk, &granules[i],
				has_blocks ? IOMMUCTL_STAGE1_FAULT_NONE
					   : IOMMUCTL_STAGE1_FAULT_TRANSLATION,
				level);
		}
	}
}

Test(stage1_walk, finds_each_leaf_fault_at_every_level_that_has_leaves)
{
	static const struct {
		uint64_t entry;
		uint8_t ips;
		enum iommuctl_stage1_fault fault;
	} cases[] = {
		{ OUTPUT | AP_UNPRIV | AF, 5, IOMMUCTL_STAGE1_FAULT_NONE },
		{ OUTPUT | AP_UNPRIV, 5, IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG },
		{ OUTPUT | AP_UNPRIV | AP_RO | AF, 5, IOMMUCTL_STAGE1_FAULT_PERMISSION },
		{ OUTPUT | AF, 5, IOMMUCTL_STAGE1_FAULT_PERMISSION },
		{ OUTPUT | AP_UNPRIV | AF, 4, IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE },
		/* Of two faults, the one that the architecture puts first. */
		{ OUTPUT, 4, IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE },
		{ OUTPUT | AP_RO, 5, IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		for (unsigned int level = granules[i].first_block_level; level <= 3; level++) {
			for (size_t j = 0; j < ARRAY_SIZE(cases); j++) {
				uint64_t type = level == 3 ? PAGE : BLOCK;
				struct iommuctl_stage1_walk walk = walk_to_entry(
					&granules[i], level, cases[j].entry | type, cases[j].ips);

				expect_end(&walk, &granules[i], cases[j].fault, level);
			}
		}
	}
}

Test(stage1_walk, a_table_beyond_ips_is_an_address_size_fault_at_the_level_of_its_descriptor)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		for (unsigned int level = granules[i].start_level; level < 3; level++) {
			struct iommuctl_stage1_walk walk =
				walk_to_entry(&granules[i], level, OUTPUT | TABLE, 4);

			expect_end(&walk, &granules[i], IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE, level);
		}
	}
}

Test(stage1_walk, a_table_outside_of_memory_is_an_abort_at_the_next_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		for (unsigned int level = granules[i].start_level; level < 3; level++) {
			struct iommuctl_stage1_walk walk =
				walk_to_entry(&granules[i], level, OUTPUT | TABLE, 5);

			expect_end(
				&walk, &granules[i], IOMMUCTL_STAGE1_FAULT_TABLE_ABORT, level + 1);
			cr_expect_eq(walk.steps[walk.step_count - 1].descriptor_ipa, OUTPUT);
			cr_expect_eq(walk.steps[walk.step_count - 1].descriptor, 0);
		}
	}
}

Test(stage1_walk, tables_that_loop_end_at_the_last_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		uint64_t root = table_ipa(&granules[i], granules[i].start_level);
		struct iommuctl_stage1_walk walk = walk_to_entry(
			&granules[i], granules[i].start_level, root | TABLE | AF | AP_UNPRIV, 5);

		expect_end(&walk, &granules[i], IOMMUCTL_STAGE1_FAULT_NONE, 3);
		cr_expect_eq(walk.ipa, root);
	}
}

Test(stage1_walk, reports_every_step)
{
	const struct iommuctl_stage1_regime regime = {
		.ttb = RAM_IPA,
		.t0sz = 16,
		.ips = 5,
	};
	const uint64_t iova = 1ull << 39 | 2ull << 30 | 3ull << 21 | 4ull << 12 | 5;
	static const struct iommuctl_stage1_step expected[] = {
		{ 0, 1, RAM_IPA, RAM_IPA + 0x8, (RAM_IPA + 0x3000) | TABLE, IOMMUCTL_STAGE1_TABLE,
			RAM_IPA + 0x3000 },
		{ 1, 2, RAM_IPA + 0x3000, RAM_IPA + 0x3010, (RAM_IPA + 0x1000) | TABLE,
			IOMMUCTL_STAGE1_TABLE, RAM_IPA + 0x1000 },
		{ 2, 3, RAM_IPA + 0x1000, RAM_IPA + 0x1018, (RAM_IPA + 0x2000) | TABLE,
			IOMMUCTL_STAGE1_TABLE, RAM_IPA + 0x2000 },
		{ 3, 4, RAM_IPA + 0x2000, RAM_IPA + 0x2020, OUTPUT | PAGE | AF,
			IOMMUCTL_STAGE1_PAGE, OUTPUT },
	};
	struct iommuctl_stage1_walk walk;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		set_word(&ram, expected[i].descriptor_ipa, expected[i].descriptor);
	walk = walk_with(&regime, iova, 0);

	cr_expect_eq(walk.step_count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		cr_expect_eq(walk.steps[i].level, expected[i].level);
		cr_expect_eq(walk.steps[i].index, expected[i].index);
		cr_expect_eq(walk.steps[i].table_ipa, expected[i].table_ipa);
		cr_expect_eq(walk.steps[i].descriptor_ipa, expected[i].descriptor_ipa);
		cr_expect_eq(walk.steps[i].descriptor, expected[i].descriptor);
		cr_expect_eq(walk.steps[i].kind, expected[i].kind);
		cr_expect_eq(walk.steps[i].output, expected[i].output);
	}
	cr_expect_eq(walk.ipa, OUTPUT + 5);
	cr_expect_eq(walk.leaf_size, 4096);
}

Test(stage1_walk, reads_attributes_from_the_leaf)
{
	const struct iommuctl_stage1_walk walk = walk_to_entry(
		&granules[0], 3, OUTPUT | PAGE | AF | AP_UNPRIV | 6 << 2 | 2 << 8 | 1 << 11, 5);

	cr_expect_eq(walk.attr_index, 6);
	cr_expect_eq(walk.shareability, IOMMUCTL_STAGE1_OUTER_SHAREABLE);
	cr_expect(walk.access_flag);
	cr_expect(walk.not_global);
}

/* One 1G block at the bottom of a 512G space, and one at its top. */
static struct iommuctl_stage1_regime two_blocks(uint8_t flags)
{
	set_word(&ram, RAM_IPA, 1 * GIB | BLOCK | AF | AP_UNPRIV);
	set_word(&ram, RAM_IPA + 511 * 8, 2 * GIB | BLOCK | AF | AP_UNPRIV);
	return (struct iommuctl_stage1_regime){
		.ttb = RAM_IPA,
		.t0sz = 25,
		.tg = flags & IOMMUCTL_STAGE1_REGIME_TTB1 ? 2 : 0,
		.ips = 5,
		.flags = flags,
	};
}

#define TBI  IOMMUCTL_STAGE1_REGIME_TBI
#define TTB1 IOMMUCTL_STAGE1_REGIME_TTB1

Test(stage1_walk, an_address_beyond_t0sz_is_a_translation_fault_without_steps)
{
	static const struct {
		uint64_t iova, ipa; /* 0: fault */
		uint8_t flags;
	} cases[] = {
		{ 0x0000000000000123, 1 * GIB + 0x123, 0 },
		{ 0x0000007fffffffff, 3 * GIB - 1, 0 },
		{ 0x0000008000000000, 0, 0 },
		{ 0x0100000000000123, 0, 0 },
		{ 0xffffffffffffffff, 0, 0 },
		{ 0x0100000000000123, 1 * GIB + 0x123, TBI },
		{ 0xff00000000000123, 1 * GIB + 0x123, TBI },
		{ 0x0080000000000123, 0, TBI },
		{ 0x0000008000000000, 0, TBI },
		{ 0xffffff8000000123, 1 * GIB + 0x123, TTB1 },
		{ 0xffffffffffffffff, 3 * GIB - 1, TTB1 },
		{ 0xffffff7fffffffff, 0, TTB1 },
		{ 0xfeffff8000000123, 0, TTB1 },
		{ 0x0000000000000123, 0, TTB1 },
		{ 0x12ffff8000000123, 1 * GIB + 0x123, TTB1 | TBI },
		{ 0xff7fff8000000123, 0, TTB1 | TBI },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1_regime regime = two_blocks(cases[i].flags);
		struct iommuctl_stage1_walk walk = walk_with(&regime, cases[i].iova, R);

		cr_expect_eq(walk.fault,
			cases[i].ipa ? IOMMUCTL_STAGE1_FAULT_NONE
				     : IOMMUCTL_STAGE1_FAULT_TRANSLATION,
			"case %zu", i);
		cr_expect_eq(walk.ipa, cases[i].ipa, "case %zu", i);
		cr_expect_eq(walk.step_count, cases[i].ipa ? 1 : 0, "case %zu", i);
	}
}

Test(stage1_walk, a_ttb_beyond_ips_is_an_address_size_fault_without_steps)
{
	struct iommuctl_stage1_regime regime = two_blocks(0);
	struct iommuctl_stage1_walk walk;

	regime.ttb |= 1ull << 36;
	regime.ips = 1;
	walk = walk_with(&regime, 0, R);
	cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE);
	cr_expect_eq(walk.step_count, 0);
}

Test(stage1_walk, ignores_bits_of_ttb_below_the_alignment_of_the_root)
{
	static const struct {
		uint8_t t0sz;
		uint64_t ttb, root;
	} cases[] = {
		{ 25, RAM_IPA + 0x0ff0, RAM_IPA },
		{ 30, RAM_IPA + 0x0ff0, RAM_IPA + 0x0f80 },
		{ 33, RAM_IPA + 0x0ff0, RAM_IPA + 0x0fc0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_stage1_regime regime = {
			.ttb = cases[i].ttb,
			.t0sz = cases[i].t0sz,
		};

		cr_expect_eq(
			walk_with(&regime, 0, 0).steps[0].table_ipa, cases[i].root, "case %zu", i);
	}
}

Test(stage1_walk, refuses_a_regime_that_is_not_defined)
{
	static const struct {
		struct iommuctl_stage1_regime regime;
		uint32_t access;
		int error;
	} cases[] = {
		{ { RAM_IPA, 15, 0, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 40, 0, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 0, 0, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 255, 0, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 25, 3, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 25, 4, 5, 0 }, R, -EINVAL },
		{ { RAM_IPA, 25, 0, 5, TTB1 }, R, -EINVAL },
		{ { RAM_IPA, 25, 0, 5, 0x80 }, R, -EINVAL },
		{ { RAM_IPA, 25, 0, 5, 0 }, 16, -EINVAL },
		{ { RAM_IPA, 25, 0, 6, 0 }, R, -EOPNOTSUPP },
		{ { RAM_IPA, 25, 1, 7, 0 }, R, -EOPNOTSUPP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1_walk walk = { .ipa = 77 };

		cr_expect_eq(iommuctl_stage1_walk(
				     &ram.memory, &cases[i].regime, 0, cases[i].access, &walk),
			cases[i].error, "case %zu", i);
		cr_expect_eq(walk.ipa, 77, "case %zu", i);
	}
}

Test(stage1_walk, permissions_follow_from_leaf_tables_and_regime)
{
	enum {
		HAD = IOMMUCTL_STAGE1_REGIME_HAD,
		WXN = IOMMUCTL_STAGE1_REGIME_WXN,
		PAN = IOMMUCTL_STAGE1_REGIME_PAN
	};
	static const struct {
		uint64_t leaf, table;
		uint8_t flags, privileged, unprivileged;
	} cases[] = {
		{ 0, 0, 0, R | W | X, X },
		{ AP_UNPRIV, 0, 0, R | W, R | W | X },
		{ AP_RO, 0, 0, R | X, X },
		{ AP_RO | AP_UNPRIV, 0, 0, R | X, R | X },
		{ AP_UNPRIV | UXN, 0, 0, R | W, R | W },
		{ AP_RO | AP_UNPRIV | PXN, 0, 0, R, R | X },
		{ AP_RO | UXN | PXN, 0, 0, R, 0 },

		{ AP_UNPRIV, AP_TABLE1, 0, R | W | X, X },
		{ AP_UNPRIV, AP_TABLE2, 0, R | X, R | X },
		{ AP_UNPRIV, AP_TABLE1 | AP_TABLE2, 0, R | X, X },
		{ AP_RO | AP_UNPRIV, UXN_TABLE, 0, R | X, R },
		{ AP_RO | AP_UNPRIV, PXN_TABLE, 0, R, R | X },
		{ AP_UNPRIV, AP_TABLE1 | AP_TABLE2 | UXN_TABLE | PXN_TABLE, HAD, R | W, R | W | X },

		{ 0, 0, WXN, R | W, X },
		{ AP_UNPRIV, 0, WXN, R | W, R | W },
		{ AP_RO | AP_UNPRIV, 0, WXN, R | X, R | X },
		{ AP_UNPRIV, AP_TABLE2, WXN, R | X, R | X },

		{ AP_UNPRIV, 0, PAN, 0, R | W | X },
		{ AP_RO | AP_UNPRIV, 0, PAN, X, R | X },
		{ 0, 0, PAN, R | W | X, X },
		{ AP_UNPRIV, AP_TABLE1, PAN, R | W | X, X },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1_regime regime = regime_of(&granules[0]);

		link_tables(&granules[0], 3);
		set_word(&ram, table_ipa(&granules[0], 1),
			word_of(&ram, table_ipa(&granules[0], 1)) | (cases[i].table));
		set_word(&ram, table_ipa(&granules[0], 3), OUTPUT | PAGE | AF | cases[i].leaf);
		regime.flags = cases[i].flags;

		for (uint32_t access = 0; access < 16; access++) {
			struct iommuctl_stage1_walk walk = walk_with(&regime, 0, access);
			uint8_t allowed = access & P ? cases[i].privileged : cases[i].unprivileged;
			bool refused = access & ~P & ~allowed;

			cr_expect_eq(walk.privileged, cases[i].privileged, "case %zu", i);
			cr_expect_eq(walk.unprivileged, cases[i].unprivileged, "case %zu", i);
			cr_expect_eq(walk.fault,
				refused ? IOMMUCTL_STAGE1_FAULT_PERMISSION
					: IOMMUCTL_STAGE1_FAULT_NONE,
				"case %zu, access %u", i, access);
		}
	}
}

Test(stage1_walk, affd_lets_a_clear_access_flag_pass)
{
	struct iommuctl_stage1_regime regime = two_blocks(IOMMUCTL_STAGE1_REGIME_AFFD);
	struct iommuctl_stage1_walk walk;

	set_word(&ram, RAM_IPA, word_of(&ram, RAM_IPA) & ~AF);
	walk = walk_with(&regime, 0, R);
	cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_NONE);
	cr_expect_not(walk.access_flag);
}

Test(stage1_walk, a_root_that_memory_holds_only_in_part_aborts_where_it_ends)
{
	const struct iommuctl_stage1_regime regime = {
		.ttb = RAM_IPA + RAM_SIZE,
		.t0sz = 25,
		.ips = 5,
	};
	const struct iommuctl_guest_range ranges[] = {
		{ .ipa = RAM_IPA + RAM_SIZE, .size = 12, .host = ram.range.host },
		{ .ipa = RAM_IPA + RAM_SIZE + 16, .size = 16, .host = (char *)ram.range.host + 4 },
	};
	const struct iommuctl_guest_memory memory = { .ranges = ranges, .range_count = 2 };
	static const enum iommuctl_stage1_fault faults[] = {
		IOMMUCTL_STAGE1_FAULT_TRANSLATION,
		IOMMUCTL_STAGE1_FAULT_TABLE_ABORT, /* half of the descriptor */
		IOMMUCTL_STAGE1_FAULT_TABLE_ABORT, /* not aligned in this process */
		IOMMUCTL_STAGE1_FAULT_TABLE_ABORT,
		IOMMUCTL_STAGE1_FAULT_TABLE_ABORT, /* no memory */
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct iommuctl_stage1_walk walk;

		cr_assert_eq(iommuctl_stage1_walk(&memory, &regime, i * GIB, R, &walk), 0);
		cr_expect_eq(walk.fault, faults[i], "entry %zu", i);
	}
}

Test(stage1_walk, a_walk_of_random_tables_ends_within_bounds)
{
	uint64_t random = 1;

	for (uint64_t ipa = RAM_IPA; ipa < RAM_IPA + RAM_SIZE; ipa += 8) {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		/* Most entries lead on into this memory. */
		set_word(&ram, ipa,
			random >> 62 ? ((random >> 20) % RAM_SIZE + RAM_IPA) | 3 : random);
	}

	for (size_t i = 0; i < 100000; i++) {
		const struct granule *granule = &granules[i % ARRAY_SIZE(granules)];
		struct iommuctl_stage1_regime regime = regime_of(granule);
		struct iommuctl_stage1_walk walk;

		random = random * 6364136223846793005ull + 1442695040888963407ull;
		regime.t0sz = 16 + (random >> 59) % 24;
		walk = walk_with(&regime, (random >> 3) >> regime.t0sz, random >> 60);

		cr_assert_geq(walk.step_count, 1);
		cr_assert_leq(walk.step_count, IOMMUCTL_STAGE1_MAX_STEPS);
		cr_assert_leq(walk.level, 3);
		cr_assert_eq(walk.ipa >> 48, 0);
	}
}
