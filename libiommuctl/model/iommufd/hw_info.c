// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"

/* @info, cut or filled up with zeros to what the caller has room for. */
static int put_info(const struct abi_hw_info *args, const struct abi_hw_info_arm_smmuv3 *info)
{
	static const unsigned char zeros[256];
	uint64_t done = args->data_len < sizeof(*info) ? args->data_len : sizeof(*info);

	if (model_copy_out(args->data_uptr, info, (size_t)done))
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

/* IOMMU_GET_HW_INFO. A PASID is as wide as the SMMU takes it: devices set no limit here. */
int model_get_hw_info(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hw_info *args = arg;
	const bool asks = args->flags & ABI_HW_INFO_FLAG_INPUT_TYPE;
	struct abi_hw_info_arm_smmuv3 info = { .flags = 0 };
	struct iommuctl_model *model = iommufd->model;
	const struct model_device *device;
	int err;

	if (args->flags & ~(uint32_t)ABI_HW_INFO_FLAG_INPUT_TYPE)
		return -EOPNOTSUPP;
	if (args->reserved[0] || args->reserved[1] || args->reserved[2])
		return -EOPNOTSUPP;
	device = model_device_find(iommufd, args->dev_id);
	if (!device)
		return -ENOENT;
	if (asks && args->in_data_type != ABI_HW_INFO_TYPE_DEFAULT &&
		args->in_data_type != ABI_HW_INFO_TYPE_ARM_SMMUV3)
		return -EOPNOTSUPP;
	model_smmu_registers(model->smmus[device->config.smmu], info.idr, &info.iidr, &info.aidr);
	err = put_info(args, &info);
	if (err)
		return err;
	args->data_len = sizeof(info);
	args->out_data_type = ABI_HW_INFO_TYPE_ARM_SMMUV3;
	args->out_capabilities = ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	args->out_max_pasid_log2 = model->config.smmus[device->config.smmu].ssid_bits;
	return 0;
}
