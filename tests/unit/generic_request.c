// SPDX-License-Identifier: MIT
/* Which requests of the generic interface are accepted, and which are refused. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/generic.h>

#include "array.h"
#include "generic/wire.h"

#define IOTLB	    IOMMUCTL_GENERIC_CACHE_IOTLB
#define DEV_IOTLB   IOMMUCTL_GENERIC_CACHE_DEV_IOTLB
#define PASID_CACHE IOMMUCTL_GENERIC_CACHE_PASID
#define ASID	    7
#define PASID	    5

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

Test(generic_request, what_was_not_filled_in_is_refused)
{
	const struct iommuctl_generic_invalidation all = { .caches = IOTLB };
	struct iommuctl_generic_target targets[] = {
		{ .granule = 4096 },
		{ .idr = &ranging, .granule = 4096, .vsid_count = 1 },
	};
	struct iommuctl_generic_cursor zeroes = { 0 };
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_generic_stage stage;
	const unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE] = { 1 };

	cr_expect_eq(iommuctl_generic_next(&zeroes, words, 1), 0);
	cr_expect_eq(iommuctl_generic_next(NULL, words, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		cr_expect_eq(iommuctl_generic_start(&zeroes, &all, &targets[i], NULL), -EINVAL);
	cr_expect_eq(iommuctl_generic_start(&zeroes, NULL, &targets[0], NULL), -EINVAL);
	cr_expect_eq(iommuctl_generic_decode_stage(request, sizeof(request), NULL, &stage, NULL),
		-EINVAL);
	cr_expect_eq(iommuctl_generic_decode_stage(
			     NULL, IOMMUCTL_GENERIC_STAGE_SIZE, &ranging, &stage, NULL),
		-EINVAL);
}

Test(generic_request, what_cannot_be_is_refused)
{
	static const struct iommuctl_smmuv3_idr poor = { .ssidsize = 4 };
	static const struct {
		const struct iommuctl_smmuv3_idr *idr;
		struct iommuctl_generic_invalidation invalidation;
		const char *field;
	} rows[] = {
		{ &ranging, { .caches = 0 }, "type" },
		{ &ranging, { .caches = 8 }, "type" },
		{ &ranging, { .caches = IOTLB, .granularity = 3 }, "granularity" },
		{ &ranging,
			{ .caches = PASID_CACHE,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.page_count = 1,
				.page_shift = 12 },
			"granularity" },
		{ &ranging,
			{ .caches = IOTLB, .granularity = IOMMUCTL_GENERIC_PAGE, .page_shift = 12 },
			"nr_pages" },
		{ &ranging,
			{ .caches = IOTLB,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.page_count = 1,
				.page_shift = 11 },
			"size" },
		{ &ranging,
			{ .caches = IOTLB,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.page_count = 1,
				.page_shift = 53 },
			"size" },
		{ &ranging,
			{ .caches = IOTLB,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.address = 0x1000,
				.page_count = 1,
				.page_shift = 21 },
			"addr" },
		{ &ranging,
			{ .caches = IOTLB,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.address = 0x1000,
				.page_count = UINT64_C(1) << 52,
				.page_shift = 12 },
			"nr_pages" },
		{ &ranging,
			{ .caches = IOTLB,
				.granularity = IOMMUCTL_GENERIC_PAGE,
				.page_count = UINT64_MAX,
				.page_shift = 12 },
			"nr_pages" },
		{ &ranging,
			{ .caches = DEV_IOTLB,
				.granularity = IOMMUCTL_GENERIC_PASID,
				.pasid = 0x10000 },
			"pasid" },
		{ &poor,
			{ .caches = PASID_CACHE,
				.granularity = IOMMUCTL_GENERIC_PASID,
				.pasid = 16 },
			"pasid" },
		{ &poor, { .caches = IOTLB, .granularity = IOMMUCTL_GENERIC_PASID, .asid = 256 },
			"arch_id" },
		{ &poor, { .caches = DEV_IOTLB }, "type" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct iommuctl_generic_target target = target_of(rows[i].idr, 4096);
		struct iommuctl_generic_problem problem = { .field = "" };
		struct iommuctl_generic_cursor cursor;

		cr_expect_eq(
			iommuctl_generic_start(&cursor, &rows[i].invalidation, &target, &problem),
			-EINVAL, "row %zu", i);
		cr_expect_str_eq(problem.field, rows[i].field, "row %zu: %s", i, problem.field);
	}
}

Test(generic_request, the_granule_is_one_of_three)
{
	const struct iommuctl_generic_invalidation invalidation = { .caches = IOTLB };
	const struct iommuctl_generic_target target = target_of(&ranging, 8192);
	struct iommuctl_generic_cursor cursor;

	cr_expect_eq(iommuctl_generic_start(&cursor, &invalidation, &target, NULL), -EINVAL);
}

static void make(unsigned char request[IOMMUCTL_GENERIC_INVALIDATION_SIZE])
{
	memset(request, 0, IOMMUCTL_GENERIC_INVALIDATION_SIZE);
	wire_put(request, 0, 4, 1);
	wire_put(request, 4, 4, IOMMUCTL_GENERIC_TYPE_TLB);
	wire_put(request, 8, 4, IOMMUCTL_GENERIC_PAGE);
	wire_put(request, 12, 4, IOMMUCTL_GENERIC_ARCH_ID);
	request[16] = 9;
	wire_put(request, 24, 8, 3);
	wire_put(request, 32, 4, PASID);
	wire_put(request, 36, 4, ASID);
	wire_put(request, 40, 8, 0x200000);
}

Test(generic_request, a_request_is_decoded)
{
	unsigned char request[IOMMUCTL_GENERIC_INVALIDATION_SIZE];
	struct iommuctl_generic_invalidation got;

	make(request);
	cr_assert_eq(
		iommuctl_generic_decode_invalidation(request, sizeof(request), 9, &got, NULL), 0);
	cr_expect_eq(got.caches, IOTLB);
	cr_expect_eq(got.granularity, IOMMUCTL_GENERIC_PAGE);
	cr_expect_eq(got.asid, ASID);
	cr_expect_eq(got.pasid, PASID);
	cr_expect_eq(got.address, 0x200000);
	cr_expect_eq(got.page_count, 3);
	cr_expect_eq(got.page_shift, 21);
	cr_expect_not(got.leaf);
	cr_expect_not(got.all_asids);

	wire_put(request, 12, 4, IOMMUCTL_GENERIC_ADDR_LEAF | IOMMUCTL_GENERIC_GLOBAL_PAGE);
	wire_put(request, 36, 4, 0);
	cr_assert_eq(
		iommuctl_generic_decode_invalidation(request, sizeof(request), 9, &got, NULL), 0);
	cr_expect_eq(got.asid, 9);
	cr_expect(got.leaf);
	cr_expect(got.all_asids);
}

Test(generic_request, every_field_of_a_request_is_checked)
{
	static const struct {
		unsigned int offset, size;
		uint64_t value;
		const char *field;
	} rows[] = {
		{ 0, 4, 0, "version" },
		{ 0, 4, 2, "version" },
		{ 4, 4, 3, "type" },
		{ 4, 4, UINT32_MAX, "type" },
		{ 8, 4, 3, "granularity" },
		{ 12, 4, 8, "flags" },
		{ 12, 4, UINT32_MAX, "flags" },
		{ 12, 4, 0, "arch_id" },
		{ 16, 1, 41, "size" },
		{ 16, 1, 255, "size" },
		{ 17, 1, 1, "RES0" },
		{ 23, 1, 1, "RES0" },
		{ 36, 4, 0x10000, "arch_id" },
		{ 4, 8, 0x0100000001 | 5, "type" },
		{ 8, 8, UINT64_C(0x500000000), "flags" }, /* ADDR_LEAF of a domain */
		{ 8, 8, UINT64_C(0x600000001), "flags" }, /* GLOBAL_PAGE of a PASID */
		{ 4, 4, IOMMUCTL_GENERIC_TYPE_DTLB, NULL },
		{ 16, 1, 40, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char request[IOMMUCTL_GENERIC_INVALIDATION_SIZE];
		struct iommuctl_generic_problem problem = { .field = "" };
		struct iommuctl_generic_invalidation got;

		make(request);
		wire_put(request, rows[i].offset, rows[i].size, rows[i].value);
		cr_expect_eq(iommuctl_generic_decode_invalidation(
				     request, sizeof(request), 0, &got, &problem),
			rows[i].field ? -EINVAL : 0, "row %zu", i);
		cr_expect_str_eq(problem.field, rows[i].field ? rows[i].field : "", "row %zu: %s",
			i, problem.field);
	}
}
