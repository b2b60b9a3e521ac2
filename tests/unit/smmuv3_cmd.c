// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_cmd.h>

#include "array.h"

/* Commands as a driver writes them, their decoded form and their text. */
static const struct {
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_smmuv3_cmd cmd;
	const char *text;
} known[] = {
	{ { 0x30 }, { .opcode = 0x30 }, "TLBI_NSNH_ALL" },
	{ { UINT64_C(0x0000000500000010) }, { .opcode = 0x10, .vmid = 5 }, "TLBI_NH_ALL VMID=0x5" },
	{ { UINT64_C(0x0007000500000011) }, { .opcode = 0x11, .vmid = 5, .asid = 7 },
		"TLBI_NH_ASID VMID=0x5 ASID=0x7" },
	{ { UINT64_C(0x0007000000000012), 0x1001 },
		{ .opcode = 0x12, .asid = 7, .leaf = 1, .address = 0x1000 },
		"TLBI_NH_VA VMID=0x0 ASID=0x7 Leaf Address=0x1000" },
	/* 512 pages of 4K: (NUM + 1) << SCALE */
	{ { UINT64_C(0x0007000000900012), 0x401 },
		{ .opcode = 0x12, .asid = 7, .scale = 9, .tg = 1, .leaf = 1 },
		"TLBI_NH_VA VMID=0x0 ASID=0x7 SCALE=9 TG=4K Leaf Address=0x0" },
	{ { 0x1f013, UINT64_C(0xffff800000000f00) },
		{ .opcode = 0x13,
			.num = 31,
			.ttl = 3,
			.tg = 3,
			.address = UINT64_C(0xffff800000000000) },
		"TLBI_NH_VAA VMID=0x0 NUM=31 TTL=3 TG=64K Address=0xffff800000000000" },
	{ { UINT64_C(0x0000004200003840), 0x34 },
		{ .opcode = 0x40, .ssv = 1, .substreamid = 3, .streamid = 0x42, .size = 52 },
		"ATC_INV SSV StreamID=0x42 SubstreamID=0x3 Size=52 Address=0x0" },
	{ { UINT64_C(0x0000004200001005), 1 },
		{ .opcode = 0x05, .substreamid = 1, .streamid = 0x42, .leaf = 1 },
		"CFGI_CD StreamID=0x42 SubstreamID=0x1 Leaf" },
	{ { UINT64_C(0x0000004200000006) }, { .opcode = 0x06, .streamid = 0x42 },
		"CFGI_CD_ALL StreamID=0x42" },
	{ { UINT64_C(0x0000004200000003), 1 }, { .opcode = 0x03, .streamid = 0x42, .leaf = 1 },
		"CFGI_STE StreamID=0x42 Leaf" },
	{ { 0x04, 0x1f }, { .opcode = 0x04, .range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL },
		"CFGI_STE_RANGE StreamID=0x0 Range=31" },
	{ { UINT64_C(0x0000004200000002), 0x7f000123 },
		{ .opcode = 0x02, .streamid = 0x42, .size = 3, .stride = 9, .address = 0x7f000000 },
		"PREFETCH_ADDR StreamID=0x42 Size=3 Stride=9 Address=0x7f000000" },
	{ { UINT64_C(0x0000002a0fc01046), 0x8100040 },
		{ .opcode = 0x46,
			.cs = 1,
			.msh = 3,
			.msiattr = 15,
			.msidata = 42,
			.msiaddress = 0x8100040 },
		"SYNC CS=IRQ MSH=ISH MSIAttr=15 MSIData=0x2a MSIAddress=0x8100040" },
	{ { UINT64_C(0x0000004200001044), 9 },
		{ .opcode = 0x44, .streamid = 0x42, .ac = 1, .stag = 9 },
		"RESUME StreamID=0x42 Ac=retry STAG=0x9" },
	{ { UINT64_C(0x0000004200002044), 9 },
		{ .opcode = 0x44, .streamid = 0x42, .ab = 1, .stag = 9 },
		"RESUME StreamID=0x42 Ac=terminate Ab STAG=0x9" },
	{ { UINT64_C(0x0000004200000045) }, { .opcode = 0x45, .streamid = 0x42 },
		"STALL_TERM StreamID=0x42" },
	{ { UINT64_C(0x0000004200003841), 0x2011 },
		{ .opcode = 0x41,
			.ssv = 1,
			.substreamid = 3,
			.streamid = 0x42,
			.prgindex = 17,
			.resp = 2 },
		"PRI_RESP SSV StreamID=0x42 SubstreamID=0x3 PRGIndex=0x11 Resp=success" },
	{ { UINT64_C(0x000000050000002a), 0x40000001 },
		{ .opcode = 0x2a, .vmid = 5, .leaf = 1, .address = 0x40000000 },
		"TLBI_S2_IPA VMID=0x5 Leaf Address=0x40000000" },
	{ { UINT64_C(0x0007000000000022), 0x1000 },
		{ .opcode = 0x22, .asid = 7, .address = 0x1000 },
		"TLBI_EL2_VA ASID=0x7 Address=0x1000" },
	{ { 0x99, 5 }, { .opcode = 0x99 }, "Opcode=0x99" },
};

static void expect_same(
	const struct iommuctl_smmuv3_cmd *a, const struct iommuctl_smmuv3_cmd *b, const char *text)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmd_fields(&count);

	for (size_t i = 0; i < count; i++)
		cr_expect_eq(iommuctl_smmuv3_field_get(&fields[i], a),
			iommuctl_smmuv3_field_get(&fields[i], b), "%s: %s", text, fields[i].name);
}

Test(smmuv3_cmd, decodes_encodes_and_prints_commands)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct iommuctl_smmuv3_cmd cmd;
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
		char text[160];

		iommuctl_smmuv3_cmd_decode(known[i].words, &cmd);
		expect_same(&cmd, &known[i].cmd, known[i].text);
		iommuctl_smmuv3_cmd_print(&cmd, text, sizeof(text));
		cr_expect_str_eq(text, known[i].text);
		if (!iommuctl_smmuv3_cmd_name(cmd.opcode))
			continue;
		cr_expect_eq(iommuctl_smmuv3_cmd_encode(&cmd, words, NULL), 0);
		cr_expect_arr_eq(words, known[i].words, sizeof(words), "%s", known[i].text);
	}
}

Test(smmuv3_cmd, a_reserved_opcode_does_not_encode)
{
	const struct iommuctl_smmuv3_cmd cmd = { .opcode = 0x99 };
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	cr_expect_eq(iommuctl_smmuv3_cmd_encode(&cmd, words, &refusal), -EINVAL);
	cr_expect_str_eq(refusal.field, "Opcode");
}

Test(smmuv3_cmd, every_opcode_has_a_name_that_leads_back)
{
	unsigned int named = 0;

	for (unsigned int opcode = 0; opcode <= UINT8_MAX; opcode++) {
		const char *name = iommuctl_smmuv3_cmd_name((uint8_t)opcode);
		uint8_t back = 0;

		if (!name)
			continue;
		named++;
		cr_expect_eq(iommuctl_smmuv3_cmd_from_name(name, &back), 0);
		cr_expect_eq(back, opcode, "%s", name);
	}
	cr_expect_eq(named, 34);
}

Test(smmuv3_cmd, names_are_found_in_any_case_and_unknown_ones_are_not)
{
	uint8_t opcode = 0x77;

	cr_expect_eq(iommuctl_smmuv3_cmd_from_name("tlbi_nh_va", &opcode), 0);
	cr_expect_eq(opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA);
	cr_expect_eq(iommuctl_smmuv3_cmd_from_name("tlbi_nh", &opcode), -ENOENT);
	cr_expect_eq(iommuctl_smmuv3_cmd_from_name("", &opcode), -ENOENT);
	cr_expect_eq(opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA);
}

Test(smmuv3_cmd, the_kernel_relays_eight_commands_and_the_caller_handles_eight)
{
	static const uint8_t relayed[] = { 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30, 0x40 };
	static const uint8_t callers[] = { 0x01, 0x02, 0x03, 0x04, 0x41, 0x44, 0x45, 0x46 };
	enum iommuctl_smmuv3_cmd_class expected[UINT8_MAX + 1] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(relayed); i++)
		expected[relayed[i]] = IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED;
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		expected[callers[i]] = IOMMUCTL_SMMUV3_CMD_CLASS_CALLER;
	for (unsigned int opcode = 0; opcode <= UINT8_MAX; opcode++)
		cr_expect_eq(iommuctl_smmuv3_cmd_class((uint8_t)opcode), expected[opcode],
			"opcode 0x%x", opcode);
}

static const struct iommuctl_smmuv3_idr poor = {
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,
};
static const struct iommuctl_smmuv3_idr ranged = { .ril = 1, .asid16 = 1 };
static const struct iommuctl_smmuv3_idr rich = {
	.ril = 1,
	.asid16 = 1,
	.ds = 1,
	.ats = 1,
	.ssidsize = 20,
};

static const struct {
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	const struct iommuctl_smmuv3_idr *idr;
	const char *field; /* NULL: legal */
} judged[] = {
	/* opcodes */
	{ { 0x00 }, NULL, "Opcode" },
	{ { 0x14 }, NULL, "Opcode" },
	{ { 0x18 }, NULL, "Opcode" },
	{ { 0x20 }, NULL, "Opcode" },
	{ { 0x28 }, NULL, "Opcode" },
	{ { 0x2a }, NULL, "Opcode" },
	{ { 0x50 }, NULL, "Opcode" },
	{ { 0x70 }, NULL, "Opcode" },
	{ { 0x80 }, NULL, "Opcode" },
	/* bits of no field */
	{ { 0x30 }, NULL, NULL },
	{ { 0x130 }, NULL, "RES0" },
	{ { UINT64_C(0x0000000500000030) }, NULL, "RES0" },
	{ { 0x30, 1 }, NULL, "RES0" },
	{ { 0x10, 1 }, NULL, "RES0" },
	{ { UINT64_C(0x0007000000000010) }, NULL, "RES0" },
	{ { UINT64_C(0x0007000000000013) }, NULL, "RES0" },
	{ { 0x12, 0x80 }, NULL, "RES0" },
	{ { 0x12, 0x2 }, NULL, "RES0" },
	{ { 0x805 }, NULL, "RES0" },
	{ { 0x06, 1 }, NULL, "RES0" },
	{ { 0x40, 0x40 }, NULL, "RES0" },
	{ { 0x440 }, NULL, "RES0" },
	{ { 0x46, UINT64_C(1) << 63 }, NULL, "RES0" },
	/* the queue is Non-secure */
	{ { 0x403 }, NULL, "SSec" },
	{ { 0x405 }, NULL, "SSec" },
	/* ranges */
	{ { 0x900012, 0x401 }, NULL, NULL },
	{ { 0x900012, 0x401 }, &ranged, NULL },
	{ { 0x900012, 0x401 }, &poor, "TG" },
	{ { 0x12, 0x401 }, &ranged, "TG" },
	{ { 0x13, 0x401 }, NULL, "TG" },
	{ { 0x12, 0x701 }, &ranged, NULL },
	{ { 0x1012, 0x1 }, &ranged, "NUM" },
	{ { 0x1012, 0x1 }, &poor, "NUM" },
	{ { 0x100012, 0x1 }, NULL, "SCALE" },
	{ { 0x12, 0x101 }, NULL, "TTL" },
	{ { 0x2000012, 0x401 }, NULL, NULL },
	{ { 0x2000012, 0x401 }, &ranged, "SCALE" },
	{ { 0x2000012, 0x401 }, &rich, NULL },
	{ { 0x1f00012, 0x401 }, &ranged, NULL },
	{ { 0x12, 0x901 }, &ranged, "TTL" },
	{ { 0x12, 0x901 }, &rich, NULL },
	{ { 0x12, 0x501 }, &ranged, NULL },
	/* ASIDs */
	{ { UINT64_C(0x00ff000000000011) }, &poor, NULL },
	{ { UINT64_C(0x0100000000000011) }, &poor, "ASID" },
	{ { UINT64_C(0x0100000000000012) }, &poor, "ASID" },
	{ { UINT64_C(0x0100000000000012) }, &rich, NULL },
	/* ATS and SubstreamIDs */
	{ { 0x40, 52 }, NULL, NULL },
	{ { 0x40, 53 }, NULL, "Size" },
	{ { 0x40, 52 }, &poor, "Opcode" },
	{ { 0x40, 52 }, &(struct iommuctl_smmuv3_idr){ .ats = 1 }, NULL },
	{ { 0x840, 52 }, &(struct iommuctl_smmuv3_idr){ .ats = 1 }, "SSV" },
	{ { 0x1040, 52 }, &(struct iommuctl_smmuv3_idr){ .ats = 1 }, "SubstreamID" },
	{ { 0x240, 52 }, &(struct iommuctl_smmuv3_idr){ .ats = 1 }, "Global" },
	{ { 0x1a40, 52 }, &rich, NULL },
	{ { 0x1005 }, &poor, "SubstreamID" },
	{ { 0x1005 }, &rich, NULL },
	{ { 0x5 }, &poor, NULL },
	/* what the caller handles */
	{ { 0x01 }, &poor, NULL },
	{ { 0x04, 31 }, &poor, NULL },
	{ { 0x46 }, NULL, NULL },
	{ { 0x3046 }, NULL, "CS" },
	{ { 0x41, 0x2000 }, NULL, NULL },
	{ { 0x41, 0x3000 }, NULL, "Resp" },
	{ { 0x44 }, &rich, NULL },
	{ { 0x44 }, &poor, "Opcode" },
	{ { 0x45 }, &poor, "Opcode" },
};

Test(smmuv3_cmd, validate_refuses_what_is_illegal_on_a_stage_1_smmu)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "nothing" };
		int error = iommuctl_smmuv3_cmd_validate(judged[i].words, judged[i].idr, &refusal);

		cr_expect_eq(error, judged[i].field ? -EIO : 0, "case %zu", i);
		cr_expect_str_eq(refusal.field, judged[i].field ? judged[i].field : "nothing",
			"case %zu: %s", i, refusal.field);
	}
}

Test(smmuv3_cmd, a_field_is_found_only_in_the_commands_that_have_it)
{
	const struct iommuctl_smmuv3_field *size;

	cr_expect_not_null(iommuctl_smmuv3_cmd_field(IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, "asid"));
	cr_expect_null(iommuctl_smmuv3_cmd_field(IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, "asid"));
	cr_expect_null(iommuctl_smmuv3_cmd_field(0x99, "asid"));
	size = iommuctl_smmuv3_cmd_field(IOMMUCTL_SMMUV3_CMD_ATC_INV, "Size");
	cr_expect_eq(size->width, 6);
	size = iommuctl_smmuv3_cmd_field(IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR, "Size");
	cr_expect_eq(size->width, 5);
}
