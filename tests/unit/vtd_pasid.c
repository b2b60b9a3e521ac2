// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/vtd_pasid.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Bits of the whole entry, as the VT-d specification has them. */
static const struct position positions[] = {
	{ "P", 0, 0 },
	{ "FPD", 1, 1 },
	{ "AW", 4, 2 },
	{ "PGTT", 8, 6 },
	{ "SSADE", 9, 9 },
	{ "SSPTPTR", 63, 12 },
	{ "DID", 79, 64 },
	{ "PWSNP", 87, 87 },
	{ "PGSNP", 88, 88 },
	{ "CD", 89, 89 },
	{ "EMTE", 90, 90 },
	{ "EMT", 93, 91 },
	{ "PWT", 94, 94 },
	{ "PCD", 95, 95 },
	{ "PAT", 127, 96 },
	{ "SRE", 128, 128 },
	{ "FSPM", 131, 130 },
	{ "WPE", 132, 132 },
	{ "EAFE", 135, 135 },
	{ "FSPTPTR", 191, 140 },
};

Test(vtd_pasid, fields_are_where_the_specification_has_them)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_vtd_pasid_fields(&count);

	check_layout(positions, ARRAY_SIZE(positions), fields, count);
	check_fields(fields, count, IOMMUCTL_VTD_PASID_WORDS);
}

Test(vtd_pasid, encodes_what_it_decodes_and_prints_it)
{
	const struct iommuctl_vtd_pasid_entry entry = {
		.p = 1,
		.pgtt = IOMMUCTL_VTD_PGTT_FIRST_STAGE,
		.did = 7,
		.fspm = IOMMUCTL_VTD_FSPM_5,
		.wpe = 1,
		.fsptptr = 0x40101000,
	};
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS];
	struct iommuctl_vtd_pasid_entry decoded;
	char text[200];

	cr_assert_eq(iommuctl_vtd_pasid_encode(&entry, words, NULL), 0);
	cr_expect_eq(words[0], 0x41);
	cr_expect_eq(words[1], 7);
	cr_expect_eq(words[2], 0x40101014);
	iommuctl_vtd_pasid_decode(words, &decoded);
	cr_expect_eq(memcmp(&decoded, &entry, sizeof(entry)), 0);
	iommuctl_vtd_pasid_print(&decoded, text, sizeof(text));
	cr_expect_str_eq(text, "P PGTT=first-stage DID=0x7 FSPM=5-level WPE FSPTPTR=0x40101000");
}

static const struct iommuctl_vtd_cap poor = { .smts = 1, .fsts = 1, .nest = 1 };
static const struct iommuctl_vtd_cap none = { .smts = 1 };
static const struct iommuctl_vtd_cap rich = {
	.smts = 1,
	.fsts = 1,
	.nest = 1,
	.fs5lp = 1,
	.srs = 1,
	.eafs = 1,
	.pt = 1,
};

Test(vtd_pasid, becomes_what_a_nested_hwpt_takes)
{
	static const struct {
		struct iommuctl_vtd_pasid_entry entry;
		enum iommuctl_vtd_pasid_use use;
		struct iommuctl_hwpt_vtd_s1 data;
	} rows[] = {
		{ { .pgtt = 2 }, IOMMUCTL_VTD_PASID_USE_ABORT, { 0 } },
		{ { .p = 1, .pgtt = 4 }, IOMMUCTL_VTD_PASID_USE_BYPASS, { 0 } },
		{ { .p = 1, .pgtt = 1, .fsptptr = 0x5000 }, IOMMUCTL_VTD_PASID_USE_STAGE1,
			{ .pgtbl_addr = 0x5000, .addr_width = 48 } },
		{ { .p = 1, .pgtt = 1, .fspm = 1, .sre = 1, .wpe = 1, .eafe = 1 },
			IOMMUCTL_VTD_PASID_USE_STAGE1, { .flags = 7, .addr_width = 57 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t words[IOMMUCTL_VTD_PASID_WORDS];
		struct iommuctl_hwpt_vtd_s1 data = { 0 };
		enum iommuctl_vtd_pasid_use use;

		cr_assert_eq(iommuctl_vtd_pasid_encode(&rows[i].entry, words, NULL), 0);
		cr_assert_eq(iommuctl_vtd_pasid_nested(words, &rich, &use, &data, NULL), 0);
		cr_expect_eq(use, rows[i].use, "%zu", i);
		cr_expect_eq(memcmp(&data, &rows[i].data, sizeof(data)), 0, "%zu", i);
	}
}

Test(vtd_pasid, reserved_bits_have_no_effect)
{
	static const struct iommuctl_hwpt_vtd_s1 expected = {
		.pgtbl_addr = 0x5000,
		.addr_width = 48,
	};
	const uint64_t words[IOMMUCTL_VTD_PASID_WORDS] = {
		1 | 1 << 5 | 1 << 6 | 1 << 10,
		1 << 16,
		0x5000 | 1 << 5,
		[7] = 1,
	};
	struct iommuctl_hwpt_vtd_s1 data;
	enum iommuctl_vtd_pasid_use use;

	cr_assert_eq(iommuctl_vtd_pasid_nested(words, &rich, &use, &data, NULL), 0);
	cr_expect_eq(use, IOMMUCTL_VTD_PASID_USE_STAGE1);
	cr_expect_eq(memcmp(&data, &expected, sizeof(data)), 0);
}

Test(vtd_pasid, refuses_what_the_unit_has_not)
{
	static const struct {
		struct iommuctl_vtd_pasid_entry entry;
		const struct iommuctl_vtd_cap *cap;
		const char *field;
	} rows[] = {
		{ { .p = 1 }, &rich, "PGTT" },
		{ { .p = 1, .pgtt = 2 }, &rich, "PGTT" },
		{ { .p = 1, .pgtt = 3 }, &rich, "PGTT" },
		{ { .p = 1, .pgtt = 4 }, &poor, "PGTT" },
		{ { .p = 1, .pgtt = 1 }, &none, "PGTT" },
		{ { .p = 1, .pgtt = 1, .fspm = 2 }, &rich, "FSPM" },
		{ { .p = 1, .pgtt = 1, .fspm = 1 }, &poor, "FSPM" },
		{ { .p = 1, .pgtt = 1, .sre = 1 }, &poor, "SRE" },
		{ { .p = 1, .pgtt = 1, .eafe = 1 }, &poor, "EAFE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t words[IOMMUCTL_VTD_PASID_WORDS];
		struct iommuctl_smmuv3_refusal refusal = { .field = "none" };
		struct iommuctl_hwpt_vtd_s1 data;
		enum iommuctl_vtd_pasid_use use;

		cr_assert_eq(iommuctl_vtd_pasid_encode(&rows[i].entry, words, NULL), 0);
		cr_expect_eq(iommuctl_vtd_pasid_nested(words, rows[i].cap, &use, &data, &refusal),
			-EINVAL);
		cr_expect_str_eq(refusal.field, rows[i].field, "%zu", i);
	}
}

Test(vtd_pasid, data_of_a_hwpt_is_checked_as_attaching_does)
{
	static const struct {
		struct iommuctl_hwpt_vtd_s1 data;
		const struct iommuctl_vtd_cap *cap;
		const char *field;
	} rows[] = {
		{ { .addr_width = 48 }, &poor, NULL },
		{ { .addr_width = 57 }, NULL, NULL },
		{ { .addr_width = 57, .flags = 7, .pgtbl_addr = 0x1000 }, &rich, NULL },
		{ { .addr_width = 48, .flags = IOMMUCTL_VTD_S1_WPE }, &poor, NULL },
		{ { .addr_width = 39 }, &rich, "addr_width" },
		{ { .addr_width = 57 }, &poor, "addr_width" },
		{ { .addr_width = 48, .flags = IOMMUCTL_VTD_S1_SRE }, &poor, "SRE" },
		{ { .addr_width = 48, .flags = IOMMUCTL_VTD_S1_EAFE }, &poor, "EAFE" },
		{ { .addr_width = 48, .flags = 8 }, &rich, "flags" },
		{ { .addr_width = 48, .pgtbl_addr = 0x1008 }, &rich, "pgtbl_addr" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "none" };
		int err = iommuctl_vtd_s1_validate(&rows[i].data, rows[i].cap, &refusal);

		cr_expect_eq(err, rows[i].field ? -EINVAL : 0, "%zu", i);
		cr_expect_str_eq(refusal.field, rows[i].field ? rows[i].field : "none", "%zu", i);
	}
}

Test(vtd_pasid, is_found_through_the_directory)
{
	static uint64_t pages[3][512];
	const struct iommuctl_guest_range range = { 0x40000000, sizeof(pages), pages };
	const struct iommuctl_guest_memory memory = { .ranges = &range, .range_count = 1 };
	static const struct {
		uint64_t directory;
		uint8_t pdts;
		uint32_t pasid;
		int err;
	} rows[] = {
		{ 0x40000000, 0, 0x42, 0 },
		{ 0x40000000, 7, 0x42, 0 },
		{ 0x40000000, 0, 0x82, -ENOENT },   /* not present */
		{ 0x40000000, 0, 0xc2, -EFAULT },   /* its table is nowhere */
		{ 0x40000000, 0, 0x2000, -ENOENT }, /* beyond the directory */
		{ 0x40000000, 8, 0, -EINVAL },
		{ 0x40000000, 0, 0x100000, -EINVAL },
		{ 0x50000000, 0, 0x42, -EFAULT },
	};
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS];

	pages[0][1] = htole64(0x40001001);
	pages[0][3] = htole64(0x50000001);
	for (unsigned int i = 0; i < IOMMUCTL_VTD_PASID_WORDS; i++)
		pages[1][2 * IOMMUCTL_VTD_PASID_WORDS + i] = htole64(i + 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		words[7] = 0;
		cr_expect_eq(iommuctl_vtd_pasid_find(&memory, rows[i].directory, rows[i].pdts,
				     rows[i].pasid, words),
			rows[i].err, "%zu", i);
		cr_expect_eq(words[7], rows[i].err ? 0 : 8, "%zu", i);
	}
}
