// SPDX-License-Identifier: MIT
/* Invalidations of the generic interface, as commands. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/generic.h>

#include "array.h"

#define IOTLB	    IOMMUCTL_GENERIC_CACHE_IOTLB
#define DEV_IOTLB   IOMMUCTL_GENERIC_CACHE_DEV_IOTLB
#define PASID_CACHE IOMMUCTL_GENERIC_CACHE_PASID
#define ASID	    7
#define PASID	    5
#define PAGE	    UINT64_C(4096)
#define ROOM	    2048

static const struct iommuctl_smmuv3_idr unrolling = { .ssidsize = 16, .ats = 1, .asid16 = 1 };
static const struct iommuctl_smmuv3_idr ranging = {
	.ssidsize = 16,
	.ats = 1,
	.asid16 = 1,
	.ril = 1,
};
static const uint32_t vsids[] = { 0x42, 0x99 };

static struct iommuctl_generic_target target_of(
	const struct iommuctl_smmuv3_idr *idr, uint32_t granule)
{
	return (struct iommuctl_generic_target){
		.idr = idr,
		.vsids = vsids,
		.vsid_count = ARRAY_SIZE(vsids),
		.granule = granule,
	};
}

static struct iommuctl_generic_invalidation pages(
	uint8_t caches, uint64_t address, uint64_t count, uint8_t shift)
{
	return (struct iommuctl_generic_invalidation){
		.caches = caches,
		.granularity = IOMMUCTL_GENERIC_PAGE,
		.asid = ASID,
		.pasid = PASID,
		.address = address,
		.page_count = count,
		.page_shift = shift,
	};
}

/* All commands of an invalidation, each legal on the SMMU that it is for. */
static size_t translate(const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_generic_target *target, struct iommuctl_smmuv3_cmd *cmds)
{
	static uint64_t words[ROOM][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_generic_cursor cursor;
	size_t count;

	cr_assert_eq(iommuctl_generic_start(&cursor, invalidation, target, NULL), 0);
	count = iommuctl_generic_next(&cursor, words, ROOM);
	cr_assert_eq(iommuctl_generic_next(&cursor, words, ROOM), 0);
	for (size_t i = 0; i < count; i++) {
		struct iommuctl_smmuv3_refusal refusal;

		cr_assert_eq(iommuctl_smmuv3_cmd_validate(words[i], target->idr, &refusal), 0,
			"command %zu: %s %s", i, refusal.field, refusal.reason);
		iommuctl_smmuv3_cmd_decode(words[i], &cmds[i]);
	}
	return count;
}

Test(generic_invalidate, each_cache_and_granularity_has_its_commands)
{
	static const struct {
		uint8_t caches;
		enum iommuctl_generic_granularity granularity;
		size_t count;
		struct iommuctl_smmuv3_cmd cmds[4];
	} rows[] = {
		{ IOTLB, IOMMUCTL_GENERIC_DOMAIN, 1,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL } } },
		{ IOTLB, IOMMUCTL_GENERIC_PASID, 1,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID } } },
		{ IOTLB, IOMMUCTL_GENERIC_PAGE, 1,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
				.asid = ASID,
				.address = 0x1000 } } },
		{ PASID_CACHE, IOMMUCTL_GENERIC_DOMAIN, 2,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = 0x42 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = 0x99 } } },
		{ PASID_CACHE, IOMMUCTL_GENERIC_PASID, 2,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD,
				  .streamid = 0x42,
				  .substreamid = PASID },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD,
					.streamid = 0x99,
					.substreamid = PASID } } },
		{ DEV_IOTLB, IOMMUCTL_GENERIC_DOMAIN, 4,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV, .streamid = 0x42, .size = 52 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x42,
					.ssv = 1,
					.global = 1,
					.size = 52 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x99,
					.size = 52 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x99,
					.ssv = 1,
					.global = 1,
					.size = 52 } } },
		{ DEV_IOTLB, IOMMUCTL_GENERIC_PASID, 2,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
				  .streamid = 0x42,
				  .ssv = 1,
				  .substreamid = PASID,
				  .size = 52 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x99,
					.ssv = 1,
					.substreamid = PASID,
					.size = 52 } } },
		{ DEV_IOTLB, IOMMUCTL_GENERIC_PAGE, 2,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
				  .streamid = 0x42,
				  .ssv = 1,
				  .substreamid = PASID,
				  .address = 0x1000 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x99,
					.ssv = 1,
					.substreamid = PASID,
					.address = 0x1000 } } },
		{ IOTLB | PASID_CACHE, IOMMUCTL_GENERIC_PASID, 3,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD,
				  .streamid = 0x42,
				  .substreamid = PASID },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD,
					.streamid = 0x99,
					.substreamid = PASID },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID } } },
		{ IOTLB | DEV_IOTLB, IOMMUCTL_GENERIC_PAGE, 3,
			{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
				  .asid = ASID,
				  .address = 0x1000 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x42,
					.ssv = 1,
					.substreamid = PASID,
					.address = 0x1000 },
				{ .opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
					.streamid = 0x99,
					.ssv = 1,
					.substreamid = PASID,
					.address = 0x1000 } } },
	};
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_generic_target target = target_of(&ranging, 4096);
		struct iommuctl_generic_invalidation invalidation =
			pages(rows[i].caches, 0x1000, 1, 12);
		size_t count;

		invalidation.granularity = rows[i].granularity;
		count = translate(&invalidation, &target, cmds);
		cr_assert_eq(count, rows[i].count, "row %zu: %zu commands", i, count);
		for (size_t j = 0; j < count; j++)
			cr_expect_eq(memcmp(&cmds[j], &rows[i].cmds[j], sizeof(cmds[j])), 0,
				"row %zu, command %zu", i, j);
	}
}

/* The pages of @granule that a TLBI command names: from cmd->address on. */
static uint64_t pages_of(const struct iommuctl_smmuv3_cmd *cmd)
{
	return cmd->tg ? (uint64_t)(cmd->num + 1) << cmd->scale : 1;
}

Test(generic_invalidate, ranges_name_exactly_the_pages)
{
	static const uint32_t granules[] = { 4096, 16384, 65536 };
	static const struct {
		uint64_t address, count;
		uint8_t shift;
	} rows[] = {
		{ 0, 1, 12 },
		{ 0x7fff000, 2, 12 },
		{ 0x1000, 31, 12 },
		{ 0x1000, 32, 12 },
		{ 0x1000, 33, 12 },
		{ 0x3000, 1023, 12 },
		{ 0x200000, 3, 21 },
		{ 0x5000, 123456789, 12 },
		{ UINT64_MAX - 0xfff, 1, 12 },
		{ UINT64_C(1) << 52, 1, 52 },
	};
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			const struct iommuctl_generic_target target =
				target_of(&ranging, granules[g]);
			const struct iommuctl_generic_invalidation invalidation =
				pages(IOTLB, rows[i].address, rows[i].count, rows[i].shift);
			const uint64_t mask = granules[g] - 1;
			const uint64_t last =
				rows[i].address + (rows[i].count << rows[i].shift) - 1;
			uint64_t at = rows[i].address & ~mask;
			const size_t count = translate(&invalidation, &target, cmds);

			cr_assert_gt(count, 0);
			for (size_t j = 0; j < count; j++) {
				cr_expect_eq(cmds[j].opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA);
				cr_expect_eq(cmds[j].asid, ASID);
				cr_expect_eq(cmds[j].address, at, "row %zu", i);
				cr_expect(cmds[j].tg == 0 || cmds[j].tg == g + 1);
				at += pages_of(&cmds[j]) * granules[g];
			}
			cr_expect_eq(at - 1, last | mask, "row %zu of granule %u", i, granules[g]);
		}
	}
}

Test(generic_invalidate, without_ranges_there_is_one_command_per_leaf)
{
	static const struct {
		uint64_t address, count;
		uint8_t shift;
		uint32_t granule;
		bool ds;
		size_t commands;
		uint64_t stride;
	} rows[] = {
		{ 0x1000, 5, 12, 4096, false, 5, 0x1000 },
		{ 0x2000, 5, 13, 4096, false, 10, 0x1000 },
		{ 0x200000, 5, 21, 4096, false, 5, 0x200000 },
		{ 0x400000, 5, 22, 4096, false, 10, 0x200000 },
		{ UINT64_C(0x40000000), 3, 30, 4096, false, 3, 0x40000000 },
		{ 0, 1, 39, 4096, false, 512, 0x40000000 },
		{ 0, 1, 39, 4096, true, 1, UINT64_C(1) << 39 },
		{ 0x3000, 2, 12, 16384, false, 2, 0x4000 },
		{ 0x2000000, 2, 25, 16384, false, 2, 0x2000000 },
		{ 0xf000, 1, 12, 65536, false, 1, 0x10000 },
		{ 0x20000000, 2, 29, 65536, false, 2, 0x20000000 },
		{ UINT64_MAX - 0xfff, 1, 12, 4096, false, 1, 0x1000 },
	};
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct iommuctl_smmuv3_idr idr = { .asid16 = 1, .ds = rows[i].ds };
		const struct iommuctl_generic_target target = target_of(&idr, rows[i].granule);
		struct iommuctl_generic_invalidation invalidation =
			pages(IOTLB, rows[i].address, rows[i].count, rows[i].shift);
		const uint64_t start = rows[i].address & ~(uint64_t)(rows[i].granule - 1);
		size_t count;

		invalidation.leaf = true;
		count = translate(&invalidation, &target, cmds);
		cr_assert_eq(count, rows[i].commands, "row %zu: %zu", i, count);
		for (size_t j = 0; j < count; j++) {
			cr_expect_eq(cmds[j].opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA);
			cr_expect_eq(cmds[j].address, start + j * rows[i].stride, "row %zu", i);
			cr_expect_eq(cmds[j].leaf, 1);
			cr_expect_eq(cmds[j].tg, 0);
		}
	}
}

Test(generic_invalidate, above_the_threshold_the_whole_asid_goes)
{
	static const struct {
		const struct iommuctl_smmuv3_idr *idr;
		uint64_t count;
		uint32_t threshold;
		bool all_asids;
		uint8_t opcode;
		size_t commands;
	} rows[] = {
		{ &unrolling, 512, 0, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, 512 },
		{ &unrolling, 513, 0, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, 1 },
		{ &unrolling, 513, 0, true, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, 1 },
		{ &unrolling, 4, 4, true, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, 4 },
		{ &unrolling, 5, 4, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, 1 },
		{ &unrolling, UINT64_C(1) << 52, 0, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, 1 },
		{ &ranging, 33, 2, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, 2 },
		{ &ranging, 33, 1, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, 1 },
		{ &ranging, UINT64_C(1) << 52, 0, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, 1 },
		{ &ranging, UINT64_C(1) << 45, 0, false, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, 512 },
	};
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_generic_target target = target_of(rows[i].idr, 4096);
		struct iommuctl_generic_invalidation invalidation =
			pages(IOTLB, 0, rows[i].count, 12);
		size_t count;

		target.threshold = rows[i].threshold;
		invalidation.all_asids = rows[i].all_asids;
		count = translate(&invalidation, &target, cmds);
		cr_assert_eq(count, rows[i].commands, "row %zu: %zu", i, count);
		cr_expect_eq(cmds[0].opcode, rows[i].opcode, "row %zu", i);
	}
}

Test(generic_invalidate, what_the_caller_leaves_out_is_named)
{
	static const uint32_t vsid = 1;
	const struct iommuctl_smmuv3_idr idr = { .ats = 1 };
	const struct iommuctl_generic_invalidation invalidation = { .caches = 1 };
	const struct {
		struct iommuctl_generic_target target;
		const char *field;
	} cases[] = {
		{ { .vsids = &vsid, .vsid_count = 1 }, "idr" },
		{ { .idr = &idr, .vsid_count = 1 }, "vsids" },
	};
	struct iommuctl_generic_problem problem;
	struct iommuctl_generic_cursor cursor;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(
			iommuctl_generic_start(&cursor, &invalidation, &cases[i].target, &problem),
			-EINVAL);
		cr_expect_str_eq(problem.field, cases[i].field);
		cr_expect_eq(problem.size, 0);
	}
}

Test(generic_invalidate, device_caches_are_covered_exactly_by_aligned_powers_of_two)
{
	static const struct {
		uint64_t address, count;
		size_t commands;
	} rows[] = {
		{ 0x1000, 1, 1 },
		{ 0x4000, 4, 1 },
		{ 0x3000, 2, 2 },
		{ 0x1000, 7, 3 },
		{ 0x7000, 10, 3 },
		{ UINT64_MAX - 0x1fff, 2, 1 },
		{ 0, UINT64_C(1) << 52, 1 },
		{ 0x1000, (UINT64_C(1) << 52) - 2, 102 },
	};
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct iommuctl_generic_target target = target_of(&unrolling, 4096);
		const struct iommuctl_generic_invalidation invalidation =
			pages(DEV_IOTLB, rows[i].address, rows[i].count, 12);
		const size_t count = translate(&invalidation, &target, cmds);

		cr_assert_eq(count, 2 * rows[i].commands, "row %zu: %zu", i, count);
		for (size_t half = 0; half < 2; half++) {
			uint64_t at = rows[i].address >> 12;

			for (size_t j = 0; j < rows[i].commands; j++) {
				const struct iommuctl_smmuv3_cmd *cmd =
					&cmds[half * rows[i].commands + j];

				cr_expect_eq(cmd->streamid, vsids[half]);
				cr_expect_eq(cmd->address >> 12, at);
				cr_expect_eq(at & ((UINT64_C(1) << cmd->size) - 1), 0);
				at += UINT64_C(1) << cmd->size;
			}
			cr_expect_eq(at, (rows[i].address >> 12) + rows[i].count);
		}
	}
}

Test(generic_invalidate, pasid_0_is_traffic_without_pasid)
{
	const struct iommuctl_smmuv3_idr idr = { .ats = 1 };
	const struct iommuctl_generic_target target = target_of(&idr, 4096);
	struct iommuctl_generic_invalidation invalidation = pages(DEV_IOTLB, 0x1000, 1, 12);
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	invalidation.pasid = 0;
	cr_assert_eq(translate(&invalidation, &target, cmds), 2);
	cr_expect_eq(cmds[0].ssv, 0);

	invalidation.granularity = IOMMUCTL_GENERIC_DOMAIN;
	cr_assert_eq(translate(&invalidation, &target, cmds), 2);
	cr_expect_eq(cmds[1].ssv, 0);
	cr_expect_eq(cmds[1].streamid, 0x99);
}

Test(generic_invalidate, a_domain_without_streams_has_no_device_caches)
{
	struct iommuctl_generic_target target = target_of(&ranging, 4096);
	struct iommuctl_generic_invalidation invalidation = pages(IOTLB | DEV_IOTLB, 0x1000, 1, 12);
	static struct iommuctl_smmuv3_cmd cmds[ROOM];

	target.vsid_count = 0;
	cr_assert_eq(translate(&invalidation, &target, cmds), 1);
	invalidation.caches = DEV_IOTLB;
	cr_assert_eq(translate(&invalidation, &target, cmds), 0);
	invalidation.caches = PASID_CACHE | IOTLB | DEV_IOTLB;
	invalidation.granularity = IOMMUCTL_GENERIC_PASID;
	cr_assert_eq(translate(&invalidation, &target, cmds), 1);
	cr_expect_eq(cmds[0].opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID);
}

Test(generic_invalidate, room_of_any_size_gives_the_same_commands)
{
	const struct iommuctl_generic_target target = target_of(&unrolling, 4096);
	const struct iommuctl_generic_invalidation invalidation =
		pages(IOTLB | DEV_IOTLB, 0x3000, 77, 12);
	static uint64_t whole[ROOM][IOMMUCTL_SMMUV3_CMD_WORDS];
	uint64_t part[64][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_generic_cursor cursor;
	size_t total;

	cr_assert_eq(iommuctl_generic_start(&cursor, &invalidation, &target, NULL), 0);
	total = iommuctl_generic_next(&cursor, whole, ROOM);
	for (size_t room = 1; room <= 64; room++) {
		size_t at = 0, count;

		cr_assert_eq(iommuctl_generic_start(&cursor, &invalidation, &target, NULL), 0);
		cr_assert_eq(iommuctl_generic_next(&cursor, part, 0), 0);
		while ((count = iommuctl_generic_next(&cursor, part, room)) > 0) {
			cr_assert_leq(count, room);
			cr_assert_eq(memcmp(part, whole[at], count * sizeof(part[0])), 0);
			at += count;
		}
		cr_assert_eq(at, total);
	}
}

/* Nearly all addresses, from the second page on, in all caches of 64 streams. */
Test(generic_invalidate, the_largest_request_is_a_limited_number_of_commands)
{
	static const struct iommuctl_smmuv3_idr *const smmus[] = { &unrolling, &ranging };
	static const uint32_t many[64];

	for (size_t i = 0; i < ARRAY_SIZE(smmus); i++) {
		const struct iommuctl_generic_invalidation all =
			pages(IOTLB | DEV_IOTLB, PAGE, UINT64_MAX / PAGE - 1, 12);
		struct iommuctl_generic_target target = target_of(smmus[i], 4096);
		uint64_t words[63][IOMMUCTL_SMMUV3_CMD_WORDS];
		struct iommuctl_generic_cursor cursor;
		size_t count, sum = 0;

		target.vsids = many;
		target.vsid_count = ARRAY_SIZE(many);
		cr_assert_eq(iommuctl_generic_start(&cursor, &all, &target, NULL), 0);
		while ((count = iommuctl_generic_next(&cursor, words, ARRAY_SIZE(words))) > 0)
			sum += count;
		cr_expect_leq(sum, IOMMUCTL_GENERIC_THRESHOLD + 104 * ARRAY_SIZE(many));
	}
}
