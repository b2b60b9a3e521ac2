// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/vtd_stage1.h>

#include "array.h"

#define GUEST	 UINT64_C(0x40000000)
#define PAGE(n)	 (GUEST + (n)*UINT64_C(0x1000))
#define TABLE	 UINT64_C(7)	/* P, R/W, U/S */
#define LEAF	 UINT64_C(0x67) /* and A, D */
#define LARGE	 UINT64_C(0x80)
#define READONLY UINT64_C(0x25)
#define KERNEL	 UINT64_C(0x63)

/* Root of 5 levels in page 0, of 4 in page 1, then levels 3, 2 and 1. */
static uint64_t pages[5][512];

static const struct iommuctl_guest_range range = { GUEST, sizeof(pages), pages };
static const struct iommuctl_guest_memory memory = { .ranges = &range, .range_count = 1 };

static void set(unsigned int page, unsigned int index, uint64_t entry)
{
	pages[page][index] = htole64(entry);
}

static void make_tables(void)
{
	set(0, 0, PAGE(1) | TABLE);
	set(1, 0, PAGE(2) | TABLE);
	set(1, 511, PAGE(2) | TABLE);
	set(1, 1, PAGE(2) | TABLE | LARGE); /* no leaf is that large */
	set(1, 2, UINT64_C(0x99000000) | TABLE);
	set(2, 0, PAGE(3) | TABLE);
	set(2, 1, UINT64_C(0x80000000) | LEAF | LARGE);
	set(2, 2, UINT64_C(0x80200000) | LEAF | LARGE); /* not aligned to 1 GiB */
	set(2, 3, PAGE(3) | READONLY);
	set(3, 0, PAGE(4) | TABLE);
	set(3, 1, UINT64_C(0x60200000) | LEAF | LARGE);
	set(4, 1, UINT64_C(0x50001000) | LEAF);
	set(4, 2, UINT64_C(0x50002000) | READONLY);
	set(4, 3, UINT64_C(0x50003000) | KERNEL);
}

#define NONE	      IOMMUCTL_VTD_STAGE1_FAULT_NONE
#define NOT_CANONICAL IOMMUCTL_VTD_STAGE1_FAULT_NOT_CANONICAL
#define NOT_PRESENT   IOMMUCTL_VTD_STAGE1_FAULT_NOT_PRESENT
#define RESERVED      IOMMUCTL_VTD_STAGE1_FAULT_RESERVED
#define PERMISSION    IOMMUCTL_VTD_STAGE1_FAULT_PERMISSION
#define TABLE_ABORT   IOMMUCTL_VTD_STAGE1_FAULT_TABLE_ABORT

static const struct {
	uint64_t iova;
	bool write;
	enum iommuctl_vtd_stage1_fault fault;
	uint64_t ipa;
	uint64_t leaf_size;
	uint8_t steps;
} rows[] = {
	{ 0x1008, true, NONE, 0x50001008, 0x1000, 4 },
	{ 0x2008, false, NONE, 0x50002008, 0x1000, 4 },
	{ 0x2008, true, PERMISSION, 0x50002008, 0x1000, 4 },
	{ 0x3000, false, PERMISSION, 0x50003000, 0x1000, 4 },
	{ 0x4000, false, NOT_PRESENT, 0, 0, 4 },
	{ 0x212345, true, NONE, 0x60212345, 0x200000, 3 },
	{ 0x40123456, true, NONE, 0x80123456, 0x40000000, 2 },
	{ 0x80000000, false, RESERVED, 0, 0, 2 },
	{ 0xc0001000, false, NONE, 0x50001000, 0x1000, 4 },
	{ 0xc0001000, true, PERMISSION, 0x50001000, 0x1000, 4 },
	{ UINT64_C(1) << 39, false, RESERVED, 0, 0, 1 },
	{ UINT64_C(2) << 39, false, TABLE_ABORT, 0, 0, 2 },
	{ UINT64_C(1) << 47, false, NOT_CANONICAL, 0, 0, 0 },
	{ UINT64_C(0xffffff8000001008), true, NONE, 0x50001008, 0x1000, 4 },
};

Test(vtd_stage1, walks_tables_as_a_unit_would, .init = make_tables)
{
	const struct iommuctl_hwpt_vtd_s1 data = { .pgtbl_addr = PAGE(1), .addr_width = 48 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_vtd_stage1_walk walk;

		cr_assert_eq(iommuctl_vtd_stage1_walk(
				     &memory, &data, rows[i].iova, rows[i].write, &walk),
			0);
		cr_expect_eq(walk.fault, rows[i].fault, "%zu: %d", i, (int)walk.fault);
		cr_expect_eq(walk.ipa, rows[i].ipa, "%zu", i);
		cr_expect_eq(walk.leaf_size, rows[i].leaf_size, "%zu", i);
		cr_expect_eq(walk.step_count, rows[i].steps, "%zu", i);
	}
}

Test(vtd_stage1, five_levels_begin_one_table_higher, .init = make_tables)
{
	const struct iommuctl_hwpt_vtd_s1 data = { .pgtbl_addr = PAGE(0), .addr_width = 57 };
	struct iommuctl_vtd_stage1_walk walk;

	cr_assert_eq(iommuctl_vtd_stage1_walk(&memory, &data, 0x1008, true, &walk), 0);
	cr_expect_eq(walk.fault, NONE);
	cr_expect_eq(walk.step_count, IOMMUCTL_VTD_STAGE1_MAX_STEPS);
	cr_expect_eq(walk.steps[0].level, 5);
	cr_expect_eq(walk.steps[4].level, 1);
	cr_expect_eq(walk.steps[4].ipa, PAGE(4) + 8);
	cr_expect_eq(walk.ipa, 0x50001008);
	cr_expect(walk.accessed && walk.dirty && walk.writable && walk.user && !walk.global);
	cr_assert_eq(iommuctl_vtd_stage1_walk(&memory, &data, UINT64_C(1) << 47, false, &walk), 0);
	cr_expect_eq(walk.fault, NOT_PRESENT, "57 bits are more than 48");
}

Test(vtd_stage1, has_no_other_width)
{
	const struct iommuctl_hwpt_vtd_s1 data = { .pgtbl_addr = PAGE(0), .addr_width = 39 };
	struct iommuctl_vtd_stage1_walk walk;

	cr_expect_eq(iommuctl_vtd_stage1_walk(&memory, &data, 0, false, &walk), -EINVAL);
}
