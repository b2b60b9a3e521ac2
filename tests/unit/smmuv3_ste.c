// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_ste.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Arm IHI 0070, section 5.2. */
static const struct position architecture[] = {
	{ "V", 0, 0 },
	{ "Config", 3, 1 },
	{ "S1Fmt", 5, 4 },
	{ "S1ContextPtr", 55, 6 },
	{ "S1CDMax", 63, 59 },
	{ "S1DSS", 65, 64 },
	{ "S1CIR", 67, 66 },
	{ "S1COR", 69, 68 },
	{ "S1CSH", 71, 70 },
	{ "S2HWU59", 72, 72 },
	{ "S2HWU60", 73, 73 },
	{ "S2HWU61", 74, 74 },
	{ "S2HWU62", 75, 75 },
	{ "DRE", 76, 76 },
	{ "CONT", 80, 77 },
	{ "DCP", 81, 81 },
	{ "PPAR", 82, 82 },
	{ "MEV", 83, 83 },
	{ "SW_RESERVED", 87, 84 },
	{ "S1PIE", 88, 88 },
	{ "S2FWB", 89, 89 },
	{ "S1MPAM", 90, 90 },
	{ "S1STALLD", 91, 91 },
	{ "EATS", 93, 92 },
	{ "STRW", 95, 94 },
	{ "MemAttr", 99, 96 },
	{ "MTCFG", 100, 100 },
	{ "ALLOCCFG", 104, 101 },
	{ "SHCFG", 109, 108 },
	{ "NSCFG", 111, 110 },
	{ "PRIVCFG", 113, 112 },
	{ "INSTCFG", 115, 114 },
	{ "S2VMID", 143, 128 },
	{ "S2T0SZ", 165, 160 },
	{ "S2SL0", 167, 166 },
	{ "S2IR0", 169, 168 },
	{ "S2OR0", 171, 170 },
	{ "S2SH0", 173, 172 },
	{ "S2TG", 175, 174 },
	{ "S2PS", 178, 176 },
	{ "S2AA64", 179, 179 },
	{ "S2ENDI", 180, 180 },
	{ "S2AFFD", 181, 181 },
	{ "S2PTW", 182, 182 },
	{ "S2HD", 183, 183 },
	{ "S2HA", 184, 184 },
	{ "S2S", 185, 185 },
	{ "S2R", 186, 186 },
	{ "S2HAFT", 187, 187 },
	{ "S2PIE", 188, 188 },
	{ "S2POE", 189, 189 },
	{ "DPT_VMATCH", 191, 190 },
	{ "S2SL0_2", 194, 194 },
	{ "S2DS", 195, 195 },
	{ "S2TTB", 247, 196 },
	{ "S2SKL", 254, 253 },
	{ "PARTID", 287, 272 },
	{ "PMG", 327, 320 },
	{ "AssuredOnly", 329, 329 },
	{ "TL0", 330, 330 },
	{ "TL1", 331, 331 },
	{ "VMSPtr", 375, 332 },
	{ "S2POI", 511, 448 },
};

Test(smmuv3_ste, fields_are_where_the_architecture_has_them)
{
	size_t count;

	iommuctl_smmuv3_ste_fields(&count);
	cr_expect_eq(count, ARRAY_SIZE(architecture));
	check_positions(architecture, ARRAY_SIZE(architecture), iommuctl_smmuv3_ste_field);
}

Test(smmuv3_ste, encodes_a_stage_1_entry)
{
	const struct iommuctl_smmuv3_ste ste = {
		.v = 1,
		.config = IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = 0x40100000,
		.s1cdmax = 4,
		.s1dss = IOMMUCTL_SMMUV3_S1DSS_SSID0,
		.s1cir = IOMMUCTL_SMMUV3_S1C_WB_RA,
		.s1cor = IOMMUCTL_SMMUV3_S1C_WB_RA,
		.s1csh = IOMMUCTL_SMMUV3_SH_ISH,
	};
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];

	cr_assert_eq(iommuctl_smmuv3_ste_encode(&ste, words, NULL), 0);
	cr_expect_eq(words[0], UINT64_C(0x200000004010000b));
	cr_expect_eq(words[1], UINT64_C(0xd6));
	for (size_t i = 2; i < IOMMUCTL_SMMUV3_STE_WORDS; i++)
		cr_expect_eq(words[i], 0);
}

/* What Linux writes for a stage-2 domain of 40-bit IPAs: 4K, WB, inner shareable. */
Test(smmuv3_ste, decodes_a_stage_2_entry)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = {
		0xd,
		UINT64_C(0x0000100000000000),
		UINT64_C(0x044d355800000003),
		0x80012000,
	};
	struct iommuctl_smmuv3_ste ste;

	iommuctl_smmuv3_ste_decode(words, &ste);
	cr_expect_eq(ste.v, 1);
	cr_expect_eq(ste.config, IOMMUCTL_SMMUV3_CONFIG_S2);
	cr_expect_eq(ste.shcfg, IOMMUCTL_SMMUV3_SHCFG_INCOMING);
	cr_expect_eq(ste.s2vmid, 3);
	cr_expect_eq(ste.s2t0sz, 24);
	cr_expect_eq(ste.s2sl0, 1);
	cr_expect_eq(ste.s2ir0, 1);
	cr_expect_eq(ste.s2or0, 1);
	cr_expect_eq(ste.s2sh0, 3);
	cr_expect_eq(ste.s2tg, 0);
	cr_expect_eq(ste.s2ps, 5);
	cr_expect_eq(ste.s2aa64, 1);
	cr_expect_eq(ste.s2ptw, 1);
	cr_expect_eq(ste.s2r, 1);
	cr_expect_eq(ste.s2s, 0);
	cr_expect_eq(ste.s2ttb, 0x80012000);
}

Test(smmuv3_ste, nested_takes_what_the_kernel_allows)
{
	static const uint64_t taken[][2] = {
		{ 0x1, 0 },				      /* abort */
		{ 0x9, 0 },				      /* bypass */
		{ 0x4010000b, 0 },			      /* S1 */
		{ UINT64_C(0xf80ffffffffffffb), 0x180000ff }, /* every allowed field */
		{ 0x4010000b, 0x08000000 },		      /* S1STALLD */
		{ 0x4010000b, 0x10000000 },		      /* EATS full */
	};
	uint64_t nested[2];

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { taken[i][0], taken[i][1] };

		cr_expect_eq(iommuctl_smmuv3_ste_nested(words, nested, NULL), 0, "case %zu", i);
		cr_expect_arr_eq(nested, taken[i], sizeof(nested));
	}
}

Test(smmuv3_ste, nested_of_an_invalid_entry_is_zero_whatever_the_rest)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { UINT64_MAX - 1, UINT64_MAX };
	uint64_t nested[2] = { 1, 1 };

	cr_expect_eq(iommuctl_smmuv3_ste_nested(words, nested, NULL), 0);
	cr_expect_eq(nested[0], 0);
	cr_expect_eq(nested[1], 0);
}

Test(smmuv3_ste, nested_does_not_look_past_the_words_the_kernel_takes)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 0x4010000b, 0, UINT64_MAX, UINT64_MAX };
	uint64_t nested[2];

	cr_expect_eq(iommuctl_smmuv3_ste_nested(words, nested, NULL), 0);
}

static const struct {
	uint64_t words[2];
	const char *text;
} refused[] = {
	{ { 0x4010000b | UINT64_C(1) << 56 }, "word 0 bit 56 (RES0): reserved, must be zero" },
	{ { 0x4010000b | UINT64_C(1) << 52 },
		"word 0 bits 55:52 (S1ContextPtr): a nested HWPT does not take this" },
	{ { 0x4010000b, UINT64_C(1) << 19 },
		"word 1 bit 19 (MEV): a nested HWPT does not take this" },
	{ { 0x4010000b, UINT64_C(1) << 14 },
		"word 1 bits 16:13 (CONT): a nested HWPT does not take this" },
	{ { 0x4010000b, UINT64_C(1) << 44 },
		"word 1 bits 45:44 (SHCFG): a nested HWPT does not take this" },
	{ { 0x4010000b, UINT64_C(2) << 30 },
		"word 1 bits 31:30 (STRW): a nested HWPT does not take this" },
	{ { 0x4010000b, UINT64_C(1) << 63 }, "word 1 bit 63 (RES0): reserved, must be zero" },
	{ { 0x3 }, "word 0 bits 3:1 (Config): a nested HWPT is abort, bypass or S1; "
		   "stage 2 is its parent's" },
	{ { 0xd }, "word 0 bits 3:1 (Config): a nested HWPT is abort, bypass or S1; "
		   "stage 2 is its parent's" },
	{ { 0xf }, "word 0 bits 3:1 (Config): a nested HWPT is abort, bypass or S1; "
		   "stage 2 is its parent's" },
	{ { 0x4010000b, UINT64_C(2) << 28 },
		"word 1 bits 29:28 (EATS): a nested HWPT takes abort or full ATS" },
	{ { 0x4010000b, UINT64_C(3) << 28 },
		"word 1 bits 29:28 (EATS): a nested HWPT takes abort or full ATS" },
};

Test(smmuv3_ste, nested_refuses_the_rest_and_says_which_bits)
{
	struct iommuctl_smmuv3_refusal refusal;
	char text[160];

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { refused[i].words[0],
			refused[i].words[1] };
		uint64_t nested[2] = { 7, 7 };

		cr_expect_eq(
			iommuctl_smmuv3_ste_nested(words, nested, &refusal), -EIO, "case %zu", i);
		iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
		cr_expect_str_eq(text, refused[i].text);
		cr_expect_eq(nested[0], 7, "nested was written");
	}
}

/* The allow-list, bit by bit, as the uAPI header names its fields. */
Test(smmuv3_ste, nested_takes_the_bits_of_the_documented_fields_and_no_other)
{
	static const char *const allowed[] = { "V", "Config", "S1Fmt", "S1ContextPtr", "S1CDMax",
		"S1DSS", "S1CIR", "S1COR", "S1CSH", "S1STALLD", "EATS" };
	uint64_t bits[2] = { 0, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		const struct iommuctl_smmuv3_field *field = iommuctl_smmuv3_ste_field(allowed[i]);

		bits[field->word] |= iommuctl_smmuv3_field_mask(field);
	}
	bits[0] &= ~(UINT64_C(0xf) << 52);
	for (unsigned int bit = 4; bit < 128; bit++) {
		uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 0xb };
		struct iommuctl_smmuv3_refusal refusal = { .field = "" };
		uint64_t nested[2];
		int error;

		words[bit / 64] |= UINT64_C(1) << bit % 64;
		error = iommuctl_smmuv3_ste_nested(words, nested, &refusal);
		if (bits[bit / 64] >> bit % 64 & 1)
			cr_expect(!error || !strcmp(refusal.field, "EATS"), "bit %u", bit);
		else
			cr_expect_eq(error, -EIO, "bit %u", bit);
	}
}

static const struct iommuctl_smmuv3_idr small = {
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,
	.ssidsize = 4,
	.ats = 1,
};

static const struct {
	struct iommuctl_smmuv3_ste ste;
	const struct iommuctl_smmuv3_idr *idr;
	const char *field; /* NULL: legal */
} judged[] = {
	{ { .v = 0 }, NULL, "V" },
	{ { .v = 1 }, &small, NULL },
	{ { .v = 1, .config = 4, .s1cdmax = 31, .s1stalld = 1 }, &small, NULL },
	{ { .v = 1, .config = 6 }, NULL, "Config" },
	{ { .v = 1, .config = 7 }, NULL, "Config" },
	{ { .v = 1, .config = 5 }, NULL, NULL },
	{ { .v = 1, .config = 5, .s1cdmax = 20, .s1fmt = 2 }, NULL, NULL },
	{ { .v = 1, .config = 5, .s1cdmax = 21 }, NULL, "S1CDMax" },
	{ { .v = 1, .config = 5, .s1cdmax = 4 }, &small, NULL },
	{ { .v = 1, .config = 5, .s1cdmax = 5 }, &small, "S1CDMax" },
	{ { .v = 1, .config = 5, .s1cdmax = 5 }, &(struct iommuctl_smmuv3_idr){ 0 }, NULL },
	{ { .v = 1, .config = 5, .s1cdmax = 4, .s1fmt = 2 }, &small, "S1Fmt" },
	{ { .v = 1, .config = 5, .s1cdmax = 0, .s1fmt = 2 }, &small, NULL },
	{ { .v = 1, .config = 5, .s1stalld = 1 }, NULL, NULL },
	{ { .v = 1, .config = 5, .s1stalld = 1 }, &small, "S1STALLD" },
	{ { .v = 1, .config = 5, .s1stalld = 1 }, &(struct iommuctl_smmuv3_idr){ 0 }, NULL },
	{ { .v = 1, .config = 5, .s1contextptr = UINT64_C(1) << 55 }, NULL, NULL },
	{ { .v = 1, .config = 5, .s1contextptr = UINT64_C(1) << 31 }, &small, NULL },
	{ { .v = 1, .config = 5, .s1contextptr = UINT64_C(1) << 32 }, &small, "S1ContextPtr" },
	{ { .v = 1, .config = 5, .s1contextptr = UINT64_C(1) << 55 }, &small, "S1ContextPtr" },
	{ { .v = 1, .config = 4, .s1contextptr = UINT64_C(1) << 55 }, &small, NULL },
	{ { .v = 1, .config = 5, .eats = 2 }, &small, "EATS" },
	{ { .v = 1, .config = 5, .eats = 2 }, &(struct iommuctl_smmuv3_idr){ 0 }, NULL },
};

Test(smmuv3_ste, validate_finds_what_the_architecture_calls_illegal)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "nothing" };
		int error = iommuctl_smmuv3_ste_validate(&judged[i].ste, judged[i].idr, &refusal);

		cr_expect_eq(error, judged[i].field ? -EINVAL : 0, "case %zu", i);
		cr_expect_str_eq(refusal.field, judged[i].field ? judged[i].field : "nothing");
	}
}

Test(smmuv3_ste, prints_the_main_fields_and_the_others_that_are_set)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 0x4010000b, 0x080000d6 };
	struct iommuctl_smmuv3_ste ste;
	char text[256];

	iommuctl_smmuv3_ste_decode(words, &ste);
	iommuctl_smmuv3_ste_print(&ste, text, sizeof(text));
	cr_expect_str_eq(text, "V Config=S1 S1ContextPtr=0x40100000 S1CDMax=0 S1DSS=SSID0 "
			       "S1CIR=WB-RA S1COR=WB-RA S1CSH=ISH S1STALLD");
	iommuctl_smmuv3_ste_print(&(struct iommuctl_smmuv3_ste){ .config = 1 }, text, sizeof(text));
	cr_expect_str_eq(text, "V=0 Config=1 S1CDMax=0");
}
