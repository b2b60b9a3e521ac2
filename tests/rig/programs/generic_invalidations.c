// SPDX-License-Identifier: MIT
/* Invalidations, of each type and granularity. */
#include <errno.h>
#include <string.h>

#include "generic_requests.h"

#define GENERIC(type, granularity) IOMMUCTL_GENERIC_TYPE_##type, IOMMUCTL_GENERIC_##granularity

struct invalidation_request {
	uint32_t version, type, granularity, flags;
	uint8_t size;
	uint8_t zero[7];
	uint64_t nr_pages;
	uint32_t pasid, arch_id;
	uint64_t addr;
};

_Static_assert(sizeof(struct invalidation_request) == IOMMUCTL_GENERIC_INVALIDATION_SIZE, "layout");

/* What the guest changes before it invalidates. */
enum change {
	A_PAGE,
	THE_CD,
};

/* Invalidations, the command that says the same, and whether the change is seen by that. */
static const struct {
	const char *name;
	struct invalidation_request request;
	struct iommuctl_smmuv3_cmd cmd;
	enum change change;
	bool seen;
} invalidations[] = {
	{
		"TLB, domain",
		{ 1, GENERIC(TLB, DOMAIN), .zero = { 0 } },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL },
		A_PAGE,
		true,
	},
	{
		"TLB, PASID",
		{ 1, GENERIC(TLB, PASID), .zero = { 0 } },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID },
		A_PAGE,
		true,
	},
	{
		"TLB, another PASID",
		{ 1, GENERIC(TLB, PASID), IOMMUCTL_GENERIC_ARCH_ID, .arch_id = ASID_NEXT },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID_NEXT },
		A_PAGE,
		false,
	},
	{
		"TLB, page",
		{ 1, GENERIC(TLB, PAGE), .nr_pages = 1 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID },
		A_PAGE,
		true,
	},
	{
		"TLB, page, leaf",
		{ 1, GENERIC(TLB, PAGE), IOMMUCTL_GENERIC_ADDR_LEAF, .nr_pages = 1 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID, .leaf = 1 },
		A_PAGE,
		true,
	},
	{
		"TLB, another page",
		{ 1, GENERIC(TLB, PAGE), .nr_pages = 1, .addr = 0x10000 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID, .address = 0x10000 },
		A_PAGE,
		false,
	},
	{
		"TLB, large pages",
		{ 1, GENERIC(TLB, PAGE), .size = 2, .nr_pages = 2 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			.asid = ASID,
			.tg = IOMMUCTL_SMMUV3_TLBI_TG_4K,
			.scale = 3 },
		A_PAGE,
		true,
	},
	{
		"TLB, page of all ASIDs",
		{ 1, GENERIC(TLB, PAGE), IOMMUCTL_GENERIC_GLOBAL_PAGE, .nr_pages = 1 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA },
		A_PAGE,
		true,
	},
	{
		"PASID cache, domain",
		{ 1, GENERIC(PASID, DOMAIN), .zero = { 0 } },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = VSID },
		THE_CD,
		true,
	},
	{
		"PASID cache, PASID",
		{ 1, GENERIC(PASID, PASID), .zero = { 0 } },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = VSID },
		THE_CD,
		true,
	},
	{
		"the TLB alone",
		{ 1, GENERIC(TLB, DOMAIN), .zero = { 0 } },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL },
		THE_CD,
		false,
	},
};

/* Invalidations that there are not. */
static const struct {
	const char *name;
	struct invalidation_request request;
	const char *field;
} refused[] = {
	{ "PASID cache, page", { 1, GENERIC(PASID, PAGE), .nr_pages = 1 }, "granularity" },
	{ "DTLB, domain", { 1, GENERIC(DTLB, DOMAIN), .zero = { 0 } }, "type" },
	{ "DTLB, PASID", { 1, GENERIC(DTLB, PASID), .zero = { 0 } }, "type" },
	{ "DTLB, page", { 1, GENERIC(DTLB, PAGE), .nr_pages = 1 }, "type" },
};

static int start(struct generic_test *test, const struct invalidation_request *request,
	const uint32_t *vsid, struct iommuctl_generic_cursor *cursor,
	struct iommuctl_generic_problem *problem)
{
	const struct iommuctl_generic_target target = {
		.idr = generic_idr(test),
		.vsids = vsid,
		.vsid_count = 1,
		.granule = PAGE,
	};
	struct iommuctl_generic_invalidation invalidation;
	int err = iommuctl_generic_decode_invalidation(
		request, sizeof(*request), ASID, &invalidation, problem);

	return err ? err : iommuctl_generic_start(cursor, &invalidation, &target, problem);
}

static void issue_request(struct generic_test *test, const struct invalidation_request *request)
{
	static const uint32_t vsid = VSID;
	uint64_t words[8][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_generic_cursor cursor;
	size_t count;

	must(start(test, request, &vsid, &cursor, NULL), "invalidation");
	while ((count = iommuctl_generic_next(&cursor, words, ARRAY_SIZE(words))))
		generic_issue(test, words, count);
}

static void change(struct generic_test *test, enum change what, const char *name)
{
	if (what == A_PAGE)
		must(iommuctl_stage1_remap(&test->stage1[0], 0, DATA(2), PAGE), "remapping");
	else
		guest_put_context(&test->guest.vmm.ram, CD, &test->stage1[1], ASID_NEXT);
	generic_expect(test, name, "before", DATA(1), nest_guest_by_stage1(&test->guest, 0));
	test->sent.size = 0;
}

static void check_invalidation(struct generic_test *test, size_t i)
{
	const char *name = invalidations[i].name;
	const uint64_t after = invalidations[i].seen ? DATA(2) : DATA(1);
	struct sent sent;

	generic_prime(test, name);
	change(test, invalidations[i].change, name);
	issue_request(test, &invalidations[i].request);
	sent = test->sent;
	generic_expect(
		test, name, "after the request", after, nest_guest_by_stage1(&test->guest, 0));
	generic_prime(test, name);
	change(test, invalidations[i].change, name);
	generic_issue_native(test, &invalidations[i].cmd);
	generic_expect(
		test, name, "after the command", after, nest_guest_by_stage1(&test->guest, 0));
	generic_expect(test, name, "bytes sent", test->sent.size, sent.size);
	generic_expect(test, name, "bytes differ", 0,
		memcmp(sent.bytes, test->sent.bytes, test->sent.size) != 0);
}

/* The native command of an SMMU without ATS is refused as the request is, and nobody is asked. */
static void check_without_ats(struct generic_test *test)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV,
		.streamid = VSID,
		.size = IOMMUCTL_SMMUV3_ATC_SIZE_ALL,
	};
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];
	size_t done;
	int err;

	test->sent.size = 0;
	must(iommuctl_smmuv3_cmd_encode(&cmd, words[0], NULL), "command");
	err = iommuctl_relay_issue(
		iommuctl_nest_get_relay(test->guest.vmm.nest), words, 1, &done, NULL);
	generic_expect(test, "ATC_INV", "refused", EIO, (uint64_t)-err);
	generic_expect(test, "ATC_INV", "bytes sent", 0, test->sent.size);
}

void generic_check_invalidations(struct generic_test *test)
{
	static const uint32_t vsid = VSID;

	for (size_t i = 0; i < ARRAY_SIZE(invalidations); i++)
		check_invalidation(test, i);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct iommuctl_generic_problem problem = { .field = "" };
		struct iommuctl_generic_cursor cursor;
		int err = start(test, &refused[i].request, &vsid, &cursor, &problem);

		generic_expect(test, refused[i].name, "refused", EINVAL, (uint64_t)-err);
		generic_expect(test, refused[i].name, problem.field, 0,
			(uint64_t)strcmp(problem.field, refused[i].field));
	}
	check_without_ats(test);
}
