// SPDX-License-Identifier: MIT
/* What is known of a failure beyond the call: it orders causes, and leaves out what it excludes. */
#include <endian.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/vfio.h>

#include "abi/iommufd.h"
#include "array.h"
#include "explain/explain.h"
#include "thin_call.h"

#define K(name) IOMMUCTL_KNOWN_##name

/* A failure, what is known of it, and words that its causes must have: one for each, in order. */
struct narrowing {
	enum operation operation;
	int code;
	uint64_t facts;
	uint64_t known;
	const char *words[IOMMUCTL_EXPLANATIONS_MAX];
};

static const struct narrowing narrowings[] = {
	/* Another SMMU, in each call that can meet it. */
	{ OP_VIOMMU_ALLOC, EINVAL, 0, K(OTHER_IOMMU), { "another SMMU" } },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, K(SAME_IOMMU), { "not a nesting parent" } },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, K(NEST_PARENT), { "another SMMU" } },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, K(OTHER_IOMMU) | K(NO_NEST_PARENT),
		{ "not a nesting parent", "another SMMU" } },
	{ OP_VDEVICE_ALLOC, EINVAL, FACT_TOO_LARGE, K(OTHER_IOMMU), { "another IOMMU" } },
	{ OP_VDEVICE_ALLOC, EINVAL, FACT_TOO_LARGE, K(SAME_IOMMU), { "too wide" } },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_ARM, K(OTHER_IOMMU), { "another IOMMU" } },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_VTD, K(KINDS) | K(SAME_IOMMU) | K(NO_NEST_PARENT),
		{ "without NEST_PARENT" } },
	{ OP_VFIO_ATTACH, EINVAL, 0, K(OTHER_IOMMU), { "another IOMMU" } },
	{ OP_VFIO_ATTACH, EINVAL, 0,
		K(BOUND) | K(KINDS) | K(SAME_IOMMU) | K(NO_PASIDS) | K(NO_FAULTS) | K(NO_PEERS),
		{ "enforces cache coherency" } },
	{ OP_VFIO_ATTACH, EINVAL, 0,
		K(VTD) | K(BOUND) | K(KINDS) | K(SAME_IOMMU) | K(NO_PASIDS) | K(NO_FAULTS) |
			K(NO_PEERS),
		{ "FS5LP" } },
	{ OP_VFIO_ATTACH, EINVAL, 0,
		K(OTHER_KIND) | K(BOUND) | K(KINDS) | K(SAME_IOMMU) | K(NO_PASIDS) | K(NO_FAULTS) |
			K(NO_PEERS),
		{ "does not have for this device" } },
	{ OP_VFIO_ATTACH, EINVAL, 0,
		K(VTD) | K(BOUND) | K(KINDS) | K(NO_PASIDS) | K(NO_FAULTS) | K(NO_PEERS),
		{ "another IOMMU", "FS5LP", "neither a memfd" } },
	{ OP_HWPT_INVALIDATE, EINVAL, FACT_OTHER_TYPE | FACT_SOME_DONE, 0, { "does not have" } },
	{ OP_HWPT_SET_DIRTY_TRACKING, ENOENT, FACT_LIVE_IDS, K(KINDS), { "nested" } },
	{ OP_HWPT_GET_DIRTY_BITMAP, ENOENT, FACT_LIVE_IDS, K(KINDS), { "nested" } },

	/* Peers of the IOMMU group. */
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(VDEVICE), { "another device" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(NO_PEERS), { "the device has no vDEVICE" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(PEERS),
		{ "another device", "the device has no vDEVICE" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(NO_VDEVICE) | K(PEERS),
		{ "the device has no vDEVICE" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(VDEVICE) | K(PEER_WITHOUT_VDEVICE),
		{ "another device" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS, K(VDEVICE) | K(NO_PEERS), { "StreamIDs" } },
	{ OP_VFIO_ATTACH, EINVAL, 0, K(PEER_ELSEWHERE), { "attached to another page table" } },
	{ OP_VFIO_BIND, EPERM, 0, K(PEER_ON_HOST), { "host driver" } },
	{ OP_VFIO_BIND, EPERM, 0, K(NO_PEERS), { "not isolated" } },
	{ OP_VFIO_BIND, EPERM, 0, K(PEERS) | K(NO_PEER_ON_HOST),
		{ "not isolated", "another iommufd" } },

	/* Regions that firmware asks for. */
	{ OP_VFIO_BIND, EINVAL, 0, K(DIRECT_REGION), { "1:1 mapping" } },
	{ OP_VFIO_BIND, EINVAL, 0, K(NO_DIRECT_REGION) | K(CDEV), { "bound already", "coherent" } },
	{ OP_VFIO_GROUP_SET_CONTAINER, EINVAL, 0, K(DIRECT_REGION), { "1:1 mapping" } },
	{ OP_VFIO_GROUP_GET_DEVICE, EINVAL, 0, K(DIRECT_REGION), { "1:1 mapping" } },

	/* What was bound, made or taken before. */
	{ OP_VFIO_BIND, EINVAL, 0, K(BOUND), { "bound already" } },
	{ OP_VFIO_RESET, EINVAL, 0, K(BOUND), { "has no reset" } },
	{ OP_VFIO_RESET, EINVAL, 0, K(UNBOUND), { "not bound" } },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, K(VDEVICE) | K(ID_FREE), { "has a vDEVICE already" } },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, K(NO_VDEVICE), { "this vSID" } },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, K(VDEVICE) | K(ID_TAKEN),
		{ "has a vDEVICE already", "this vSID" } },
	{ OP_VFIO_SET_IRQS, EINVAL, 0, K(BOUND) | K(OTHER_IRQS), { "another index" } },

	/* The kind of the IOMMU. */
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, K(SMMUV3),
		{ "MMU-700", "cannot make nesting parents yet" } },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, K(SMMUV3) | K(HW_INFO), { "MMU-700" } },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, K(VTD), { "scalable mode" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, K(SMMUV3) | K(NEST_PARENT) | K(SAME_IOMMU),
		{ "CANWBS", "CONFIG_ARM_SMMU_V3_IOMMUFD" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM,
		K(SMMUV3) | K(NEST_PARENT) | K(SAME_IOMMU) | K(HW_INFO), { "CANWBS" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, K(VTD), { "no vIOMMUs of this type" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, K(NO_IOMMU), { "no IOMMU" } },
	{ OP_GET_HW_INFO, EOPNOTSUPP, 0, K(NO_IOMMU), { "no IOMMU" } },
	{ OP_HWPT_ALLOC_PAGING, ENODEV, 0, K(NO_IOMMU), { "no IOMMU driver" } },

	/* The kind of an object. */
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM, 0, { "vIOMMU only", "another type" } },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM, K(SMMUV3), { "vIOMMU only" } },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, 0, K(KINDS), { "of another type" } },
	{ OP_IOAS_ALLOC, ENOENT, 0, K(KINDS), { "although all ids were assumed live" } },
};

Test(explain_known, what_is_known_leaves_the_causes_that_it_allows_in_the_order_of_likelihood)
{
	for (size_t i = 0; i < ARRAY_SIZE(narrowings); i++) {
		const struct narrowing *row = &narrowings[i];
		struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];
		size_t count = explain(
			row->operation, row->code, row->facts | facts_of_known(row->known), list);
		size_t expected = 0;

		while (expected < IOMMUCTL_EXPLANATIONS_MAX && row->words[expected])
			expected++;
		cr_expect_eq(count, expected, "row %zu, %s: %zu causes", i,
			operation_name(row->operation), count);
		for (size_t j = 0; j < count && j < expected; j++)
			cr_expect_not_null(strstr(list[j].cause, row->words[j]), "row %zu, %s: %s",
				i, operation_name(row->operation), list[j].cause);
	}
}

static struct iommuctl *context_with_failure(struct script *script)
{
	struct iommuctl *ctx = script_context(script);

	script->result = -ENOENT;
	cr_assert_eq(iommuctl_vfio_attach(ctx, THIN_FD, 9, NULL), -ENOENT);
	return ctx;
}

Test(explain_known, the_last_error_is_narrowed_in_place)
{
	struct script script = { 0 };
	struct iommuctl *ctx = context_with_failure(&script);
	const struct iommuctl_error *error = iommuctl_last_error(ctx);

	cr_assert_eq(error->explanation_count, 3);
	cr_assert_eq(iommuctl_narrow_last_error(ctx, K(VDEVICE) | K(KINDS)), error);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
	cr_assert_not_null(
		strstr(error->explanation[0].cause, "another device of the IOMMU group"));
	cr_assert_eq(error->code, ENOENT);
	cr_assert_str_eq(error->operation, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
	iommuctl_free(ctx);
}

Test(explain_known, earlier_facts_about_the_same_failure_still_count)
{
	struct script script = { 0 };
	struct iommuctl *ctx = context_with_failure(&script);

	iommuctl_narrow_last_error(ctx, K(KINDS));
	cr_assert_eq(iommuctl_narrow_last_error(ctx, K(NO_PEERS))->explanation_count, 1);
	iommuctl_free(ctx);
}

Test(explain_known, the_next_failure_knows_nothing_of_it)
{
	struct script script = { 0 };
	struct iommuctl *ctx = context_with_failure(&script);

	iommuctl_narrow_last_error(ctx, K(VDEVICE) | K(KINDS));
	cr_assert_eq(iommuctl_vfio_attach(ctx, THIN_FD, 9, NULL), -ENOENT);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 3);
	iommuctl_free(ctx);
}

Test(explain_known, bits_that_no_header_defines_change_nothing)
{
	struct script script = { 0 };
	struct iommuctl *ctx = context_with_failure(&script);

	cr_assert_eq(iommuctl_narrow_last_error(ctx, ~UINT64_C(0) << 30)->explanation_count, 3);
	iommuctl_free(ctx);
}

Test(explain_known, without_a_failure_there_is_nothing_to_narrow)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_null(iommuctl_narrow_last_error(ctx, K(KINDS)));
	iommuctl_free(ctx);
}

/* The kernel refuses the second command. */
static const uint32_t one_done = 1;
static const struct script_answer refusal = {
	.request = ABI_HWPT_INVALIDATE,
	.result = -EIO,
	.offset = offsetof(struct abi_hwpt_invalidate, entry_num),
	.data = &one_done,
	.size = sizeof(one_done),
};

/* The second command, and words of the causes of its refusal. */
static const struct {
	uint64_t opcode;
	const char *words[2];
} commands[] = {
	{ IOMMUCTL_SMMUV3_CMD_SYNC, { "is not one of TLBI" } },
	{ IOMMUCTL_SMMUV3_CMD_CFGI_STE, { "is not one of TLBI" } },
	{ IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, { "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, { "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, { "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, { "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, { "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, { "vSID", "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, { "vSID", "does not implement" } },
	{ IOMMUCTL_SMMUV3_CMD_ATC_INV, { "vSID", "does not implement" } },
};

Test(explain_known, a_refused_command_excludes_what_it_cannot_be)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const uint64_t entries[2][2] = { { htole64(0x30) },
			{ htole64(commands[i].opcode) } };
		struct script script = { 0 };
		struct iommuctl *ctx = script_context(&script);
		const struct iommuctl_error *error;
		uint32_t count = 2;

		script_add_answer(&script, refusal);
		cr_assert_eq(
			iommuctl_hwpt_invalidate(ctx, THIN_FD,
				&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = 1,
					.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
					.entry_len = sizeof(entries[0]),
					.entries = entries },
				&count),
			-EIO);
		error = iommuctl_last_error(ctx);
		for (size_t j = 0; j < 2; j++) {
			cr_assert_eq(j < error->explanation_count, commands[i].words[j] != NULL);
			if (commands[i].words[j])
				cr_assert_not_null(
					strstr(error->explanation[j].cause, commands[i].words[j]));
		}
		iommuctl_free(ctx);
	}
}
