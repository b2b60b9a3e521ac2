// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_cd.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Arm IHI 0070, section 5.4; MAIR0 and MAIR1 attribute by attribute, AMAIR0 and AMAIR1 as one. */
static const struct position architecture[] = {
	{ "T0SZ", 5, 0 },
	{ "TG0", 7, 6 },
	{ "IR0", 9, 8 },
	{ "OR0", 11, 10 },
	{ "SH0", 13, 12 },
	{ "EPD0", 14, 14 },
	{ "ENDI", 15, 15 },
	{ "T1SZ", 21, 16 },
	{ "TG1", 23, 22 },
	{ "IR1", 25, 24 },
	{ "OR1", 27, 26 },
	{ "SH1", 29, 28 },
	{ "EPD1", 30, 30 },
	{ "IPS", 34, 32 },
	{ "V", 31, 31 },
	{ "AFFD", 35, 35 },
	{ "WXN", 36, 36 },
	{ "UWXN", 37, 37 },
	{ "TBI0", 38, 38 },
	{ "TBI1", 39, 39 },
	{ "PAN", 40, 40 },
	{ "AA64", 41, 41 },
	{ "HD", 42, 42 },
	{ "HA", 43, 43 },
	{ "ASET", 47, 47 },
	{ "S", 44, 44 },
	{ "R", 45, 45 },
	{ "A", 46, 46 },
	{ "ASID", 63, 48 },
	{ "NSCFG0", 64, 64 },
	{ "HAD0", 65, 65 },
	{ "E0PD0", 66, 66 },
	{ "HAFT", 67, 67 },
	{ "TTB0", 119, 68 },
	{ "PnCH", 122, 122 },
	{ "EPAN", 123, 123 },
	{ "HWU059", 124, 124 },
	{ "HWU060", 125, 125 },
	{ "NSCFG1", 128, 128 },
	{ "HAD1", 129, 129 },
	{ "E0PD1", 130, 130 },
	{ "AIE", 131, 131 },
	{ "TTB1", 183, 132 },
	{ "DS", 186, 186 },
	{ "PIE", 187, 187 },
	{ "HWU159", 188, 188 },
	{ "HWU160", 189, 189 },
	{ "PARTID", 367, 352 },
	{ "PMG", 375, 368 },
	{ "HWU061", 126, 126 },
	{ "HWU062", 127, 127 },
	{ "HWU161", 190, 190 },
	{ "HWU162", 191, 191 },
	{ "Attr0", 199, 192 },
	{ "Attr1", 207, 200 },
	{ "Attr2", 215, 208 },
	{ "Attr3", 223, 216 },
	{ "Attr4", 231, 224 },
	{ "Attr5", 239, 232 },
	{ "Attr6", 247, 240 },
	{ "Attr7", 255, 248 },
	{ "AMAIR", 319, 256 },
	{ "PIIU", 431, 384 },
	{ "PIIP", 495, 448 },
};

Test(smmuv3_cd, fields_are_where_the_architecture_has_them)
{
	size_t count;

	iommuctl_smmuv3_cd_fields(&count);
	cr_expect_eq(count, ARRAY_SIZE(architecture));
	check_positions(architecture, ARRAY_SIZE(architecture), iommuctl_smmuv3_cd_field);
}

/* A kernel's context: 39-bit VAs of 4K pages below, nothing above, 40-bit IPAs. */
static const struct iommuctl_smmuv3_cd kernel_cd = {
	.v = 1,
	.t0sz = 25,
	.tg0 = IOMMUCTL_SMMUV3_TG0_4K,
	.ir0 = IOMMUCTL_SMMUV3_RGN_WB_RAWA,
	.or0 = IOMMUCTL_SMMUV3_RGN_WB_RAWA,
	.sh0 = IOMMUCTL_SMMUV3_SH_ISH,
	.epd1 = 1,
	.ips = IOMMUCTL_SMMUV3_IPS_40,
	.aa64 = 1,
	.r = 1,
	.a = 1,
	.aset = 1,
	.asid = 7,
	.ttb0 = 0x40110000,
	.mair = { 0xff, 0x44, 0x04 },
};

Test(smmuv3_cd, encodes_a_context)
{
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	cr_assert_eq(iommuctl_smmuv3_cd_encode(&kernel_cd, words, NULL), 0);
	cr_expect_eq(words[0], UINT64_C(0x0007e202c0003519));
	cr_expect_eq(words[1], 0x40110000);
	cr_expect_eq(words[2], 0);
	cr_expect_eq(words[3], 0x0444ff);
	for (size_t i = 4; i < IOMMUCTL_SMMUV3_CD_WORDS; i++)
		cr_expect_eq(words[i], 0);
}

Test(smmuv3_cd, prints_the_main_fields_and_the_others_that_are_set)
{
	char text[256];

	iommuctl_smmuv3_cd_print(&kernel_cd, text, sizeof(text));
	cr_expect_str_eq(text, "V T0SZ=25 TG0=4K IR0=WB-RAWA OR0=WB-RAWA SH0=ISH EPD1 IPS=40-bit "
			       "AA64 R A ASET ASID=0x7 TTB0=0x40110000 Attr0=0xff Attr1=0x44 "
			       "Attr2=0x4");
}

Test(smmuv3_cd, the_two_granule_fields_name_the_same_sizes_by_other_values)
{
	static const struct {
		const char *name;
		uint64_t tg0, tg1;
	} granules[] = { { "4K", 0, 2 }, { "16K", 2, 1 }, { "64K", 1, 3 } };
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		cr_expect_eq(iommuctl_smmuv3_field_value_from_name(
				     iommuctl_smmuv3_cd_field("TG0"), granules[i].name, &value),
			0);
		cr_expect_eq(value, granules[i].tg0);
		cr_expect_eq(iommuctl_smmuv3_field_value_from_name(
				     iommuctl_smmuv3_cd_field("TG1"), granules[i].name, &value),
			0);
		cr_expect_eq(value, granules[i].tg1);
	}
}

/* Little-endian AArch64 tables of 4K and 64K, no stalls, 44-bit addresses. */
#define PLAIN                                                                                      \
	.term_model = 1, .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,                     \
	.ttendian = IOMMUCTL_SMMUV3_TTENDIAN_LITTLE, .ttf = IOMMUCTL_SMMUV3_TTF_AARCH64,           \
	.gran4k = 1, .gran64k = 1, .oas = IOMMUCTL_SMMUV3_IPS_44

static const struct iommuctl_smmuv3_idr plain = { PLAIN };
static const struct iommuctl_smmuv3_idr stalling = {
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL,
	.ttendian = IOMMUCTL_SMMUV3_TTENDIAN_BIG,
	.ttf = IOMMUCTL_SMMUV3_TTF_AARCH32,
	.asid16 = 1,
	.oas = IOMMUCTL_SMMUV3_IPS_52,
};
static const struct iommuctl_smmuv3_idr rich = {
	.asid16 = 1,
	.httu = 3,
	.ttf = IOMMUCTL_SMMUV3_TTF_AARCH32 | IOMMUCTL_SMMUV3_TTF_AARCH64,
	.stt = 1,
	.vax = IOMMUCTL_SMMUV3_VAX_52,
	.ds = 1,
	.gran4k = 1,
	.gran16k = 1,
	.gran64k = 1,
	.oas = IOMMUCTL_SMMUV3_IPS_52,
};
static const struct iommuctl_smmuv3_idr access_flag_only = { PLAIN, .httu = 1 };

static const struct iommuctl_smmuv3_ste no_stalls = { .v = 1, .config = 5, .s1stalld = 1 };

#define LOW   .v = 1, .aa64 = 1, .epd1 = 1, .a = 1
#define LOW32 .v = 1, .epd1 = 1, .a = 1
#define HIGH  .v = 1, .aa64 = 1, .epd0 = 1, .a = 1

static const struct {
	struct iommuctl_smmuv3_cd cd;
	const struct iommuctl_smmuv3_idr *idr;
	const struct iommuctl_smmuv3_ste *ste;
	const char *field; /* NULL: legal */
} judged[] = {
	{ { .v = 0 }, NULL, NULL, "V" },
	{ { LOW, .t0sz = 25 }, NULL, NULL, NULL },
	{ { LOW, .t0sz = 25 }, &plain, &no_stalls, NULL },
	{ { LOW, .t0sz = 25 }, &rich, NULL, NULL },
	/* A, R and S */
	{ { .v = 1, .aa64 = 1, .epd1 = 1, .t0sz = 25 }, &rich, NULL, NULL },
	{ { .v = 1, .aa64 = 1, .epd1 = 1, .t0sz = 25 }, &plain, NULL, "A" },
	{ { LOW, .t0sz = 25, .s = 1 }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 25, .s = 1 }, &plain, NULL, "S" },
	{ { LOW, .t0sz = 25, .s = 1 }, NULL, &no_stalls, "S" },
	{ { LOW, .s = 0 }, &stalling, NULL, "S" },
	/* format, endianness, ASID */
	{ { LOW32 }, &plain, NULL, "AA64" },
	{ { LOW32 }, &rich, NULL, NULL },
	{ { LOW32, .t0sz = 7, .tg0 = 3 }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 25, .s = 1 }, &stalling, NULL, "AA64" },
	{ { LOW, .t0sz = 25, .endi = 1 }, &plain, NULL, "ENDI" },
	{ { LOW, .t0sz = 25, .endi = 1 }, &rich, NULL, NULL },
	{ { LOW32, .s = 1 }, &stalling, NULL, "ENDI" },
	{ { LOW32, .s = 1, .endi = 1 }, &stalling, NULL, NULL },
	{ { .v = 1, .aa64 = 1, .a = 1, .epd0 = 1, .epd1 = 1, .endi = 1 }, &plain, NULL, NULL },
	{ { LOW, .t0sz = 25, .asid = 0xff }, &plain, NULL, NULL },
	{ { LOW, .t0sz = 25, .asid = 0x100 }, &plain, NULL, "ASID" },
	{ { LOW, .t0sz = 25, .asid = 0x100 }, &rich, NULL, NULL },
	/* HTTU */
	{ { LOW, .t0sz = 25, .ha = 1 }, &plain, NULL, "HA" },
	{ { LOW, .t0sz = 25, .hd = 1 }, &plain, NULL, "HD" },
	{ { LOW, .t0sz = 25, .ha = 1 }, &access_flag_only, NULL, NULL },
	{ { LOW, .t0sz = 25, .ha = 1, .hd = 1 }, &access_flag_only, NULL, "HD" },
	{ { LOW, .t0sz = 25, .ha = 1, .hd = 1, .haft = 1 }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 25, .haft = 1 }, &rich, NULL, "HAFT" },
	{ { LOW32, .ha = 1 }, &rich, NULL, NULL },
	/* granules */
	{ { LOW, .t0sz = 25, .tg0 = 3 }, NULL, NULL, "TG0" },
	{ { LOW, .t0sz = 25, .tg0 = IOMMUCTL_SMMUV3_TG0_16K }, NULL, NULL, NULL },
	{ { LOW, .t0sz = 25, .tg0 = IOMMUCTL_SMMUV3_TG0_16K }, &plain, NULL, "TG0" },
	{ { LOW, .t0sz = 25, .tg0 = IOMMUCTL_SMMUV3_TG0_64K }, &plain, NULL, NULL },
	{ { HIGH, .t1sz = 25, .tg1 = 0 }, NULL, NULL, "TG1" },
	{ { HIGH, .t1sz = 25, .tg1 = IOMMUCTL_SMMUV3_TG1_4K }, &plain, NULL, NULL },
	{ { HIGH, .t1sz = 25, .tg1 = IOMMUCTL_SMMUV3_TG1_16K }, &plain, NULL, "TG1" },
	{ { HIGH, .t1sz = 25, .tg1 = IOMMUCTL_SMMUV3_TG1_4K, .tg0 = 3 }, &plain, NULL, NULL },
	/* region sizes */
	{ { LOW, .t0sz = 16 }, &plain, NULL, NULL },
	{ { LOW, .t0sz = 15 }, &plain, NULL, "T0SZ" },
	{ { LOW, .t0sz = 39 }, &plain, NULL, NULL },
	{ { LOW, .t0sz = 40 }, &plain, NULL, "T0SZ" },
	{ { LOW, .t0sz = 48 }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 49 }, &rich, NULL, "T0SZ" },
	{ { LOW, .t0sz = 48, .tg0 = IOMMUCTL_SMMUV3_TG0_64K }, &rich, NULL, "T0SZ" },
	{ { LOW, .t0sz = 12, .tg0 = IOMMUCTL_SMMUV3_TG0_64K }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 12, .tg0 = IOMMUCTL_SMMUV3_TG0_64K }, &plain, NULL, "T0SZ" },
	{ { LOW, .t0sz = 11, .tg0 = IOMMUCTL_SMMUV3_TG0_64K }, &rich, NULL, "T0SZ" },
	{ { LOW, .t0sz = 12 }, &rich, NULL, "T0SZ" },
	{ { LOW, .t0sz = 12, .ds = 1 }, &rich, NULL, NULL },
	{ { LOW, .t0sz = 48 }, NULL, NULL, NULL },
	{ { LOW, .t0sz = 49 }, NULL, NULL, "T0SZ" },
	{ { HIGH, .t1sz = 15, .tg1 = IOMMUCTL_SMMUV3_TG1_4K }, &plain, NULL, "T1SZ" },
	{ { LOW, .t0sz = 25, .t1sz = 63, .ttb1 = UINT64_C(1) << 55 }, &plain, NULL, NULL },
	{ { HIGH, .t0sz = 63, .t1sz = 25, .tg1 = IOMMUCTL_SMMUV3_TG1_4K }, &plain, NULL, NULL },
	/* table bases: within IPS, OAS, and 48 bits for 4K and 16K without DS */
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_40, .ttb0 = UINT64_C(0xfffffff000) },
		&plain, NULL, NULL },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_40, .ttb0 = UINT64_C(1) << 40 }, &plain,
		NULL, "TTB0" },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_40, .ttb0 = UINT64_C(1) << 40 }, NULL, NULL,
		"TTB0" },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_48, .ttb0 = UINT64_C(1) << 43 }, &plain,
		NULL, NULL },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_48, .ttb0 = UINT64_C(1) << 44 }, &plain,
		NULL, "TTB0" },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_52, .ttb0 = UINT64_C(1) << 48 }, &rich,
		NULL, "TTB0" },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_52, .ds = 1, .ttb0 = UINT64_C(1) << 48 },
		&rich, NULL, NULL },
	{ { LOW, .t0sz = 25, .ips = IOMMUCTL_SMMUV3_IPS_52, .tg0 = IOMMUCTL_SMMUV3_TG0_64K,
		  .ttb0 = UINT64_C(1) << 51 },
		&rich, NULL, NULL },
	{ { LOW32, .ips = IOMMUCTL_SMMUV3_IPS_48, .ttb0 = UINT64_C(1) << 40 }, &rich, NULL,
		"TTB0" },
	{ { HIGH, .t1sz = 25, .tg1 = IOMMUCTL_SMMUV3_TG1_4K, .ips = IOMMUCTL_SMMUV3_IPS_40,
		  .ttb1 = UINT64_C(1) << 40 },
		&plain, NULL, "TTB1" },
};

Test(smmuv3_cd, validate_finds_what_the_architecture_calls_illegal)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "nothing" };
		int error = iommuctl_smmuv3_cd_validate(
			&judged[i].cd, judged[i].idr, judged[i].ste, &refusal);

		cr_expect_eq(error, judged[i].field ? -EINVAL : 0, "case %zu", i);
		cr_expect_str_eq(refusal.field, judged[i].field ? judged[i].field : "nothing",
			"case %zu: %s", i, refusal.field);
	}
}

Test(smmuv3_cd, a_level_1_descriptor_points_at_a_4k_aligned_table)
{
	struct iommuctl_smmuv3_l1cd l1cd = { .v = 1, .l2ptr = 0x40120000 };
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t word = 0;

	cr_assert_eq(iommuctl_smmuv3_l1cd_encode(&l1cd, &word, NULL), 0);
	cr_expect_eq(word, 0x40120001);
	l1cd.l2ptr = 0x40120800;
	cr_expect_eq(iommuctl_smmuv3_l1cd_encode(&l1cd, &word, &refusal), -ERANGE);
	cr_expect_str_eq(refusal.field, "L2Ptr");
	iommuctl_smmuv3_l1cd_decode(0x40120001, &l1cd);
	cr_expect_eq(l1cd.v, 1);
	cr_expect_eq(l1cd.l2ptr, 0x40120000);
}
