// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_event.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Arm IHI 0070, section 7.3. */
static const struct position permission_fault[] = {
	{ "Type", 7, 0 },
	{ "SSV", 11, 11 },
	{ "SubstreamID", 31, 12 },
	{ "StreamID", 63, 32 },
	{ "STAG", 79, 64 },
	{ "Stall", 95, 95 },
	{ "PnU", 97, 97 },
	{ "InD", 98, 98 },
	{ "RnW", 99, 99 },
	{ "S2", 103, 103 },
	{ "CLASS", 105, 104 },
	{ "TTRnW", 108, 108 },
	{ "InputAddr", 191, 128 },
	{ "IPA", 247, 204 },
};

static const struct position cd_fetch[] = {
	{ "Reason", 79, 64 },
	{ "GPCF", 80, 80 },
	{ "FetchAddr", 247, 195 },
};

static const struct position page_request[] = {
	{ "uX", 97, 97 },
	{ "uW", 98, 98 },
	{ "uR", 99, 99 },
	{ "pX", 101, 101 },
	{ "pW", 102, 102 },
	{ "pR", 103, 103 },
	{ "Span", 115, 108 },
	{ "InputAddr", 191, 140 },
};

static const struct iommuctl_smmuv3_field *of_permission_fault(const char *name)
{
	return iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_PERMISSION, name);
}

static const struct iommuctl_smmuv3_field *of_cd_fetch(const char *name)
{
	return iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_CD_FETCH, name);
}

static const struct iommuctl_smmuv3_field *of_page_request(const char *name)
{
	return iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_E_PAGE_REQUEST, name);
}

Test(smmuv3_event, fields_are_where_the_architecture_has_them)
{
	check_positions(permission_fault, ARRAY_SIZE(permission_fault), of_permission_fault);
	check_positions(cd_fetch, ARRAY_SIZE(cd_fetch), of_cd_fetch);
	check_positions(page_request, ARRAY_SIZE(page_request), of_page_request);
}

/* Records as an SMMU writes them, their decoded form and their text. */
static const struct {
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event event;
	const char *text;
} known[] = {
	{ { UINT64_C(0x0000004200000010), UINT64_C(0x0000020800000000), 0x1000 },
		{ .type = 0x10, .streamid = 0x42, .rnw = 1, .event_class = 2, .inputaddr = 0x1000 },
		"F_TRANSLATION StreamID=0x42 RnW=read CLASS=IN InputAddr=0x1000" },
	{ { UINT64_C(0x0000004200003811), UINT64_C(0x0000018280000009), 0x1008, 0x40200000 },
		{ .type = 0x11,
			.streamid = 0x42,
			.ssv = 1,
			.substreamid = 3,
			.stag = 9,
			.stall = 1,
			.pnu = 1,
			.s2 = 1,
			.event_class = 1,
			.inputaddr = 0x1008,
			.ipa = 0x40200000 },
		"F_ADDR_SIZE StreamID=0x42 SSV SubstreamID=0x3 STAG=0x9 Stall PnU RnW=write S2 "
		"CLASS=TTD InputAddr=0x1008 IPA=0x40200000" },
	{ { UINT64_C(0x0000004200000012), UINT64_C(0x0000020c00000000), 0x2000 },
		{ .type = 0x12,
			.streamid = 0x42,
			.ind = 1,
			.rnw = 1,
			.event_class = 2,
			.inputaddr = 0x2000 },
		"F_ACCESS StreamID=0x42 InD RnW=read CLASS=IN InputAddr=0x2000" },
	{ { UINT64_C(0x0000004200000013), UINT64_C(0x0000120000000000), 0x3000 },
		{ .type = 0x13,
			.streamid = 0x42,
			.event_class = 2,
			.ttrnw = 1,
			.inputaddr = 0x3000 },
		"F_PERMISSION StreamID=0x42 RnW=write CLASS=IN TTRnW=read InputAddr=0x3000" },
	{ { UINT64_C(0x000000420000000a) }, { .type = 0x0a, .streamid = 0x42 },
		"C_BAD_CD StreamID=0x42" },
	{ { UINT64_C(0x0000004200005008) }, { .type = 0x08, .streamid = 0x42, .substreamid = 5 },
		"C_BAD_SUBSTREAMID StreamID=0x42 SubstreamID=0x5" },
	{ { UINT64_C(0x0000004200000009), 0x10007, 0, 0x40100040 },
		{ .type = 0x09, .streamid = 0x42, .reason = 7, .gpcf = 1, .fetchaddr = 0x40100040 },
		"F_CD_FETCH StreamID=0x42 Reason=0x7 GPCF FetchAddr=0x40100040" },
	{ { UINT64_C(0x000000420000000b), UINT64_C(0x0000020800000000), 0x1000, 0x40110008 },
		{ .type = 0x0b,
			.streamid = 0x42,
			.rnw = 1,
			.event_class = 2,
			.inputaddr = 0x1000,
			.fetchaddr = 0x40110008 },
		"F_WALK_EABT StreamID=0x42 RnW=read CLASS=IN InputAddr=0x1000 "
		"FetchAddr=0x40110008" },
	{ { UINT64_C(0x0000004200000001), UINT64_C(0x0000000800000003), 0x1000 },
		{ .type = 0x01, .streamid = 0x42, .reason = 3, .rnw = 1, .inputaddr = 0x1000 },
		"F_UUT StreamID=0x42 Reason=0x3 RnW=read InputAddr=0x1000" },
	{ { UINT64_C(0x0000004200000021), 0xdeadbeef },
		{ .type = 0x21, .streamid = 0x42, .reason = 0xdeadbeef },
		"F_CFG_CONFLICT StreamID=0x42 Reason=0xdeadbeef" },
	{ { UINT64_C(0x0000004200000024), UINT64_C(0x0000408800000000), 0x7000 },
		{ .type = 0x24,
			.streamid = 0x42,
			.ur = 1,
			.pr = 1,
			.span = 4,
			.inputaddr = 0x7000 },
		"E_PAGE_REQUEST StreamID=0x42 uR pR Span=0x4 InputAddr=0x7000" },
	{ { UINT64_C(0xffffffff000000e3), 1, 2, 3 }, { .type = 0xe3 }, "Type=0xe3" },
};

Test(smmuv3_event, decodes_encodes_and_prints_records)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_event_fields(&count);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct iommuctl_smmuv3_event event;
		uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
		char text[200];

		iommuctl_smmuv3_event_decode(known[i].words, &event);
		for (size_t j = 0; j < count; j++)
			cr_expect_eq(iommuctl_smmuv3_field_get(&fields[j], &event),
				iommuctl_smmuv3_field_get(&fields[j], &known[i].event), "%s: %s",
				known[i].text, fields[j].name);
		iommuctl_smmuv3_event_print(&event, text, sizeof(text));
		cr_expect_str_eq(text, known[i].text);
		if (!iommuctl_smmuv3_event_name(event.type))
			continue;
		cr_expect_eq(iommuctl_smmuv3_event_encode(&event, words, NULL), 0);
		cr_expect_arr_eq(words, known[i].words, sizeof(words), "%s", known[i].text);
	}
}

Test(smmuv3_event, the_architected_types_are_named_both_ways)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {
		{ 0x01, "F_UUT" },
		{ 0x02, "C_BAD_STREAMID" },
		{ 0x03, "F_STE_FETCH" },
		{ 0x04, "C_BAD_STE" },
		{ 0x05, "F_BAD_ATS_TREQ" },
		{ 0x06, "F_STREAM_DISABLED" },
		{ 0x07, "F_TRANSL_FORBIDDEN" },
		{ 0x08, "C_BAD_SUBSTREAMID" },
		{ 0x09, "F_CD_FETCH" },
		{ 0x0a, "C_BAD_CD" },
		{ 0x0b, "F_WALK_EABT" },
		{ 0x10, "F_TRANSLATION" },
		{ 0x11, "F_ADDR_SIZE" },
		{ 0x12, "F_ACCESS" },
		{ 0x13, "F_PERMISSION" },
		{ 0x20, "F_TLB_CONFLICT" },
		{ 0x21, "F_CFG_CONFLICT" },
		{ 0x24, "E_PAGE_REQUEST" },
		{ 0x25, "F_VMS_FETCH" },
	};
	unsigned int named = 0;
	uint8_t type = 0;

	for (unsigned int i = 0; i <= UINT8_MAX; i++)
		named += iommuctl_smmuv3_event_name((uint8_t)i) != NULL;
	cr_expect_eq(named, ARRAY_SIZE(types));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		cr_expect_str_eq(iommuctl_smmuv3_event_name(types[i].type), types[i].name);
		cr_expect_eq(iommuctl_smmuv3_event_from_name(types[i].name, &type), 0);
		cr_expect_eq(type, types[i].type);
	}
	cr_expect_eq(iommuctl_smmuv3_event_from_name("f_translation", &type), 0);
	cr_expect_eq(type, 0x10);
	cr_expect_eq(iommuctl_smmuv3_event_from_name("F_TRANSLATION2", &type), -ENOENT);
	cr_expect_eq(type, 0x10);
}

Test(smmuv3_event, eight_types_reach_a_veventq)
{
	static const uint8_t delivered[] = { 0x04, 0x06, 0x08, 0x0a, 0x10, 0x11, 0x12, 0x13 };
	bool expected[UINT8_MAX + 1] = { false };

	for (size_t i = 0; i < ARRAY_SIZE(delivered); i++)
		expected[delivered[i]] = true;
	for (unsigned int i = 0; i <= UINT8_MAX; i++)
		cr_expect_eq(iommuctl_smmuv3_event_reaches_veventq(
				     &(struct iommuctl_smmuv3_event){ .type = (uint8_t)i }),
			expected[i], "type 0x%x", i);
}

Test(smmuv3_event, stage_2_faults_and_stalls_do_not_reach_a_veventq)
{
	struct iommuctl_smmuv3_event event = { .type = IOMMUCTL_SMMUV3_F_TRANSLATION, .s2 = 1 };

	cr_expect_not(iommuctl_smmuv3_event_reaches_veventq(&event));
	event = (struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_F_ACCESS, .stall = 1 };
	cr_expect_not(iommuctl_smmuv3_event_reaches_veventq(&event));
}

Test(smmuv3_event, a_field_is_found_only_in_the_types_that_have_it)
{
	cr_expect_not_null(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_TRANSLATION, "stall"));
	cr_expect_null(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_C_BAD_CD, "stall"));
	cr_expect_null(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID, "SSV"));
	cr_expect_null(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_STREAM_DISABLED, "SSV"));
	cr_expect_null(
		iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_TRANSL_FORBIDDEN, "SubstreamID"));
	cr_expect_null(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_TRANSLATION, "TTRnW"));
	cr_expect_eq(iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_CD_FETCH, "Reason")->width, 16);
	cr_expect_eq(
		iommuctl_smmuv3_event_field(IOMMUCTL_SMMUV3_F_TLB_CONFLICT, "Reason")->width, 32);
}

Test(smmuv3_event, a_reason_wider_than_its_type_has_does_not_encode)
{
	const struct iommuctl_smmuv3_event event = { .type = IOMMUCTL_SMMUV3_F_UUT,
		.reason = 0x10000 };
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	cr_expect_eq(iommuctl_smmuv3_event_encode(&event, words, &refusal), -ERANGE);
	cr_expect_str_eq(refusal.field, "Reason");
}
