// SPDX-License-Identifier: MIT
/* Stage configurations. */
#include <errno.h>
#include <string.h>

#include "generic_requests.h"

struct stage_request {
	uint32_t flags;
	uint32_t zero;
	union {
		struct {
			uint8_t disabled, bypassed, aborted;
		} config;
		struct {
			uint32_t version, bytes;
		} table;
	};
	uint64_t address;
	uint8_t asid_or_bits;
	uint8_t rest[7];
};

_Static_assert(sizeof(struct stage_request) == IOMMUCTL_GENERIC_STAGE_SIZE, "layout");

/* Stage configurations, and the STE that says the same. */
static const struct {
	const char *name;
	struct stage_request request;
	struct iommuctl_smmuv3_ste ste;
	uint64_t by_stage1;
	uint64_t by_ipa;
	const char *refused; /* the field of it; NULL: it is not */
} stages[] = {
	{
		"disabled",
		{ .flags = IOMMUCTL_GENERIC_SMMUV3_S1_CFG, .config = { .disabled = 1 } },
		{ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS },
		0,
		DATA(0),
		NULL,
	},
	{
		"aborted",
		{ .flags = IOMMUCTL_GENERIC_SMMUV3_S1_CFG, .config = { .aborted = 1 } },
		{ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_ABORT },
		0,
		0,
		NULL,
	},
	{
		"bypassed",
		{ .flags = IOMMUCTL_GENERIC_SMMUV3_S1_CFG, .config = { .bypassed = 1 } },
		{ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS },
		0,
		DATA(0),
		NULL,
	},
	{
		"one CD",
		{
			.flags = IOMMUCTL_GENERIC_SMMUV3_S1_CFG,
			.address = CD,
			.asid_or_bits = ASID,
		},
		{ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = CD },
		DATA(1),
		0,
		NULL,
	},
	{
		"PASID table",
		{
			.flags = IOMMUCTL_GENERIC_PASID_TABLE,
			.table = { IOMMUCTL_GENERIC_PASID_TABLE_VERSION,
				IOMMUCTL_GENERIC_PASID_TABLE_SIZE },
			.address = CD,
		},
		{ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = CD },
		DATA(1),
		0,
		NULL,
	},
	{
		"PASID table of an SMMU without PASIDs",
		{
			.flags = IOMMUCTL_GENERIC_PASID_TABLE,
			.table = { IOMMUCTL_GENERIC_PASID_TABLE_VERSION,
				IOMMUCTL_GENERIC_PASID_TABLE_SIZE },
			.address = CD,
			.asid_or_bits = 4,
		},
		{ .v = 0 },
		0,
		0,
		"pasid_bits",
	},
};

static int set_ste(struct generic_test *test, const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS])
{
	return iommuctl_nest_set_ste(test->guest.vmm.nest, VSID, words, NULL);
}

/* What a request leaves to the interface: how CDs are fetched, and that nothing stalls. */
static void complete(const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_ste *ste)
{
	if (ste->config != IOMMUCTL_SMMUV3_CONFIG_S1)
		return;
	ste->s1cir = ste->s1cor = 1;
	ste->s1csh = 3;
	ste->s1stalld = idr->stall_model == 0;
}

static void check_effect(
	struct generic_test *test, const char *name, uint64_t by_stage1, uint64_t by_ipa)
{
	generic_expect(test, name, "by stage 1", by_stage1, nest_guest_by_stage1(&test->guest, 0));
	generic_expect(test, name, "by IPA", by_ipa, nest_guest_by_ipa(&test->guest, 0));
}

void generic_check_stages(struct generic_test *test)
{
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		const char *name = stages[i].name;
		struct iommuctl_smmuv3_ste ste = stages[i].ste;
		uint64_t native[IOMMUCTL_SMMUV3_STE_WORDS];
		struct iommuctl_generic_problem problem = { .field = "" };
		struct iommuctl_generic_stage stage;
		int err = iommuctl_generic_decode_stage(&stages[i].request,
			sizeof(stages[i].request), generic_idr(test), &stage, &problem);

		generic_expect(test, name, "refused", stages[i].refused != NULL, err == -EINVAL);
		if (stages[i].refused)
			generic_expect(test, name, "for its field", 0,
				(uint64_t)strcmp(problem.field, stages[i].refused));
		if (err)
			continue;
		complete(generic_idr(test), &ste);
		must(iommuctl_smmuv3_ste_encode(&ste, native, NULL), name);
		generic_expect(
			test, name, "STE", 0, memcmp(native, stage.ste, sizeof(native)) != 0);
		generic_expect(test, name, "set", 0, (uint64_t)-set_ste(test, stage.ste));
		check_effect(test, name, stages[i].by_stage1, stages[i].by_ipa);
		generic_expect(test, name, "blocked", 0,
			(uint64_t)-vmm_set_ste(&test->guest.vmm, VSID, GUEST_STE_ABORT));
		generic_expect(test, name, "set natively", 0, (uint64_t)-set_ste(test, native));
		check_effect(test, name, stages[i].by_stage1, stages[i].by_ipa);
	}
}
