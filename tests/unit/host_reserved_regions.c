// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "host/reserved_regions.h"

static struct reserved_regions regions;

Test(host_reserved_regions, are_read_with_their_types)
{
	const char text[] = "0x0000000008000000 0x00000000080fffff msi\n"
			    "0x00000000bf000000 0x00000000bfffffff direct\n"
			    "0x00000000c0000000 0x00000000c0000fff direct-relaxable\n"
			    "0xfffffffffffff000 0xffffffffffffffff reserved\n";
	static const struct reserved_region expected[] = {
		{ 0x8000000, 0x80fffff, RESERVED_REGION_MSI },
		{ 0xbf000000, 0xbfffffff, RESERVED_REGION_DIRECT },
		{ 0xc0000000, 0xc0000fff, RESERVED_REGION_DIRECT_RELAXABLE },
		{ 0xfffffffffffff000, UINT64_MAX, RESERVED_REGION_RESERVED },
	};

	cr_assert_eq(reserved_regions_parse(text, &regions), 0);
	cr_assert_eq(regions.count, 4);
	for (size_t i = 0; i < regions.count; i++) {
		cr_expect_eq(regions.region[i].start, expected[i].start);
		cr_expect_eq(regions.region[i].last, expected[i].last);
		cr_expect_eq(regions.region[i].type, expected[i].type);
	}
}

Test(host_reserved_regions, of_type_msi_are_the_msi_window)
{
	cr_assert_eq(reserved_regions_parse("0x0 0xfff reserved\n"
					    "0x8000000 0x80fffff msi",
			     &regions),
		0);
	cr_assert_not_null(reserved_regions_msi(&regions));
	cr_expect_eq(reserved_regions_msi(&regions)->start, 0x8000000);
}

Test(host_reserved_regions, may_be_none)
{
	regions.count = 7;
	cr_assert_eq(reserved_regions_parse("", &regions), 0);
	cr_expect_eq(regions.count, 0);
	cr_expect_null(reserved_regions_msi(&regions));
}

Test(host_reserved_regions, are_refused_whole_when_a_line_is_not_the_kernels)
{
	static const char *const cases[] = {
		"\n",
		"0x0 0xfff\n",
		"0x0 0xfff novel\n",
		"0x0 0xfff msi extra\n",
		"0x1000 0xfff msi\n",
		"0 0xfff msi\n",
		"0x0 0x1ffffffffffffffff msi\n",
		"0x0 0xfff msi\n\n",
		"0x0 0xfff msi\ngarbage",
		"0x0000000000000000 0x0000000000000fff direct-relaxable-and-much-longer\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		regions.count = 7;
		cr_expect_eq(reserved_regions_parse(cases[i], &regions), -EINVAL, "%s", cases[i]);
		cr_expect_eq(regions.count, 7);
	}
}

Test(host_reserved_regions, that_are_too_many_are_refused)
{
	const size_t max = sizeof(regions.region) / sizeof(regions.region[0]);
	static const char line[] = "0x0 0xfff msi\n";
	char text[sizeof(line) * 130] = "";

	for (size_t i = 0; i < max; i++)
		memcpy(text + i * strlen(line), line, sizeof(line));
	cr_expect_eq(reserved_regions_parse(text, &regions), 0);
	cr_expect_eq(regions.count, max);
	memcpy(text + max * strlen(line), line, sizeof(line));
	cr_expect_eq(reserved_regions_parse(text, &regions), -EINVAL);
}
