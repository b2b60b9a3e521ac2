// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/iommufd/registers.h"
#include "model/machine.h"
#include "model/mock/mock.h"
#include "model/user.h"

#include <errno.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vtd.h"

#define CMDQV_VERSION 1

struct info {
	uint32_t type;
	uint32_t size;
	union {
		struct abi_hw_info_arm_smmuv3 arm;
		struct abi_hw_info_tegra241_cmdqv cmdqv;
		struct abi_hw_info_vtd vtd;
		struct abi_hw_info_amd amd;
		struct abi_test_hw_info mock;
	} data;
};

static struct info read_arm(const struct iommuctl_model_smmu *config, const struct model_smmu *smmu)
{
	struct info info = { .type = ABI_HW_INFO_TYPE_ARM_SMMUV3, .size = sizeof(info.data.arm) };

	if (config->repeat_tlbi_cfgi)
		info.data.arm.flags |= ABI_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI;
	model_smmu_registers(smmu, info.data.arm.idr, &info.data.arm.iidr, &info.data.arm.aidr);
	return info;
}

/* Counts are powers of two. */
static struct info read_cmdqv(const struct iommuctl_model_smmu *config)
{
	return (struct info){
		.type = ABI_HW_INFO_TYPE_TEGRA241_CMDQV,
		.size = sizeof(struct abi_hw_info_tegra241_cmdqv),
		.data.cmdqv = {
			.version = CMDQV_VERSION,
			.log2vcmdqs = (uint8_t)__builtin_ctz(config->cmdqv_queues),
			.log2vsids = (uint8_t)__builtin_ctz(config->cmdqv_vsids),
		},
	};
}

/* Linux reports the erratum for every unit. */
static struct info read_vtd(const struct iommuctl_model_smmu *config)
{
	const struct iommuctl_vtd_cap cap = model_vtd_cap(config);
	struct info info = {
		.type = ABI_HW_INFO_TYPE_INTEL_VTD,
		.size = sizeof(info.data.vtd),
		.data.vtd.flags = ABI_HW_INFO_VTD_ERRATA_772415_SPR17,
	};

	iommuctl_vtd_cap_encode(&cap, &info.data.vtd.cap_reg, &info.data.vtd.ecap_reg, NULL);
	return info;
}

static struct info read_amd(const struct iommuctl_model_smmu *config)
{
	const struct iommuctl_amd_efr efr = model_amd_efr(config);
	struct info info = { .type = ABI_HW_INFO_TYPE_AMD, .size = sizeof(info.data.amd) };

	iommuctl_amd_efr_encode(&efr, &info.data.amd.efr, &info.data.amd.efr2, NULL);
	return info;
}

/* @type is the requested type: an SMMU's CMDQV reports itself only if requested. */
static struct info read_info(const struct iommuctl_model *model, unsigned int smmu, uint32_t type)
{
	const struct iommuctl_model_smmu *config;

	if (smmu == MODEL_MOCK_IOMMU)
		return (struct info){
			.type = ABI_HW_INFO_TYPE_SELFTEST,
			.size = sizeof(struct abi_test_hw_info),
			.data.mock.test_reg = ABI_HW_INFO_SELFTEST_REGVAL,
		};
	config = &model->config.smmus[smmu];
	switch (config->kind) {
	case IOMMUCTL_MODEL_IOMMU_VTD: return read_vtd(config);
	case IOMMUCTL_MODEL_IOMMU_AMD: return read_amd(config);
	default: break;
	}
	return config->cmdqv && type == ABI_HW_INFO_TYPE_TEGRA241_CMDQV
		       ? read_cmdqv(config)
		       : read_arm(config, model->smmus[smmu]);
}

/* Writes @info, truncated or zero-filled to the caller's size. */
static int put_info(const struct abi_hw_info *args, const struct info *info)
{
	static const unsigned char zeros[256];
	uint64_t done = args->data_len < info->size ? args->data_len : info->size;

	if (model_copy_out(args->data_uptr, &info->data, (size_t)done))
		return -EFAULT;
	while (done < args->data_len) {
		uint64_t size = args->data_len - done;

		if (size > sizeof(zeros))
			size = sizeof(zeros);
		if (!model_user_mapped(args->data_uptr + done, size, true) ||
			model_copy_out(args->data_uptr + done, zeros, (size_t)size))
			return -EFAULT;
		done += size;
	}
	return 0;
}

static bool tracks(const struct model_device *device)
{
	if (device->is_mock)
		return !(model_mock_of(device)->flags & ABI_MOCK_FLAGS_DEVICE_NO_DIRTY);
	return model_tracks(&device->model->config.smmus[device->config.smmu]);
}

static uint8_t pasid_bits(const struct model_device *device)
{
	if (device->is_mock)
		return model_mock_of(device)->flags & ABI_MOCK_FLAGS_DEVICE_PASID
			       ? ABI_MOCK_PASID_WIDTH
			       : 0;
	return model_pasid_bits(&device->model->config.smmus[device->config.smmu]);
}

/* IOMMU_GET_HW_INFO. PASIDs are as wide as the SMMU allows: devices set no limit here. */
int model_get_hw_info(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hw_info *args = arg;
	uint32_t type = ABI_HW_INFO_TYPE_DEFAULT;
	struct iommuctl_model *model = iommufd->model;
	const struct model_device *device;
	struct info info;
	int err;

	if (args->flags & ~(uint32_t)ABI_HW_INFO_FLAG_INPUT_TYPE)
		return -EOPNOTSUPP;
	if (args->reserved[0] || args->reserved[1] || args->reserved[2])
		return -EOPNOTSUPP;
	if (args->flags & ABI_HW_INFO_FLAG_INPUT_TYPE)
		type = args->in_data_type;
	device = model_device_find(iommufd, args->dev_id);
	if (!device)
		return -ENOENT;
	info = read_info(model, device->config.smmu, type);
	if (type != ABI_HW_INFO_TYPE_DEFAULT && type != info.type)
		return -EOPNOTSUPP;
	err = put_info(args, &info);
	if (err)
		return err;
	args->data_len = info.size;
	args->out_data_type = info.type;
	args->out_capabilities = ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	if (tracks(device))
		args->out_capabilities |= ABI_HW_CAP_DIRTY_TRACKING;
	args->out_max_pasid_log2 = pasid_bits(device);
	return 0;
}
