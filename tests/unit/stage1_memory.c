// SPDX-License-Identifier: MIT
#include "array.h"
#include "stage1_fixture.h"

static char low[64], high[64];

static const struct iommuctl_guest_range ranges[] = {
	{ .ipa = 0x1000, .size = sizeof(low), .host = low },
	{ .ipa = 0x1000 + sizeof(low), .size = 0, .host = low },
	{ .ipa = UINT64_MAX - 63, .size = sizeof(high), .host = high },
};

static const struct iommuctl_guest_memory memory = {
	.ranges = ranges,
	.range_count = ARRAY_SIZE(ranges),
};

Test(stage1_memory, memory_is_found_only_where_one_range_holds_all_of_it)
{
	static const struct {
		uint64_t ipa, size;
		const char *host;
	} cases[] = {
		{ 0x1000, 1, low },
		{ 0x1000, 64, low },
		{ 0x1008, 56, low + 8 },
		{ 0x103f, 1, low + 63 },
		{ 0x1000, 0, low },
		{ UINT64_MAX - 63, 64, high },
		{ UINT64_MAX, 1, high + 63 },
		{ 0x0fff, 1, NULL },
		{ 0x0fff, 2, NULL },
		{ 0x1000, 65, NULL },
		{ 0x1008, 57, NULL },
		{ 0x1040, 0, NULL },
		{ 0x1040, 1, NULL },
		{ 0x1008, UINT64_MAX, NULL },
		{ UINT64_MAX, 2, NULL },
		{ UINT64_MAX - 63, UINT64_MAX, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *host = iommuctl_guest_memory_at(&memory, cases[i].ipa, cases[i].size);

		cr_expect_eq(host, cases[i].host, "case %zu", i);
	}
}

Test(stage1_memory, memory_without_ranges_holds_nothing)
{
	const struct iommuctl_guest_memory nothing = { .ranges = NULL, .range_count = 0 };

	cr_expect_null(iommuctl_guest_memory_at(&nothing, 0, 0));
}

Test(stage1_memory, what_was_not_filled_in_is_no_memory)
{
	static const struct iommuctl_guest_range nowhere = { .ipa = 0x1000, .size = 0x1000 };
	static const struct iommuctl_guest_memory kinds[] = {
		{ 0 },
		{ .range_count = 1 },
		{ .ranges = &nowhere, .range_count = 1 },
	};

	cr_expect_null(iommuctl_guest_memory_at(NULL, 0x1000, 8));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		cr_expect_null(iommuctl_guest_memory_at(&kinds[i], 0x1000, 8), "kind %zu", i);
}
