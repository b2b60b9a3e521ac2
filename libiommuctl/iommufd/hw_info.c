// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <errno.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vtd.h"
#include "core/call.h"

static int hw_info_get(struct iommuctl *ctx, int iommufd, struct abi_hw_info *arg, size_t data_size,
	struct iommuctl_hw_info *info)
{
	struct call call = {
		.operation = OP_GET_HW_INFO,
		.fd = iommufd,
		.arg = arg,
		.facts = arg->in_data_type == ABI_HW_INFO_TYPE_DEFAULT ? FACT_TYPE_DEFAULT : 0,
		.objects = { { "device", arg->dev_id } },
	};
	int ret;

	if (data_size > UINT32_MAX) {
		call.facts |= FACT_OUT_OF_BOUNDS;
		return call_fail(ctx, &call, EOVERFLOW);
	}
	arg->size = sizeof(*arg);
	arg->data_len = (uint32_t)data_size;
	ret = call_ioctl(ctx, &call);
	if (ret)
		return ret;
	*info = (struct iommuctl_hw_info){
		.type = arg->out_data_type,
		.data_len = arg->data_len,
		.capabilities = arg->out_capabilities,
		.max_pasid_log2 = arg->out_max_pasid_log2,
	};
	return 0;
}

int iommuctl_device_get_hw_info(struct iommuctl *ctx, int iommufd, uint32_t dev_id, void *data,
	size_t data_size, struct iommuctl_hw_info *info)
{
	struct abi_hw_info arg = {
		.dev_id = dev_id,
		.data_uptr = (uintptr_t)data,
	};

	return hw_info_get(ctx, iommufd, &arg, data_size, info);
}

int iommuctl_device_get_hw_info_typed(struct iommuctl *ctx, int iommufd, uint32_t dev_id,
	void *data, size_t data_size, struct iommuctl_hw_info *info)
{
	struct abi_hw_info arg = {
		.flags = ABI_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = dev_id,
		.data_uptr = (uintptr_t)data,
		.in_data_type = info->type,
	};

	return hw_info_get(ctx, iommufd, &arg, data_size, info);
}
