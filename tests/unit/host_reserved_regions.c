// SPDX-License-Identifier: MIT
#include "array.h"
#include "host/reserved_regions.h"
#include "host_tree.h"

#define PATH "/sys/kernel/iommu_groups/3/reserved_regions"

static struct host_tree tree;
static struct reserved_regions regions;

static void set_up(void)
{
	tree_open(&tree);
}

static void tear_down(void)
{
	tree_close(&tree);
}

TestSuite(host_reserved_regions, .init = set_up, .fini = tear_down);

Test(host_reserved_regions, are_those_of_the_group)
{
	tree_file(&tree, PATH,
		"0x0000000008000000 0x00000000080fffff msi\n"
		"0x00000000bf000000 0x00000000bfffffff direct\n");
	cr_assert_eq(reserved_regions_read(&tree.sysfs, 3, &regions), 0);
	cr_assert_eq(regions.count, 2);
	cr_expect_eq(regions.region[0].type, IOMMUCTL_RESERVED_MSI);
	cr_expect_eq(regions.region[1].start, 0xbf000000);
	cr_expect_eq(reserved_regions_read(&tree.sysfs, 4, &regions), -ENOENT);
}

Test(host_reserved_regions, may_be_none)
{
	tree_file(&tree, PATH, "");
	regions.count = 7;
	cr_assert_eq(reserved_regions_read(&tree.sysfs, 3, &regions), 0);
	cr_expect_eq(regions.count, 0);
}

Test(host_reserved_regions, text_that_is_not_the_kernels_is_refused)
{
	tree_file(&tree, PATH, "0x0 0xfff novel\n");
	cr_expect_eq(reserved_regions_read(&tree.sysfs, 3, &regions), -EINVAL);
}

Test(host_reserved_regions, too_many_regions_are_refused)
{
	static const char line[] = "0x0 0xfff msi\n";
	char text[sizeof(line) * 130] = "";

	for (size_t i = 0; i <= ARRAY_SIZE(regions.region); i++)
		memcpy(text + i * strlen(line), line, sizeof(line));
	tree_file(&tree, PATH, text);
	cr_expect_eq(reserved_regions_read(&tree.sysfs, 3, &regions), -EMSGSIZE);
}

Test(host_reserved_regions, regions_of_firmware_are_described_as_far_as_they_fit)
{
	char text[32];

	tree_file(&tree, PATH,
		"0x0000000008000000 0x00000000080fffff msi\n"
		"0x00000000bf000000 0x00000000bfffffff direct-relaxable\n");
	cr_assert_eq(reserved_regions_read(&tree.sysfs, 3, &regions), 0);
	cr_expect_not(reserved_regions_describe_direct(&regions, text, sizeof(text)));
	cr_expect_str_empty(text);
	tree_file(&tree, PATH,
		"0x0000000008000000 0x00000000080fffff direct\n"
		"0x00000000bf000000 0x00000000bfffffff direct\n");
	cr_assert_eq(reserved_regions_read(&tree.sysfs, 3, &regions), 0);
	cr_expect(reserved_regions_describe_direct(&regions, text, sizeof(text)));
	cr_expect_str_eq(text, "0x8000000-0x80fffff, 0xbf000000");
}
