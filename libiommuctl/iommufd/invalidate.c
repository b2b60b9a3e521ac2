// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>
#include <iommuctl/smmuv3_cmd.h>

#include <endian.h>
#include <errno.h>

#include "array.h"
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
	if (arg->data_type < ARRAY_SIZE(invalidations)) {
		call->operation = invalidations[arg->data_type].operation;
		if (arg->entry_len != invalidations[arg->data_type].entry_len)
			call->facts |= FACT_DATA_LENGTH;
	} else {
		call->facts |= FACT_OTHER_TYPE;
	}
	if (!arg->entry_num)
		call->facts |= FACT_EMPTY;
	else if (!arg->data_uptr || !arg->entry_len)
		call->facts |= FACT_DATA_MISSING;
	if (arg->entry_num > ENTRIES_MAX)
		call->facts |= FACT_TOO_LARGE;
}

static uint64_t opcode_facts(uint8_t opcode)
{
	if (iommuctl_smmuv3_cmd_class(opcode) != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED)
		return FACT_BAD_OPCODE;
	if (iommuctl_smmuv3_cmd_field(opcode, "StreamID"))
		return FACT_GOOD_OPCODE;
	return FACT_GOOD_OPCODE | FACT_NO_VSID;
}

/*
 * The kernel has read all commands by then, and the returned count is the index of the refused one.
 */
static uint64_t command_facts(const struct call *call, int error)
{
	const struct abi_hwpt_invalidate *arg = call->arg;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): that is the ABI */
	const void *data = (const void *)(uintptr_t)arg->data_uptr;
	const struct abi_viommu_arm_smmuv3_invalidate *commands = data;
	const uint64_t count = call->objects[1].value;

	if (call->facts & FACT_OTHER_TYPE)
		return arg->entry_num && arg->entry_num < count ? FACT_SOME_DONE : 0;
	if (error != EIO || call->operation != OP_HWPT_INVALIDATE_ARM || !commands ||
		call->facts & FACT_DATA_LENGTH || arg->entry_num >= count)
		return 0;
	return opcode_facts((uint8_t)le64toh(commands[arg->entry_num].cmd[0]));
}

int iommuctl_hwpt_invalidate(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_invalidate_args *args, uint32_t *entry_num)
{
	struct abi_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.hwpt_id = args->hwpt_id,
		.data_uptr = (uintptr_t)args->entries,
		.data_type = args->data_type,
		.entry_len = args->entry_len,
		.entry_num = *entry_num,
	};
	struct call call = {
		.fd = iommufd,
		.arg = &arg,
		.look = command_facts,
		.objects = { { "object", args->hwpt_id }, { "entries", *entry_num } },
	};
	int err;

	invalidate_explain(&call, &arg);
	err = call_ioctl(ctx, &call);
	/* A failed call that left the count alone never got as far as handling entries. */
	*entry_num = err && arg.entry_num >= *entry_num ? 0 : arg.entry_num;
	return err;
}
