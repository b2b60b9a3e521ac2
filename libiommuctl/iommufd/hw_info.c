// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <errno.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vtd.h"
#include "core/call.h"

_Static_assert(IOMMUCTL_HW_INFO_TYPE_NONE == ABI_HW_INFO_TYPE_NONE, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_DEFAULT == ABI_HW_INFO_TYPE_DEFAULT, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_INTEL_VTD == ABI_HW_INFO_TYPE_INTEL_VTD, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3 == ABI_HW_INFO_TYPE_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV == ABI_HW_INFO_TYPE_TEGRA241_CMDQV, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_AMD == ABI_HW_INFO_TYPE_AMD, "");
_Static_assert(IOMMUCTL_HW_CAP_DIRTY_TRACKING == ABI_HW_CAP_DIRTY_TRACKING, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_PASID_EXEC == ABI_HW_CAP_PCI_PASID_EXEC, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_PASID_PRIV == ABI_HW_CAP_PCI_PASID_PRIV, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED == ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED, "");
_Static_assert(IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI ==
		       ABI_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI,
	"");
_Static_assert(IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17 == ABI_HW_INFO_VTD_ERRATA_772415_SPR17, "");

_Static_assert(
	sizeof(struct iommuctl_hw_info_arm_smmuv3) == sizeof(struct abi_hw_info_arm_smmuv3), "");
_Static_assert(offsetof(struct iommuctl_hw_info_arm_smmuv3, idr) ==
		       offsetof(struct abi_hw_info_arm_smmuv3, idr),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_arm_smmuv3, aidr) ==
		       offsetof(struct abi_hw_info_arm_smmuv3, aidr),
	"");
_Static_assert(sizeof(struct iommuctl_hw_info_vtd) == sizeof(struct abi_hw_info_vtd), "");
_Static_assert(
	offsetof(struct iommuctl_hw_info_vtd, cap_reg) == offsetof(struct abi_hw_info_vtd, cap_reg),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_vtd, ecap_reg) ==
		       offsetof(struct abi_hw_info_vtd, ecap_reg),
	"");
_Static_assert(
	sizeof(struct iommuctl_hw_info_tegra241_cmdqv) == sizeof(struct abi_hw_info_tegra241_cmdqv),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_tegra241_cmdqv, log2vsids) ==
		       offsetof(struct abi_hw_info_tegra241_cmdqv, log2vsids),
	"");
_Static_assert(sizeof(struct iommuctl_hw_info_amd) == sizeof(struct abi_hw_info_amd), "");
_Static_assert(
	offsetof(struct iommuctl_hw_info_amd, efr2) == offsetof(struct abi_hw_info_amd, efr2), "");

static int hw_info_get(struct iommuctl *ctx, int iommufd, struct abi_hw_info *arg, size_t data_size,
	struct iommuctl_hw_info *info)
{
	struct call call = {
		.operation = OP_GET_HW_INFO,
		.fd = iommufd,
		.request = ABI_GET_HW_INFO,
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

int iommuctl_get_hw_info(struct iommuctl *ctx, int iommufd, uint32_t dev_id, void *data,
	size_t data_size, struct iommuctl_hw_info *info)
{
	struct abi_hw_info arg = {
		.dev_id = dev_id,
		.data_uptr = (uintptr_t)data,
	};

	return hw_info_get(ctx, iommufd, &arg, data_size, info);
}

int iommuctl_get_hw_info_typed(struct iommuctl *ctx, int iommufd, uint32_t dev_id, uint32_t type,
	void *data, size_t data_size, struct iommuctl_hw_info *info)
{
	struct abi_hw_info arg = {
		.flags = ABI_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = dev_id,
		.data_uptr = (uintptr_t)data,
		.in_data_type = type,
	};

	return hw_info_get(ctx, iommufd, &arg, data_size, info);
}
