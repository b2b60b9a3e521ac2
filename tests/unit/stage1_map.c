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

TestSuite(stage1_map, .init = open_ram, .fini = close_ram);

Test(stage1_map, root_level_and_cd_fields_follow_from_granule_and_input_bits)
{
	static const struct {
		uint32_t granule;
		uint8_t input_bits, t0sz, tg, start_level;
	} cases[] = {
		{ 4096, 48, 16, 0, 0 },
		{ 4096, 40, 24, 0, 0 },
		{ 4096, 39, 25, 0, 1 },
		{ 4096, 31, 33, 0, 1 },
		{ 4096, 30, 34, 0, 2 },
		{ 4096, 25, 39, 0, 2 },
		{ 16384, 48, 16, 2, 0 },
		{ 16384, 47, 17, 2, 1 },
		{ 16384, 37, 27, 2, 1 },
		{ 16384, 36, 28, 2, 2 },
		{ 16384, 26, 38, 2, 2 },
		{ 16384, 25, 39, 2, 3 },
		{ 65536, 48, 16, 1, 1 },
		{ 65536, 43, 21, 1, 1 },
		{ 65536, 42, 22, 1, 2 },
		{ 65536, 30, 34, 1, 2 },
		{ 65536, 29, 35, 1, 3 },
		{ 65536, 25, 39, 1, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 =
			stage1_with(&ram, cases[i].granule, cases[i].input_bits, 1);
		struct iommuctl_stage1_walk walk = walk_to(&ram, &stage1, 0);

		cr_expect_eq(stage1.regime.ttb, RAM_IPA);
		cr_expect_eq(stage1.regime.t0sz, cases[i].t0sz, "case %zu", i);
		cr_expect_eq(stage1.regime.tg, cases[i].tg, "case %zu", i);
		cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_TRANSLATION, "case %zu", i);
		cr_expect_eq(walk.level, cases[i].start_level, "case %zu", i);
	}
}

Test(stage1_map, ips_follows_from_output_bits)
{
	static const uint8_t output_bits[] = { 32, 36, 40, 42, 44, 48 };

	for (size_t ips = 0; ips < ARRAY_SIZE(output_bits); ips++) {
		const struct iommuctl_stage1_config config = {
			.granule = 4096,
			.input_bits = 32,
			.output_bits = output_bits[ips],
			.table_ipa = RAM_IPA,
			.table_size = 4096,
		};
		struct iommuctl_stage1 stage1;

		cr_expect_eq(iommuctl_stage1_init(&stage1, &ram.memory, &config), 0);
		cr_expect_eq(stage1.regime.ips, ips);
	}
}

Test(stage1_map, init_refuses_what_is_not_defined)
{
	static const struct {
		struct iommuctl_stage1_config config;
		int error;
	} cases[] = {
		{ { 0, 39, 48, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 8192, 39, 48, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 12288, 39, 48, RAM_IPA, 60 * KIB }, -EINVAL },
		{ { 4096, 24, 48, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 4096, 49, 48, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 65536, 52, 48, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 4096, 39, 52, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 4096, 39, 39, RAM_IPA, 64 * KIB }, -EINVAL },
		{ { 4096, 39, 48, RAM_IPA + 8, 4096 }, -EINVAL },
		{ { 4096, 39, 48, RAM_IPA, 4097 }, -EINVAL },
		{ { 65536, 39, 48, RAM_IPA + 4096, 64 * KIB }, -EINVAL },
		{ { 4096, 39, 48, RAM_IPA, 0 }, -ENOSPC },
		{ { 4096, 39, 32, 4 * GIB - 4096, 8192 }, -ERANGE },
		{ { 4096, 39, 48, UINT64_MAX - 4095, 8192 }, -ERANGE },
		{ { 4096, 39, 48, 0, 4096 }, -EFAULT },
		{ { 4096, 39, 48, RAM_IPA, RAM_SIZE + 4096 }, -EFAULT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = { .tables_used = 77 };

		cr_expect_eq(iommuctl_stage1_init(&stage1, &ram.memory, &cases[i].config),
			cases[i].error, "case %zu", i);
		cr_expect_eq(stage1.tables_used, 77, "case %zu", i);
	}
	cr_expect_eq(word_of(&ram, RAM_IPA), 0xa5a5a5a5a5a5a5a5);
}

Test(stage1_map, a_page_is_the_architected_descriptors)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 48, 4);
	const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.attr_index = 1,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};

	cr_assert_eq(
		iommuctl_stage1_map(&stage1, 0x008040201000, 0xabcd12345000, 4096, &attributes, 0),
		0);

	cr_expect_eq(word_of(&ram, RAM_IPA + 0x0000 + 1 * 8), (RAM_IPA + 0x1000) | 3);
	cr_expect_eq(word_of(&ram, RAM_IPA + 0x1000 + 1 * 8), (RAM_IPA + 0x2000) | 3);
	cr_expect_eq(word_of(&ram, RAM_IPA + 0x2000 + 1 * 8), (RAM_IPA + 0x3000) | 3);
	cr_expect_eq(word_of(&ram, RAM_IPA + 0x3000 + 1 * 8), 0x0060abcd12345f47);
	cr_expect_eq(word_of(&ram, RAM_IPA + 0x3000 + 2 * 8), 0);
}

Test(stage1_map, a_block_is_the_architected_descriptor)
{
	static const struct {
		uint32_t granule;
		uint64_t size, descriptor;
	} cases[] = {
		{ 4096, 1 * GIB, 0x0060400000000741 },
		{ 4096, 2 * MIB, 0x0060400000000741 },
		{ 16384, 32 * MIB, 0x0060400000000741 },
		{ 65536, 512 * MIB, 0x0060400000000741 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, cases[i].granule, 48, 4);
		struct iommuctl_stage1_walk walk;

		cr_assert_eq(iommuctl_stage1_map(&stage1, cases[i].size, 0x400000000000,
				     cases[i].size, &normal, 0),
			0);
		walk = walk_to(&ram, &stage1, cases[i].size + 0x123);
		cr_expect_eq(walk.leaf_size, cases[i].size, "case %zu", i);
		cr_expect_eq(walk.ipa, 0x400000000123, "case %zu", i);
		cr_expect_eq(walk.steps[walk.step_count - 1].descriptor, cases[i].descriptor,
			"case %zu", i);
	}
}

Test(stage1_map, permissions_are_what_a_walk_finds)
{
	static const struct {
		uint8_t permissions, privileged, unprivileged;
	} cases[] = {
		{ R, R, R },
		{ R | W, R | W, R | W },
		{ R | X, R | X, R | X },
		{ R | W | X, R | W, R | W | X },
		{ R | P, R, 0 },
		{ R | W | P, R | W, 0 },
		{ R | X | P, R | X, 0 },
		{ R | W | X | P, R | W | X, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 3);
		struct iommuctl_stage1_attributes attributes = normal;
		struct iommuctl_stage1_walk walk;

		attributes.permissions = cases[i].permissions;
		cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0x5000, 4096, &attributes, 0), 0);
		walk = walk_to(&ram, &stage1, 0);
		cr_expect_eq(walk.privileged, cases[i].privileged, "case %zu", i);
		cr_expect_eq(walk.unprivileged, cases[i].unprivileged, "case %zu", i);
	}
}

Test(stage1_map, attributes_are_what_a_walk_finds)
{
	static const struct iommuctl_stage1_attributes cases[] = {
		{ R, 0, IOMMUCTL_STAGE1_NON_SHAREABLE, true, false },
		{ R | W, 1, IOMMUCTL_STAGE1_OUTER_SHAREABLE, true, false },
		{ R | W, 7, IOMMUCTL_STAGE1_INNER_SHAREABLE, false, false },
		{ R, 4, IOMMUCTL_STAGE1_INNER_SHAREABLE, true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, 16384, 36, 2);
		struct iommuctl_stage1_walk walk;

		cr_assert_eq(iommuctl_stage1_map(&stage1, 0, 0x4000, 16384, &cases[i], 0), 0);
		walk = walk_to(&ram, &stage1, 0);
		cr_expect_eq(walk.attr_index, cases[i].attr_index, "case %zu", i);
		cr_expect_eq(walk.shareability, cases[i].shareability, "case %zu", i);
		cr_expect_eq(walk.access_flag, cases[i].access_flag, "case %zu", i);
		cr_expect_eq(walk.not_global, cases[i].not_global, "case %zu", i);
	}
}

Test(stage1_map, the_msi_window_maps_onto_itself_as_device_memory)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 3);
	const struct iommuctl_stage1_attributes device = {
		.permissions = R | W,
		.attr_index = 2,
		.shareability = IOMMUCTL_STAGE1_NON_SHAREABLE,
		.access_flag = true,
	};
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0x8000000, 0x8000000, 1 * MIB, &device, 0), 0);
	cr_assert_eq(iommuctl_stage1_walk(&ram.memory, &stage1.regime, 0x80fffff, W, &walk), 0);
	cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_NONE);
	cr_expect_eq(walk.ipa, 0x80fffff);
	cr_expect_eq(walk.attr_index, 2);
}

Test(stage1_map, uses_the_largest_blocks_that_the_alignment_allows)
{
	static const struct {
		uint32_t granule, flags;
		uint64_t iova, ipa, size, tables, probe, leaf_size;
	} cases[] = {
		{ 4096, 0, 0, 0, 4 * GIB, 2, 3 * GIB, 1 * GIB },
		{ 4096, 0, 0, 0, 4 * GIB - 4096, 4, 0, 1 * GIB },
		{ 4096, 0, 0, 0, 4 * GIB - 4096, 4, 4 * GIB - 2 * MIB - 1, 2 * MIB },
		{ 4096, 0, 0, 0, 4 * GIB - 4096, 4, 4 * GIB - 4097, 4096 },
		{ 4096, 0, 4096, 4096, 1 * GIB, 6, 4096, 4096 },
		{ 4096, 0, 4096, 4096, 1 * GIB, 6, 2 * MIB, 2 * MIB },
		{ 4096, 0, 0, 2 * MIB, 2 * GIB, 4, 1 * GIB, 2 * MIB },
		{ 4096, 0, 0, 4096, 4 * MIB, 5, 2 * MIB, 4096 },
		{ 4096, IOMMUCTL_STAGE1_NO_BLOCKS, 0, 0, 4 * MIB, 5, 0, 4096 },
		{ 16384, 0, 0, 0, 64 * MIB, 3, 0, 32 * MIB },
		{ 16384, 0, 0, 0, 64 * MIB + 16384, 4, 64 * MIB, 16384 },
		{ 16384, 0, 0, 16384, 64 * MIB, 5, 0, 16384 },
		{ 16384, IOMMUCTL_STAGE1_NO_BLOCKS, 0, 0, 64 * MIB, 5, 0, 16384 },
		{ 65536, 0, 0, 0, 1 * GIB, 2, 512 * MIB, 512 * MIB },
		{ 65536, 0, 65536, 65536, 1 * GIB, 4, 65536, 65536 },
		{ 65536, 0, 65536, 65536, 1 * GIB, 4, 512 * MIB, 512 * MIB },
		{ 65536, IOMMUCTL_STAGE1_NO_BLOCKS, 0, 0, 1 * GIB, 4, 0, 65536 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, cases[i].granule, 48, 8);
		struct iommuctl_stage1_walk walk;

		cr_assert_eq(iommuctl_stage1_map(&stage1, cases[i].iova, cases[i].ipa,
				     cases[i].size, &normal, cases[i].flags),
			0, "case %zu", i);
		cr_expect_eq(stage1.tables_used, cases[i].tables, "case %zu: %llu tables", i,
			(unsigned long long)stage1.tables_used);
		walk = walk_to(&ram, &stage1, cases[i].probe);
		cr_expect_eq(walk.leaf_size, cases[i].leaf_size, "case %zu", i);
		cr_expect_eq(
			walk.ipa, cases[i].probe - cases[i].iova + cases[i].ipa, "case %zu", i);
	}
}

Test(stage1_map, reaches_the_top_of_both_address_spaces)
{
	static const uint32_t granules[] = { 4096, 16384, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		struct iommuctl_stage1 stage1 = stage1_with(&ram, granules[i], 48, 4);
		uint64_t top = (1ull << 48) - granules[i];
		struct iommuctl_stage1_walk walk;

		cr_expect_eq(iommuctl_stage1_map(&stage1, top, top, granules[i], &normal, 0), 0);
		walk = walk_to(&ram, &stage1, (1ull << 48) - 1);
		cr_expect_eq(walk.fault, IOMMUCTL_STAGE1_FAULT_NONE);
		cr_expect_eq(walk.ipa, (1ull << 48) - 1);
		cr_expect_eq(iommuctl_stage1_unmap(&stage1, top, granules[i]), 0);
	}
}

Test(stage1_map, refuses_ranges_that_do_not_fit)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 4);
	static const struct {
		uint64_t iova, ipa, size;
		int error;
	} cases[] = {
		{ 0, 0, 0, -EINVAL },
		{ 0, 0, 4095, -EINVAL },
		{ 1, 0, 4096, -EINVAL },
		{ 0, 2048, 4096, -EINVAL },
		{ 512 * GIB, 0, 4096, -ERANGE },
		{ 512 * GIB - 4096, 0, 8192, -ERANGE },
		{ 0, 256 * TIB, 4096, -ERANGE },
		{ 0, 256 * TIB - 4096, 8192, -ERANGE },
		{ UINT64_MAX - 4095, 0, 4096, -ERANGE },
		{ UINT64_MAX - 4095, 0, 8192, -ERANGE },
		{ 4096, 0, UINT64_MAX - 4095, -ERANGE },
		{ 0, UINT64_MAX - 4095, 8192, -ERANGE },
	};
	struct snapshot before = take_snapshot(&ram, &stage1);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(iommuctl_stage1_map(&stage1, cases[i].iova, cases[i].ipa,
				     cases[i].size, &normal, 0),
			cases[i].error, "case %zu", i);
	expect_unchanged(&ram, &before, &stage1);
}

Test(stage1_map, refuses_attributes_and_flags_that_are_not_defined)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 4);
	static const struct iommuctl_stage1_attributes cases[] = {
		{ .permissions = 0 },
		{ .permissions = W },
		{ .permissions = X | P },
		{ .permissions = R | 1u << 4 },
		{ .permissions = R, .attr_index = 8 },
		{ .permissions = R, .shareability = 1 },
		{ .permissions = R, .shareability = 4 },
	};
	struct snapshot before = take_snapshot(&ram, &stage1);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(iommuctl_stage1_map(&stage1, 0, 0, 4096, &cases[i], 0), -EINVAL,
			"case %zu", i);
	cr_expect_eq(iommuctl_stage1_map(&stage1, 0, 0, 4096, &normal, 2), -EINVAL);
	expect_unchanged(&ram, &before, &stage1);
}

Test(stage1_map, takes_an_entry_without_the_valid_bit_for_empty)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 3);

	set_word(&ram, RAM_IPA, ~1ull);
	cr_expect_eq(iommuctl_stage1_map(&stage1, 0x1000, 0x7000, 4096, &normal, 0), 0);
	cr_expect_eq(walk_to(&ram, &stage1, 0x1000).ipa, 0x7000);
	cr_expect_eq(walk_to(&ram, &stage1, 0x2000).fault, IOMMUCTL_STAGE1_FAULT_TRANSLATION);
	cr_expect_eq(walk_to(&ram, &stage1, 2 * MIB).fault, IOMMUCTL_STAGE1_FAULT_TRANSLATION);
}

Test(stage1_map, over_a_mapping_changes_nothing)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 39, 16);
	static const struct {
		uint64_t iova, size;
	} cases[] = {
		{ 0x600000, 4096 },
		{ 0x5ff000, 8192 },
		{ 0x000000, 8 * MIB },
		{ 1 * GIB, 4096 },
		{ 2 * GIB - 2 * MIB, 2 * MIB },
		{ 1 * GIB - 4096, 8192 },
		{ 2 * GIB - 4096, 8192 },
	};
	struct snapshot before;

	cr_assert_eq(iommuctl_stage1_map(&stage1, 0x600000, 0, 4096, &normal, 0), 0);
	cr_assert_eq(iommuctl_stage1_map(&stage1, 1 * GIB, 0, 1 * GIB, &normal, 0), 0);
	before = take_snapshot(&ram, &stage1);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(iommuctl_stage1_map(&stage1, cases[i].iova, 0, cases[i].size, &normal,
				     IOMMUCTL_STAGE1_NO_BLOCKS),
			-EEXIST, "case %zu", i);
	expect_unchanged(&ram, &before, &stage1);
}

Test(stage1_map, without_room_for_all_its_tables_changes_nothing)
{
	static const struct {
		uint32_t granule, tables;
		uint64_t iova, size;
	} cases[] = {
		{ 4096, 3, 0, 4096 },
		{ 4096, 4, 0, 4 * MIB },
		{ 4096, 6, 1 * GIB - 2 * MIB, 4 * MIB + 4096 },
		{ 4096, 8, 0, 256 * TIB },
		{ 16384, 4, 0, 64 * MIB },
		{ 65536, 3, 0, 1 * GIB },
		{ 65536, 1, 0, 512 * MIB },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_stage1 stage1 =
			stage1_with(&ram, cases[i].granule, 48, cases[i].tables);
		struct snapshot before = take_snapshot(&ram, &stage1);

		cr_expect_eq(iommuctl_stage1_map(&stage1, cases[i].iova, 0, cases[i].size, &normal,
				     IOMMUCTL_STAGE1_NO_BLOCKS),
			-ENOSPC, "case %zu", i);
		expect_unchanged(&ram, &before, &stage1);
	}
}

Test(stage1_map, fills_the_table_region_to_its_last_granule)
{
	struct iommuctl_stage1 stage1 = stage1_with(&ram, 4096, 48, 5);

	cr_expect_eq(
		iommuctl_stage1_map(&stage1, 0, 0, 4 * MIB, &normal, IOMMUCTL_STAGE1_NO_BLOCKS), 0);
	cr_expect_eq(stage1.tables_used, 5);
	cr_expect_eq(word_of(&ram, RAM_IPA + 5 * 4096), 0xa5a5a5a5a5a5a5a5);
}

Test(stage1_map, tables_that_were_not_initialised_are_refused)
{
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
	};
	static const uint64_t sizes[] = { 1, 4096, UINT64_C(1) << 32 };
	struct iommuctl_stage1 zeroes = { .tables_used = 0 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const uint64_t size = sizes[i];

		cr_expect_eq(iommuctl_stage1_map(&zeroes, 0, 0, size, &attributes, 0), -EINVAL);
		cr_expect_eq(iommuctl_stage1_unmap(&zeroes, 0, size), -EINVAL);
		cr_expect_eq(iommuctl_stage1_remap(&zeroes, 0, 0, size), -EINVAL);
		cr_expect_eq(iommuctl_stage1_protect(&zeroes, 0, size, &attributes), -EINVAL);
		cr_expect_eq(iommuctl_stage1_set_access_flag(&zeroes, 0, size, true), -EINVAL);
	}
}
