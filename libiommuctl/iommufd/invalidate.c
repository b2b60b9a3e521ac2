// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <endian.h>
#include <errno.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/vtd.h"
#include "core/call.h"

#define ENTRIES_MAX (1u << 19)

static const struct {
	enum operation operation;
	uint32_t entry_len;
} invalidations[] = {
	[ABI_HWPT_INVALIDATE_DATA_VTD_S1] = { OP_HWPT_INVALIDATE_VTD,
		sizeof(struct abi_hwpt_vtd_s1_invalidate) },
	[ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3] = { OP_HWPT_INVALIDATE_ARM,
		sizeof(struct abi_viommu_arm_smmuv3_invalidate) },
};

static void invalidate_explain(struct call *call, const struct abi_hwpt_invalidate *arg)
{
	call->operation = OP_HWPT_INVALIDATE;
	if (arg->data_type < sizeof(invalidations) / sizeof(invalidations[0])) {
		call->operation = invalidations[arg->data_type].operation;
		if (arg->entry_len != invalidations[arg->data_type].entry_len)
			call->facts |= FACT_DATA_LENGTH;
	}
	if (!arg->entry_num)
		call->facts |= FACT_EMPTY;
	else if (!arg->data_uptr || !arg->entry_len)
		call->facts |= FACT_DATA_MISSING;
	if (arg->entry_num > ENTRIES_MAX)
		call->facts |= FACT_TOO_LARGE;
}

/* The commands that a vIOMMU of an SMMU takes, and which of them name a vSID. */
static const struct {
	uint8_t opcode;
	bool has_vsid;
} arm_commands[] = {
	{ 0x05, true },  /* CFGI_CD */
	{ 0x06, true },  /* CFGI_CD_ALL */
	{ 0x10, false }, /* TLBI_NH_ALL */
	{ 0x11, false }, /* TLBI_NH_ASID */
	{ 0x12, false }, /* TLBI_NH_VA */
	{ 0x13, false }, /* TLBI_NH_VAA */
	{ 0x30, false }, /* TLBI_NSNH_ALL */
	{ 0x40, true },  /* ATC_INV */
};

/* The kernel has read all commands by then, and says by the count which one it refused. */
static uint64_t command_facts(const struct call *call, int error)
{
	const struct abi_hwpt_invalidate *arg = call->arg;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): that is the ABI */
	const void *data = (const void *)(uintptr_t)arg->data_uptr;
	const struct abi_viommu_arm_smmuv3_invalidate *commands = data;
	const uint64_t count = call->objects[1].value;
	uint8_t opcode;

	if (error != EIO || call->operation != OP_HWPT_INVALIDATE_ARM || !commands ||
		call->facts & FACT_DATA_LENGTH || arg->entry_num >= count)
		return 0;
	opcode = (uint8_t)le64toh(commands[arg->entry_num].cmd[0]);
	for (size_t i = 0; i < sizeof(arm_commands) / sizeof(arm_commands[0]); i++)
		if (arm_commands[i].opcode == opcode)
			return FACT_GOOD_OPCODE | (arm_commands[i].has_vsid ? 0 : FACT_NO_VSID);
	return FACT_BAD_OPCODE;
}

int iommuctl_hwpt_invalidate(struct iommuctl *ctx, int iommufd, uint32_t hwpt_id,
	uint32_t data_type, const void *entries, uint32_t entry_len, uint32_t *entry_num)
{
	struct abi_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.hwpt_id = hwpt_id,
		.data_uptr = (uintptr_t)entries,
		.data_type = data_type,
		.entry_len = entry_len,
		.entry_num = *entry_num,
	};
	struct call call = {
		.fd = iommufd,
		.arg = &arg,
		.look = command_facts,
		.objects = { { "object", hwpt_id }, { "entries", *entry_num } },
	};
	int ret;

	invalidate_explain(&call, &arg);
	ret = call_ioctl(ctx, &call);
	/* A failed call that left the count alone never got as far as handling entries. */
	*entry_num = ret && arg.entry_num >= *entry_num ? 0 : arg.entry_num;
	return ret;
}
