// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <endian.h>
#include <errno.h>

#include "array.h"
#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/vtd.h"
#include "core/call.h"

static const struct {
	uint32_t fact;
	uint32_t length;
} hwpt_data[] = {
	[ABI_HWPT_DATA_VTD_S1] = { FACT_VTD, sizeof(struct abi_hwpt_vtd_s1) },
	[ABI_HWPT_DATA_ARM_SMMUV3] = { FACT_ARM, sizeof(struct abi_hwpt_arm_smmuv3) },
	[ABI_HWPT_DATA_AMD_GUEST] = { FACT_AMD, sizeof(struct abi_hwpt_amd_guest) },
};

static enum operation hwpt_operation(const struct abi_hwpt_alloc *arg)
{
	if (arg->data_type != ABI_HWPT_DATA_NONE)
		return OP_HWPT_ALLOC_NESTED;
	if (arg->flags & ABI_HWPT_ALLOC_NEST_PARENT)
		return OP_HWPT_ALLOC_PARENT;
	return OP_HWPT_ALLOC_PAGING;
}

static uint32_t hwpt_facts(const struct abi_hwpt_alloc *arg)
{
	const bool nested = arg->data_type != ABI_HWPT_DATA_NONE;
	uint32_t defined = ABI_HWPT_FAULT_ID_VALID | ABI_HWPT_ALLOC_PASID;
	uint32_t facts = 0;

	if (!nested)
		defined |= ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_ALLOC_DIRTY_TRACKING;
	if (arg->flags & ~defined)
		facts |= FACT_UNKNOWN_FLAGS;
	if (arg->flags & ABI_HWPT_FAULT_ID_VALID)
		facts |= FACT_FAULT_ID;
	if (arg->flags & ABI_HWPT_ALLOC_DIRTY_TRACKING)
		facts |= FACT_DIRTY_TRACKING;
	if (arg->flags & ABI_HWPT_ALLOC_PASID)
		facts |= FACT_PASID;
	if (nested != (arg->data_len != 0))
		facts |= FACT_DATA_MISSING;
	if (nested && arg->data_type < ARRAY_SIZE(hwpt_data)) {
		facts |= hwpt_data[arg->data_type].fact;
		if (arg->data_len != hwpt_data[arg->data_type].length)
			facts |= FACT_DATA_LENGTH;
	}
	return facts;
}

/* The bits of an STE's first two words that a nested HWPT takes, as the kernel masks them. */
#define STE_WORD0      UINT64_C(0xf80fffffffffffff)
#define STE_WORD1      UINT64_C(0x00000000380000ff)
#define STE_VALID      UINT64_C(1)
#define STE_CFG(word)  ((unsigned int)((word) >> 1 & 7))
#define STE_EATS(word) ((unsigned int)((word) >> 28 & 3))

enum {
	STE_CFG_ABORT = 0,
	STE_CFG_BYPASS = 4,
	STE_CFG_S1 = 5,
};

/* Which part of an STE the kernel refused; the kernel has read the STE by then. */
static uint64_t ste_facts(const struct call *call, int error)
{
	const struct abi_hwpt_alloc *arg = call->arg;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): that is the ABI */
	const struct abi_hwpt_arm_smmuv3 *data = (const void *)(uintptr_t)arg->data_uptr;
	uint64_t word0, word1, facts = 0;

	if (error != EIO || !(call->facts & FACT_ARM) || call->facts & FACT_DATA_LENGTH || !data)
		return 0;
	word0 = le64toh(data->ste[0]);
	word1 = le64toh(data->ste[1]);
	if (!(word0 & STE_VALID))
		return 0;
	if (word0 & ~STE_WORD0 || word1 & ~STE_WORD1)
		facts |= FACT_STE_BITS;
	if (STE_CFG(word0) != STE_CFG_ABORT && STE_CFG(word0) != STE_CFG_BYPASS &&
		STE_CFG(word0) != STE_CFG_S1)
		facts |= FACT_STE_CFG;
	return STE_EATS(word1) > 1 ? facts | FACT_STE_EATS : facts;
}

/* Unused fields stay 0, so that kernels older than the field take the call. */
int iommuctl_hwpt_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_alloc_args *args, uint32_t *hwpt_id)
{
	struct abi_hwpt_alloc arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.dev_id = args->dev_id,
		.pt_id = args->pt_id,
		.data_type = args->data_type,
		.data_len = args->data_len,
		.data_uptr = args->data_len ? (uintptr_t)args->data : 0,
		.fault_id = args->flags & ABI_HWPT_FAULT_ID_VALID ? args->fault_id : 0,
	};
	const struct call call = {
		.operation = hwpt_operation(&arg),
		.fd = iommufd,
		.arg = &arg,
		.facts = hwpt_facts(&arg),
		.look = ste_facts,
		.objects = { { "device", args->dev_id }, { "page table", args->pt_id } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*hwpt_id = arg.out_hwpt_id;
	return 0;
}

int iommuctl_hwpt_set_dirty_tracking(
	struct iommuctl *ctx, int iommufd, uint32_t hwpt_id, uint32_t flags)
{
	struct abi_hwpt_set_dirty_tracking arg = {
		.size = sizeof(arg),
		.flags = flags,
		.hwpt_id = hwpt_id,
	};
	const struct call call = {
		.operation = OP_HWPT_SET_DIRTY_TRACKING,
		.fd = iommufd,
		.arg = &arg,
		.facts = flags & ~(uint32_t)ABI_HWPT_DIRTY_TRACKING_ENABLE ? FACT_UNKNOWN_FLAGS : 0,
		.objects = { { "HWPT", hwpt_id } },
	};

	return call_ioctl(ctx, &call);
}

static uint32_t dirty_bitmap_facts(const struct iommuctl_dirty_bitmap_args *args)
{
	uint32_t facts = 0;

	if (args->flags & ~(uint32_t)ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR)
		facts |= FACT_UNKNOWN_FLAGS;
	if (!args->length || !args->page_size)
		facts |= FACT_EMPTY;
	return facts;
}

int iommuctl_hwpt_get_dirty_bitmap(
	struct iommuctl *ctx, int iommufd, const struct iommuctl_dirty_bitmap_args *args)
{
	struct abi_hwpt_get_dirty_bitmap arg = {
		.size = sizeof(arg),
		.hwpt_id = args->hwpt_id,
		.flags = args->flags,
		.iova = args->iova,
		.length = args->length,
		.page_size = args->page_size,
		.data = (uintptr_t)args->bitmap,
	};
	const struct call call = {
		.operation = OP_HWPT_GET_DIRTY_BITMAP,
		.fd = iommufd,
		.arg = &arg,
		.facts = dirty_bitmap_facts(args),
		.objects = { { "HWPT", args->hwpt_id }, { "IOVA", args->iova, SHOW_HEX },
			{ "length", args->length, SHOW_HEX } },
	};

	return call_ioctl(ctx, &call);
}
