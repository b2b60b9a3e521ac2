// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "core/call.h"

static uint32_t viommu_facts(const struct iommuctl_viommu_alloc_args *args)
{
	uint32_t facts = 0;

	if (args->flags)
		facts |= FACT_UNKNOWN_FLAGS;
	if (args->type == ABI_VIOMMU_TYPE_DEFAULT)
		facts |= FACT_TYPE_DEFAULT;
	if (args->type == ABI_VIOMMU_TYPE_ARM_SMMUV3)
		facts |= FACT_ARM;
	if (args->type == ABI_VIOMMU_TYPE_TEGRA241_CMDQV &&
		args->data_len != sizeof(struct abi_viommu_tegra241_cmdqv))
		facts |= FACT_DATA_LENGTH;
	return facts;
}

int iommuctl_viommu_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_viommu_alloc_args *args, uint32_t *viommu_id)
{
	struct abi_viommu_alloc arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.type = args->type,
		.dev_id = args->dev_id,
		.hwpt_id = args->hwpt_id,
		.data_len = args->data_len,
		/* 0 without data, for kernels older than the field. */
		.data_uptr = args->data_len ? (uintptr_t)args->data : 0,
	};
	const struct call call = {
		.operation = OP_VIOMMU_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		.facts = viommu_facts(args),
		.objects = { { "device", args->dev_id }, { "HWPT", args->hwpt_id } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*viommu_id = arg.out_viommu_id;
	return 0;
}

int iommuctl_vdevice_alloc(struct iommuctl *ctx, int iommufd, uint32_t viommu_id, uint32_t dev_id,
	uint64_t virt_id, uint32_t *vdevice_id)
{
	struct abi_vdevice_alloc arg = {
		.size = sizeof(arg),
		.viommu_id = viommu_id,
		.dev_id = dev_id,
		.virt_id = virt_id,
	};
	const struct call call = {
		.operation = OP_VDEVICE_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		/* A CMDQV has no more bits for a vSID. */
		.facts = virt_id >> 20 ? FACT_TOO_LARGE : 0,
		.objects = { { "device", dev_id }, { "vIOMMU", viommu_id },
			{ "vSID", virt_id, SHOW_HEX } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*vdevice_id = arg.out_vdevice_id;
	return 0;
}

static uint32_t hw_queue_facts(const struct iommuctl_hw_queue_alloc_args *args)
{
	uint32_t facts = 0;

	if (args->flags)
		facts |= FACT_UNKNOWN_FLAGS;
	if (args->type == ABI_HW_QUEUE_TYPE_DEFAULT)
		facts |= FACT_TYPE_DEFAULT;
	if (!args->length)
		facts |= FACT_EMPTY;
	return facts;
}

int iommuctl_hw_queue_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hw_queue_alloc_args *args, uint32_t *hw_queue_id)
{
	struct abi_hw_queue_alloc arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.viommu_id = args->viommu_id,
		.type = args->type,
		.index = args->index,
		.nesting_parent_iova = args->nesting_parent_iova,
		.length = args->length,
	};
	const struct call call = {
		.operation = OP_HW_QUEUE_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		.facts = hw_queue_facts(args),
		.objects = { { "vIOMMU", args->viommu_id }, { "HW queue index", args->index },
			{ "IPA", args->nesting_parent_iova, SHOW_HEX },
			{ "length", args->length, SHOW_HEX } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*hw_queue_id = arg.out_hw_queue_id;
	return 0;
}
