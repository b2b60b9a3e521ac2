// SPDX-License-Identifier: MIT
#include <errno.h>

#include <iommuctl/msi.h>

#include "stage1_fixture.h"

#define PAGE	  0x1000ull
#define DOORBELL  0x8000000ull
#define DEVICE	  1 /* where mair has Device-nGnRE */
#define WRITEBACK 0

static const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0x04, 0x44 };
static const struct iommuctl_reserved_region window = { 0x8000000, 0x80fffff,
	IOMMUCTL_RESERVED_MSI };

static struct guest_ram ram;
static struct iommuctl_stage1 stage1;
static struct iommuctl_smmuv3_cd cd;

static void set_up(void)
{
	ram_open(&ram);
	stage1 = stage1_with(&ram, PAGE, 39, 64);
	cd = (struct iommuctl_smmuv3_cd){
		.v = 1,
		.aa64 = 1,
		.epd1 = 1,
		.ttb0 = stage1.regime.ttb,
		.t0sz = stage1.regime.t0sz,
		.tg0 = stage1.regime.tg,
		.ips = stage1.regime.ips,
	};
	memcpy(cd.mair, mair, sizeof(mair));
}

static void tear_down(void)
{
	guest_ram_close(&ram);
}

TestSuite(msi, .init = set_up, .fini = tear_down);

Test(msi, regions_are_read_with_their_types)
{
	const char text[] =
		"0x0000000008000000 0x00000000080fffff msi\n"
		"0x00000000bf000000 0x00000000bfffffff direct\n"
		"0x00000000c0000000 0x00000000c0000fff direct-relaxable\n"
		"0xfffffffffffff000 0xffffffffffffffff reserved\n";
	struct iommuctl_reserved_region regions[5];
	struct iommuctl_reserved_region found;
	size_t count = ARRAY_SIZE(regions);

	cr_assert_eq(iommuctl_reserved_regions_parse(text, regions, &count), 0);
	cr_assert_eq(count, 4);
	cr_expect_eq(regions[1].type, IOMMUCTL_RESERVED_DIRECT);
	cr_expect_eq(regions[2].type, IOMMUCTL_RESERVED_DIRECT_RELAXABLE);
	cr_expect_eq(regions[2].start, 0xc0000000);
	cr_expect_eq(regions[3].type, IOMMUCTL_RESERVED_RESERVED);
	cr_expect_eq(regions[3].last, UINT64_MAX);
	cr_assert_eq(iommuctl_msi_window_find(regions, count, &found), 0);
	cr_expect_eq(found.start, IOMMUCTL_MSI_WINDOW_START);
	cr_expect_eq(found.last - found.start + 1, IOMMUCTL_MSI_WINDOW_SIZE);
	cr_expect_eq(iommuctl_msi_window_find(regions + 1, count - 1, &found), -ENOENT);
}

Test(msi, types_have_the_kernels_names)
{
	cr_expect_str_eq(iommuctl_reserved_type_name(IOMMUCTL_RESERVED_MSI), "msi");
	cr_expect_str_eq(iommuctl_reserved_type_name(IOMMUCTL_RESERVED_DIRECT_RELAXABLE),
		"direct-relaxable");
	cr_expect_null(iommuctl_reserved_type_name((enum iommuctl_reserved_type)4));
}

Test(msi, regions_without_room_are_counted)
{
	struct iommuctl_reserved_region regions[2] = { [1] = { .start = 77 } };
	size_t count = 1;

	cr_expect_eq(iommuctl_reserved_regions_parse(
			     "0x1 0x2 msi\n0x3 0x4 msi\n0x5 0x6 reserved", regions, &count),
		-EMSGSIZE);
	cr_expect_eq(count, 3);
	cr_expect_eq(regions[0].start, 1);
	cr_expect_eq(regions[1].start, 77);
}

Test(msi, text_that_is_not_the_kernels_is_refused)
{
	static const char *const cases[] = {
		"\n",
		"0x0 0xfff\n",
		"0x0 0xfff novel\n",
		"0x0 0xfff msi extra\n",
		"0x-8 0x-1 msi\n",
		"0x 10 0x20 msi\n",
		"0x+10 0x20 msi\n",
		"0x0x10 0x20 msi\n",
		"0x10\t0x20 msi\n",
		"0x10  0x20 msi\n",
		"0x1000 0xfff msi\n",
		"0 0xfff msi\n",
		"0x10000000000000000 0x10000000000000001 msi\n",
		"0x0 0xfff msi\n\n0x0 0xfff msi",
		"0x0 0xff a-very-long-word-that-no-kernel-has-written-yet-on-one-line",
	};
	struct iommuctl_reserved_region regions[4] = { { .start = 77 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t count = ARRAY_SIZE(regions);

		cr_expect_eq(iommuctl_reserved_regions_parse(cases[i], regions, &count), -EINVAL,
			"%s", cases[i]);
		cr_expect_eq(count, ARRAY_SIZE(regions));
		cr_expect_eq(regions[0].start, 77, "%s", cases[i]);
	}
}

Test(msi, guest_memory_keeps_out_of_the_window)
{
	static const struct {
		uint64_t ipa, size;
		int ret;
	} cases[] = {
		{ 0x0, 0x8000000, 0 },
		{ 0x0, 0x8000001, -EADDRINUSE },
		{ 0x8100000, 0x1000, 0 },
		{ 0x80fffff, 0x1000, -EADDRINUSE },
		{ 0x8010000, 0x1000, -EADDRINUSE },
		{ 0x0, UINT64_MAX, -EADDRINUSE },
		{ 0x40000000, UINT64_MAX, -EADDRINUSE }, /* beyond the address space */
		{ 0x8010000, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_guest_range ranges[] = {
			{ 0x40000000, 0x1000, NULL },
			{ cases[i].ipa, cases[i].size, NULL },
		};
		const struct iommuctl_guest_memory memory = { ranges, 2 };
		size_t range = 7;

		cr_expect_eq(iommuctl_msi_check_memory(&window, &memory, &range), cases[i].ret,
			"case %zu", i);
		cr_expect_eq(range, cases[i].ret ? 1 : 7, "case %zu", i);
	}
}

static void map(uint64_t iova, uint64_t ipa, uint8_t permissions, uint8_t attr_index)
{
	const struct iommuctl_stage1_attributes attributes = {
		.permissions = permissions,
		.attr_index = attr_index,
		.access_flag = true,
	};

	cr_assert_eq(iommuctl_stage1_map(&stage1, iova, ipa, PAGE, &attributes, 0), 0);
}

static struct iommuctl_msi_finding check(uint64_t iova, uint64_t size)
{
	struct iommuctl_msi_finding finding;

	cr_assert_eq(iommuctl_msi_check_stage1(&ram.memory, &cd, iova, size, &finding), 0);
	cr_expect_eq(finding.problem == IOMMUCTL_MSI_FINE, !finding.reason);
	return finding;
}

Test(msi, a_doorbell_is_mapped_onto_itself_writable_as_device)
{
	static const struct {
		uint64_t ipa;
		uint8_t permissions, attr_index;
		enum iommuctl_msi_problem problem;
	} cases[] = {
		{ 0, R | W, DEVICE, IOMMUCTL_MSI_FINE },
		{ 0x1000, R | W, DEVICE, IOMMUCTL_MSI_NOT_IDENTITY },
		{ 0, R, DEVICE, IOMMUCTL_MSI_NOT_WRITABLE },
		{ 0, R | W | P, DEVICE, IOMMUCTL_MSI_NOT_WRITABLE },
		{ 0, R | W, WRITEBACK, IOMMUCTL_MSI_NOT_DEVICE },
		{ 0, R | W, 2, IOMMUCTL_MSI_NOT_DEVICE }, /* normal, not cacheable */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint64_t iova = DOORBELL + i * PAGE;

		map(iova, iova ^ cases[i].ipa, cases[i].permissions, cases[i].attr_index);
		cr_expect_eq(check(iova, PAGE).problem, cases[i].problem, "case %zu", i);
	}
	cr_expect_eq(
		check(DOORBELL + ARRAY_SIZE(cases) * PAGE, 4).problem, IOMMUCTL_MSI_NOT_MAPPED);
}

Test(msi, each_page_of_a_doorbell_counts)
{
	struct iommuctl_msi_finding finding;

	map(DOORBELL, DOORBELL, R | W, DEVICE);
	cr_expect_eq(check(DOORBELL + 0x40, PAGE - 0x40).problem, IOMMUCTL_MSI_FINE);
	finding = check(DOORBELL + 0x40, PAGE);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_NOT_MAPPED);
	cr_expect_eq(finding.iova, DOORBELL + PAGE);
	cr_expect_eq(finding.walk.fault, IOMMUCTL_STAGE1_FAULT_TRANSLATION);
	map(DOORBELL + PAGE, DOORBELL + PAGE, R | W, DEVICE);
	cr_expect_eq(check(DOORBELL + 0x40, PAGE).problem, IOMMUCTL_MSI_FINE);
}

Test(msi, device_memory_is_what_mair_says)
{
	static const struct {
		uint8_t attribute;
		bool is_device;
	} cases[] = { { 0x00, true }, { 0x04, true }, { 0x08, true }, { 0x0c, true },
		{ 0x05, true }, { 0x02, false }, { 0x40, false }, { 0x44, false },
		{ 0xf0, false } };

	map(DOORBELL, DOORBELL, R | W, DEVICE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cd.mair[DEVICE] = cases[i].attribute;
		cr_expect_eq(check(DOORBELL, PAGE).problem,
			cases[i].is_device ? IOMMUCTL_MSI_FINE : IOMMUCTL_MSI_NOT_DEVICE,
			"attribute 0x%x", cases[i].attribute);
	}
}

Test(msi, a_cd_without_tables_has_no_doorbell)
{
	map(DOORBELL, DOORBELL, R | W, DEVICE);
	cd.epd0 = 1;
	cr_expect_eq(check(DOORBELL, PAGE).problem, IOMMUCTL_MSI_NO_TABLES);
	cd.epd0 = 0;
	cd.v = 0;
	cr_expect_eq(check(DOORBELL, PAGE).problem, IOMMUCTL_MSI_NO_TABLES);
}

Test(msi, what_cannot_be_checked_is_an_error)
{
	struct iommuctl_msi_finding finding;

	cr_expect_eq(iommuctl_msi_check_stage1(&ram.memory, &cd, DOORBELL, 0, &finding), -EINVAL);
	cr_expect_eq(iommuctl_msi_check_stage1(&ram.memory, &cd, UINT64_MAX, 2, &finding), -EINVAL);
	cd.ips = 6;
	cr_expect_eq(
		iommuctl_msi_check_stage1(&ram.memory, &cd, DOORBELL, 4, &finding), -EOPNOTSUPP);
	cd.ips = 5;
	cd.t0sz = 0;
	cr_expect_eq(iommuctl_msi_check_stage1(&ram.memory, &cd, DOORBELL, 4, &finding), -EINVAL);
	cd.aa64 = 0;
	cr_expect_eq(
		iommuctl_msi_check_stage1(&ram.memory, &cd, DOORBELL, 4, &finding), -EOPNOTSUPP);
}

static int install(uint64_t iova, uint64_t size, struct iommuctl_msi_finding *finding)
{
	return iommuctl_msi_map_stage1(&stage1, mair, &window, iova, size, finding);
}

Test(msi, a_doorbell_is_put_where_it_was_missing)
{
	struct iommuctl_msi_finding finding;
	struct iommuctl_stage1_walk walk;

	map(DOORBELL + PAGE, DOORBELL + PAGE, R | W, DEVICE);
	cr_assert_eq(install(DOORBELL, 4 * PAGE, &finding), 0);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_FINE);
	cr_expect_eq(check(DOORBELL, 4 * PAGE).problem, IOMMUCTL_MSI_FINE);
	cr_expect_eq(check(DOORBELL + 4 * PAGE, 4).problem, IOMMUCTL_MSI_NOT_MAPPED);
	walk = walk_to(&ram, &stage1, DOORBELL);
	cr_expect_eq(walk.attr_index, DEVICE);
	cr_expect_eq(walk.unprivileged, R | W);
	cr_expect_eq(install(DOORBELL, 4 * PAGE, NULL), 0);
}

Test(msi, ngnre_is_taken_before_other_device_memory)
{
	static const uint8_t both[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0x00, 0xff, 0x04 };
	static const uint8_t other[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0xff, 0xff, 0x0c, 0xff,
		0xff, 0xff, 0xff };

	cr_assert_eq(iommuctl_msi_map_stage1(&stage1, both, &window, DOORBELL, PAGE, NULL), 0);
	cr_expect_eq(walk_to(&ram, &stage1, DOORBELL).attr_index, 2);
	cr_assert_eq(
		iommuctl_msi_map_stage1(&stage1, other, &window, DOORBELL + PAGE, PAGE, NULL), 0);
	cr_expect_eq(walk_to(&ram, &stage1, DOORBELL + PAGE).attr_index, 3);
}

Test(msi, a_doorbell_is_refused_with_the_reason)
{
	static const uint8_t normal_only[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0x44, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff };
	struct iommuctl_msi_finding finding;

	map(DOORBELL, RAM_IPA, R | W, DEVICE);
	cr_expect_eq(install(DOORBELL, PAGE, &finding), -EEXIST);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_NOT_IDENTITY);
	cr_expect_eq(finding.iova, DOORBELL);
	cr_expect_eq(install(window.last + 1, PAGE, &finding), -ERANGE);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_OUTSIDE);
	cr_expect_eq(install(window.last + 1 - PAGE, 2 * PAGE, &finding), -ERANGE);
	cr_expect_eq(install(0 - PAGE, 2 * PAGE, &finding), -ERANGE);
	cr_expect_eq(install(DOORBELL + 0x40, PAGE, &finding), -EINVAL);
	cr_expect_eq(install(DOORBELL, 0, &finding), -EINVAL);
	cr_expect_eq(iommuctl_msi_map_stage1(
			     &stage1, normal_only, &window, DOORBELL + PAGE, PAGE, &finding),
		-EOPNOTSUPP);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_NO_ATTRIBUTE);
	cr_assert_not_null(finding.reason);
}

Test(msi, what_was_not_filled_in_is_refused)
{
	const struct iommuctl_reserved_region everywhere = { 0, UINT64_MAX, IOMMUCTL_RESERVED_MSI };
	const struct iommuctl_guest_memory nothing = { .range_count = 1 };
	const struct iommuctl_smmuv3_cd zeroes = { 0 };
	struct iommuctl_msi_finding finding;

	stage1 = (struct iommuctl_stage1){ 0 };
	cr_expect_eq(
		iommuctl_msi_map_stage1(&stage1, mair, &everywhere, 0, 4 * GIB, NULL), -EINVAL);
	cr_expect_eq(iommuctl_msi_map_stage1(NULL, mair, &window, DOORBELL, PAGE, NULL), -EINVAL);
	cr_expect_eq(iommuctl_msi_check_stage1(NULL, &cd, DOORBELL, PAGE, &finding), -EINVAL);
	cr_expect_eq(iommuctl_msi_check_stage1(&ram.memory, &zeroes, DOORBELL, PAGE, &finding), 0);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_NO_TABLES);
	cr_expect_eq(iommuctl_msi_check_memory(&window, &nothing, NULL), -EINVAL);
}

Test(msi, a_lack_of_room_for_a_table_is_reported)
{
	struct iommuctl_msi_finding finding;

	stage1 = stage1_with(&ram, PAGE, 39, 1);
	cr_expect_eq(install(DOORBELL, PAGE, &finding), -ENOSPC);
	cr_expect_eq(finding.problem, IOMMUCTL_MSI_NOT_MAPPED);
}
