// SPDX-License-Identifier: MIT
#include <errno.h>

#include <iommuctl/cd_table.h>

#include "stage1_fixture.h"

#define LINEAR IOMMUCTL_SMMUV3_S1FMT_LINEAR
#define L2_4K  IOMMUCTL_SMMUV3_S1FMT_4K_L2
#define L2_64K IOMMUCTL_SMMUV3_S1FMT_64K_L2

#define V	  (1ull << 31)
#define UNTOUCHED 0xa5a5a5a5a5a5a5a5ull

static struct guest_ram ram;

static void open_ram(void)
{
	ram_open(&ram);
}

static void close_ram(void)
{
	guest_ram_close(&ram);
}

TestSuite(cd_table, .init = open_ram, .fini = close_ram);

static struct iommuctl_cd_table table_with(uint8_t s1fmt, uint8_t s1cdmax, uint32_t leaves)
{
	const struct iommuctl_cd_table_shape shape = { RAM_IPA, s1cdmax, s1fmt };
	struct iommuctl_cd_table table;
	uint64_t size, alignment;

	cr_assert_eq(iommuctl_cd_table_needs(&shape, leaves, &size, &alignment), 0);
	cr_assert_eq(iommuctl_cd_table_init(&table, &ram.memory, &shape, size), 0);
	return table;
}

struct cd {
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
};

/* A CD whose words are all different, and differ from those of any other @id. */
static struct cd cd_of(uint32_t id)
{
	struct cd cd;

	for (uint64_t i = 0; i < IOMMUCTL_SMMUV3_CD_WORDS; i++)
		cd.words[i] = (uint64_t)id << 32 | (i ? i : V);
	return cd;
}

static int set(struct iommuctl_cd_table *table, uint32_t ssid, uint32_t id)
{
	struct cd cd = cd_of(id);

	return iommuctl_cd_table_set(table, ssid, cd.words);
}

static void expect_cd_at(uint64_t ipa, uint32_t id)
{
	struct cd cd = cd_of(id);

	for (size_t i = 0; i < IOMMUCTL_SMMUV3_CD_WORDS; i++)
		cr_expect_eq(word_of(&ram, ipa + i * 8), cd.words[i], "word %zu of CD %u", i, id);
}

Test(cd_table, needs_follow_from_s1fmt_and_s1cdmax)
{
	static const struct {
		uint8_t s1fmt, s1cdmax;
		uint32_t leaves;
		int error;
		uint64_t size, alignment;
	} cases[] = {
		{ LINEAR, 0, 0, 0, 64, 64 },
		{ LINEAR, 1, 0, 0, 128, 128 },
		{ LINEAR, 10, 0, 0, 64 * KIB, 64 * KIB },
		{ LINEAR, 20, 99, 0, 64 * MIB, 64 * MIB },
		{ L2_4K, 0, 0, 0, 64, 64 },
		{ 3, 0, 0, 0, 64, 64 },
		{ L2_4K, 1, 1, 0, 8 * KIB, 4 * KIB },
		{ L2_4K, 6, 1, 0, 8 * KIB, 4 * KIB },
		{ L2_4K, 7, 2, 0, 12 * KIB, 4 * KIB },
		{ L2_4K, 20, 0, 0, 128 * KIB, 128 * KIB },
		{ L2_4K, 20, 3, 0, 140 * KIB, 128 * KIB },
		{ L2_4K, 20, 1 << 14, 0, 64 * MIB + 128 * KIB, 128 * KIB },
		{ L2_64K, 10, 1, 0, 128 * KIB, 64 * KIB },
		{ L2_64K, 20, 2, 0, 192 * KIB, 64 * KIB },
		{ LINEAR, 21, 0, -EINVAL, 0, 0 },
		{ L2_64K, 255, 0, -EINVAL, 0, 0 },
		{ 3, 1, 0, -EINVAL, 0, 0 },
		{ L2_4K, 6, 2, -ERANGE, 0, 0 },
		{ L2_64K, 20, 1025, -ERANGE, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_cd_table_shape shape = {
			.s1fmt = cases[i].s1fmt,
			.s1cdmax = cases[i].s1cdmax,
		};
		uint64_t size = 0, alignment = 0;

		cr_expect_eq(iommuctl_cd_table_needs(&shape, cases[i].leaves, &size, &alignment),
			cases[i].error, "case %zu", i);
		cr_expect_eq(size, cases[i].size, "case %zu", i);
		cr_expect_eq(alignment, cases[i].alignment, "case %zu", i);
	}
}

Test(cd_table, init_refuses_a_region_that_does_not_fit)
{
	static const struct {
		struct iommuctl_cd_table_shape shape;
		uint64_t size;
		int error;
	} cases[] = {
		{ { RAM_IPA + 64, 1, LINEAR }, 128, -EINVAL },
		{ { RAM_IPA + 4 * KIB, 7, L2_64K }, 256 * KIB, -EINVAL },
		{ { RAM_IPA, 21, LINEAR }, RAM_SIZE, -EINVAL },
		{ { RAM_IPA, 1, 3 }, RAM_SIZE, -EINVAL },
		{ { RAM_IPA, 1, LINEAR }, 127, -ENOSPC },
		{ { RAM_IPA, 20, L2_4K }, 128 * KIB - 1, -ENOSPC },
		{ { RAM_IPA, 20, L2_64K }, 8 * KIB, -ENOSPC },
		{ { (1ull << 52) - 64, 0, LINEAR }, 128, -ERANGE },
		{ { UINT64_MAX - 63, 0, LINEAR }, 64, -ERANGE },
		{ { 0, 1, LINEAR }, 128, -EFAULT },
		{ { RAM_IPA, 1, LINEAR }, RAM_SIZE + 1, -EFAULT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_cd_table table = { .size = 77 };

		cr_expect_eq(
			iommuctl_cd_table_init(&table, &ram.memory, &cases[i].shape, cases[i].size),
			cases[i].error, "case %zu", i);
		cr_expect_eq(table.size, 77, "case %zu", i);
	}
	cr_expect_eq(word_of(&ram, RAM_IPA), UNTOUCHED);
}

Test(cd_table, starts_with_no_valid_cd)
{
	struct iommuctl_cd_table table = table_with(LINEAR, 4, 0);
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	for (uint32_t ssid = 0; ssid < 16; ssid++) {
		cr_expect_eq(iommuctl_cd_table_get(&ram.memory, &table.shape, ssid, words), 0);
		cr_expect_eq(words[0], 0);
	}
	table = table_with(L2_4K, 8, 4);
	for (uint32_t ssid = 0; ssid < 256; ssid++)
		cr_expect_eq(
			iommuctl_cd_table_get(&ram.memory, &table.shape, ssid, words), -ENOENT);
}

Test(cd_table, cds_are_where_the_architecture_looks_for_them)
{
	/* Leaves are laid out in the order of first use, so each table is given one SSID. */
	static const struct {
		uint8_t s1fmt, s1cdmax;
		uint32_t ssid;
		uint64_t l1cd, cd;
	} cases[] = {
		{ LINEAR, 0, 0, 0, RAM_IPA },
		{ LINEAR, 5, 0, 0, RAM_IPA },
		{ LINEAR, 5, 31, 0, RAM_IPA + 31 * 64 },
		{ LINEAR, 15, 32767, 0, RAM_IPA + 32767 * 64 },
		{ L2_4K, 1, 1, RAM_IPA, RAM_IPA + 4 * KIB + 1 * 64 },
		{ L2_4K, 10, 63, RAM_IPA, RAM_IPA + 4 * KIB + 63 * 64 },
		{ L2_4K, 10, 64, RAM_IPA + 1 * 8, RAM_IPA + 4 * KIB },
		{ L2_4K, 10, 1023, RAM_IPA + 15 * 8, RAM_IPA + 4 * KIB + 63 * 64 },
		{ L2_4K, 20, 0xfffff, RAM_IPA + 0x3fff * 8, RAM_IPA + 128 * KIB + 63 * 64 },
		{ L2_64K, 4, 3, RAM_IPA, RAM_IPA + 64 * KIB + 3 * 64 },
		{ L2_64K, 20, 1023, RAM_IPA, RAM_IPA + 64 * KIB + 1023 * 64 },
		{ L2_64K, 20, 1025, RAM_IPA + 1 * 8, RAM_IPA + 64 * KIB + 1 * 64 },
		{ L2_64K, 20, 0xfffff, RAM_IPA + 1023 * 8, RAM_IPA + 64 * KIB + 1023 * 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t leaf_mask = cases[i].s1fmt == L2_64K ? 0xffff : 0xfff;
		struct iommuctl_cd_table table = table_with(cases[i].s1fmt, cases[i].s1cdmax, 1);
		uint64_t cd_ipa;

		cr_expect_eq(set(&table, cases[i].ssid, i), 0, "case %zu", i);
		expect_cd_at(cases[i].cd, i);
		cr_expect_eq(
			iommuctl_cd_table_find(&ram.memory, &table.shape, cases[i].ssid, &cd_ipa),
			0, "case %zu", i);
		cr_expect_eq(cd_ipa, cases[i].cd, "case %zu", i);
		if (cases[i].l1cd)
			cr_expect_eq(word_of(&ram, cases[i].l1cd), (cases[i].cd & ~leaf_mask) | 1,
				"case %zu", i);
	}
}

Test(cd_table, ssids_share_leaves_and_do_not_disturb_each_other)
{
	static const uint32_t ssids[] = { 5, 70, 4, 1023, 71, 0, 960 };
	struct iommuctl_cd_table table = table_with(L2_4K, 10, 3);
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	for (size_t i = 0; i < ARRAY_SIZE(ssids); i++)
		cr_expect_eq(set(&table, ssids[i], ssids[i]), 0, "SSID %u", ssids[i]);
	cr_expect_eq(table.leaves_used, 3);

	for (size_t i = 0; i < ARRAY_SIZE(ssids); i++) {
		struct cd cd = cd_of(ssids[i]);

		cr_expect_eq(iommuctl_cd_table_get(&ram.memory, &table.shape, ssids[i], words), 0);
		cr_expect_arr_eq(words, cd.words, sizeof(words), "SSID %u", ssids[i]);
	}
	cr_expect_eq(iommuctl_cd_table_get(&ram.memory, &table.shape, 6, words), 0);
	cr_expect_eq(words[0], 0);
}

Test(cd_table, set_replaces_and_clear_zeroes)
{
	static const uint8_t formats[] = { LINEAR, L2_4K, L2_64K };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct iommuctl_cd_table table = table_with(formats[i], 4, 1);
		uint64_t cd_ipa;

		cr_expect_eq(set(&table, 9, 1), 0);
		cr_expect_eq(set(&table, 9, 2), 0);
		cr_assert_eq(iommuctl_cd_table_find(&ram.memory, &table.shape, 9, &cd_ipa), 0);
		expect_cd_at(cd_ipa, 2);

		cr_expect_eq(iommuctl_cd_table_clear(&table, 9), 0);
		for (uint64_t word = 0; word < IOMMUCTL_SMMUV3_CD_WORDS; word++)
			cr_expect_eq(word_of(&ram, cd_ipa + word * 8), 0);
	}
}

Test(cd_table, ssids_at_and_beyond_the_end_are_refused)
{
	static const uint8_t formats[] = { LINEAR, L2_4K, L2_64K };
	static const uint8_t s1cdmax[] = { 0, 1, 6, 11 };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(s1cdmax); j++) {
			struct iommuctl_cd_table table = table_with(formats[i], s1cdmax[j], 1);
			const uint32_t ssids[] = { 1u << s1cdmax[j], 1u << 20, UINT32_MAX };

			cr_expect_eq(set(&table, (1u << s1cdmax[j]) - 1, 0), 0);
			for (size_t k = 0; k < ARRAY_SIZE(ssids); k++) {
				uint64_t cd_ipa;

				cr_expect_eq(set(&table, ssids[k], 0), -ERANGE);
				cr_expect_eq(iommuctl_cd_table_clear(&table, ssids[k]), -ERANGE);
				cr_expect_eq(iommuctl_cd_table_find(
						     &ram.memory, &table.shape, ssids[k], &cd_ipa),
					-ERANGE);
			}
		}
	}
}

Test(cd_table, without_room_for_a_leaf_links_nothing)
{
	struct iommuctl_cd_table table = table_with(L2_4K, 10, 1);

	cr_expect_eq(set(&table, 0, 0), 0);
	cr_expect_eq(set(&table, 64, 64), -ENOSPC);
	cr_expect_eq(table.leaves_used, 1);
	cr_expect_eq(word_of(&ram, RAM_IPA + 8), 0);
	cr_expect_eq(word_of(&ram, RAM_IPA + 8 * KIB), UNTOUCHED);
	cr_expect_eq(set(&table, 63, 63), 0);
	cr_expect_eq(iommuctl_cd_table_clear(&table, 64), -ENOENT);
}

Test(cd_table, find_follows_a_foreign_table_and_set_does_not)
{
	static const uint64_t elsewhere[] = {
		0,
		RAM_IPA + 1 * MIB,
		RAM_IPA + RAM_SIZE,
		(1ull << 52) - 4096,
	};
	struct iommuctl_cd_table table = table_with(L2_4K, 10, 1);

	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		uint64_t cd_ipa;

		set_word(&ram, RAM_IPA + 8, elsewhere[i] | 1);
		cr_expect_eq(iommuctl_cd_table_find(&ram.memory, &table.shape, 65, &cd_ipa), 0);
		cr_expect_eq(cd_ipa, elsewhere[i] + 64, "case %zu", i);
		cr_expect_eq(set(&table, 65, 0), -EFAULT, "case %zu", i);
		cr_expect_eq(iommuctl_cd_table_clear(&table, 65), -EFAULT, "case %zu", i);
	}
	cr_expect_eq(word_of(&ram, RAM_IPA + 1 * MIB + 64), UNTOUCHED);
}

Test(cd_table, find_ignores_bits_below_the_alignment_of_tables_and_leaves)
{
	static const struct {
		struct iommuctl_cd_table_shape shape;
		uint64_t l1cd, cd_ipa;
	} cases[] = {
		{ { RAM_IPA + 0x40, 4, LINEAR }, 0, RAM_IPA + 0x0c0 },
		{ { RAM_IPA + 0x40, 10, L2_4K }, RAM_IPA + 0x3ffd, RAM_IPA + 0x30c0 },
		{ { RAM_IPA + 0x40, 20, L2_64K }, RAM_IPA + 0x3f001, RAM_IPA + 0x300c0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t cd_ipa;

		set_word(&ram, RAM_IPA, cases[i].l1cd);
		cr_expect_eq(iommuctl_cd_table_find(&ram.memory, &cases[i].shape, 3, &cd_ipa), 0);
		cr_expect_eq(cd_ipa, cases[i].cd_ipa, "case %zu", i);
	}
}

Test(cd_table, find_and_get_report_what_is_outside_of_memory)
{
	const struct iommuctl_cd_table_shape nowhere = { 0x1000, 10, L2_4K };
	const struct iommuctl_cd_table_shape half = { RAM_IPA + RAM_SIZE, 1, LINEAR };
	const struct iommuctl_cd_table_shape top = { UINT64_MAX, 20, LINEAR };
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS] = { 77 };
	uint64_t cd_ipa = 77;

	cr_expect_eq(iommuctl_cd_table_find(&ram.memory, &nowhere, 0, &cd_ipa), -EFAULT);
	cr_expect_eq(cd_ipa, 77);
	cr_expect_eq(iommuctl_cd_table_find(&ram.memory, &half, 1, &cd_ipa), 0);
	cr_expect_eq(cd_ipa, RAM_IPA + RAM_SIZE + 64);
	cr_expect_eq(iommuctl_cd_table_get(&ram.memory, &half, 1, words), -EFAULT);
	cr_expect_eq(iommuctl_cd_table_get(&ram.memory, &top, 0xfffff, words), -EFAULT);
	cr_expect_eq(words[0], 77);
}

Test(cd_table, a_table_that_was_never_laid_out_is_refused)
{
	const struct iommuctl_cd_table_shape shape = { RAM_IPA, 0, LINEAR };
	struct iommuctl_cd_table zeroes = { 0 };

	cr_expect_eq(set(&zeroes, 0, 1), -EINVAL);
	cr_expect_eq(iommuctl_cd_table_clear(&zeroes, 0), -EINVAL);
	cr_expect_eq(iommuctl_cd_table_init(&zeroes, NULL, &shape, 4096), -EINVAL);
	cr_expect_eq(iommuctl_cd_table_init(&zeroes, &ram.memory, NULL, 4096), -EINVAL);
}

Test(cd_table, v_is_cleared_first_and_set_last)
{
	struct iommuctl_cd_table table = table_with(LINEAR, 0, 0);

	cr_assert_eq(set(&table, 0, 1), 0);

	/* Only words 0 to 3 can still be written, so the next CD stays incomplete. */
	ram.range.size = 4 * 8;
	cr_expect_eq(set(&table, 0, 2), -EFAULT);
	cr_expect_eq(word_of(&ram, RAM_IPA), 0);
}

Test(cd_table, a_cd_for_tables_has_them_in_their_half_and_faults_in_the_other)
{
	struct iommuctl_stage1_regime regime = { .ttb = RAM_IPA, .t0sz = 25, .ips = 2 };
	struct iommuctl_smmuv3_cd low = iommuctl_cd_for_stage1(&regime, 7), high;

	regime.flags = IOMMUCTL_STAGE1_REGIME_TTB1;
	regime.tg = IOMMUCTL_SMMUV3_TG1_4K;
	high = iommuctl_cd_for_stage1(&regime, 8);

	cr_expect(low.ttb0 == RAM_IPA && low.t0sz == 25 && !low.epd0 && low.epd1 && !low.ttb1);
	cr_expect(high.ttb1 == RAM_IPA && high.t1sz == 25 && !high.epd1 && high.epd0 && !high.ttb0);
	cr_expect(high.tg1 == IOMMUCTL_SMMUV3_TG1_4K);
	cr_expect(low.asid == 7 && high.asid == 8);
	cr_expect(low.ips == 2 && low.r && low.a && !low.s);
	cr_expect_eq(low.mair[IOMMUCTL_CD_MAIR_NORMAL], 0xff);
	cr_expect_eq(low.mair[IOMMUCTL_CD_MAIR_DEVICE], 0x04);
	cr_expect_eq(iommuctl_smmuv3_cd_validate(&low, NULL, NULL, NULL), 0);
	cr_expect_eq(iommuctl_smmuv3_cd_validate(&high, NULL, NULL, NULL), 0);
}

Test(cd_table, a_cd_says_how_each_half_is_walked)
{
	const struct iommuctl_smmuv3_cd cd = { .ttb0 = RAM_IPA,
		.t0sz = 25,
		.tg0 = IOMMUCTL_SMMUV3_TG0_64K,
		.ttb1 = RAM_IPA + 0x10000,
		.t1sz = 16,
		.tg1 = IOMMUCTL_SMMUV3_TG1_16K,
		.ips = 5,
		.tbi1 = 1,
		.had0 = 1,
		.affd = 1,
		.wxn = 1,
		.pan = 1 };
	const uint8_t both = IOMMUCTL_STAGE1_REGIME_AFFD | IOMMUCTL_STAGE1_REGIME_WXN |
			     IOMMUCTL_STAGE1_REGIME_PAN;
	const struct iommuctl_stage1_regime low = iommuctl_cd_get_regime(&cd, false);
	const struct iommuctl_stage1_regime high = iommuctl_cd_get_regime(&cd, true);

	cr_expect(low.ttb == RAM_IPA && low.t0sz == 25 && low.tg == 1 && low.ips == 5);
	cr_expect_eq(low.flags, both | IOMMUCTL_STAGE1_REGIME_HAD);
	cr_expect(high.ttb == RAM_IPA + 0x10000 && high.t0sz == 16 && high.tg == 1);
	cr_expect_eq(high.flags, both | IOMMUCTL_STAGE1_REGIME_TTB1 | IOMMUCTL_STAGE1_REGIME_TBI);
}
