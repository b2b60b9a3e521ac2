// SPDX-License-Identifier: MIT
#include "host/bound_device.h"

#include <errno.h>

#include <iommuctl/vfio.h>

#include "array.h"

int bound_device_open(struct iommuctl *ctx, const char *cdev_path, const uint8_t *vf_token,
	struct bound_device *bound)
{
	struct bound_device opened = { .ctx = ctx };
	int err = iommuctl_iommufd_open(ctx, &opened.iommufd);

	if (err)
		return err;
	err = iommuctl_vfio_device_open(ctx, cdev_path, &opened.cdev);
	if (err)
		goto close_iommufd;
	err = iommuctl_vfio_bind_iommufd(
		ctx, opened.cdev, opened.iommufd, vf_token, &opened.dev_id);
	if (err)
		goto close_cdev;
	*bound = opened;
	return 0;

close_cdev:
	iommuctl_close(ctx, opened.cdev);
close_iommufd:
	iommuctl_close(ctx, opened.iommufd);
	return err;
}

void bound_device_close(struct bound_device *bound)
{
	iommuctl_close(bound->ctx, bound->cdev);
	iommuctl_close(bound->ctx, bound->iommufd);
}

int bound_device_get_hw_info(const struct bound_device *bound, struct bound_device_hw_info *info)
{
	struct bound_device_hw_info read = { .info = { 0 } };
	int err = iommuctl_device_get_hw_info(bound->ctx, bound->iommufd, bound->dev_id, &read.data,
		sizeof(read.data), &read.info);

	if (!err)
		*info = read;
	return err;
}

int bound_device_get_cmdqv(const struct bound_device *bound, struct bound_device_hw_info *info)
{
	struct iommuctl_hw_info_tegra241_cmdqv read;
	struct iommuctl_hw_info asked = { .type = IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV };
	int err;

	if (info->info.type != IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3)
		return 0;
	err = iommuctl_device_get_hw_info_typed(
		bound->ctx, bound->iommufd, bound->dev_id, &read, sizeof(read), &asked);
	if (err)
		return err == -EOPNOTSUPP ? 0 : err;
	info->has_cmdqv = asked.type == IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV;
	if (info->has_cmdqv)
		info->cmdqv = read;
	return 0;
}

const char *hw_info_type_name(uint32_t type)
{
	static const char *const names[] = {
		[IOMMUCTL_HW_INFO_TYPE_NONE] = "none",
		[IOMMUCTL_HW_INFO_TYPE_INTEL_VTD] = "intel-vtd",
		[IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3] = "arm-smmuv3",
		[IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV] = "tegra241-cmdqv",
		[IOMMUCTL_HW_INFO_TYPE_AMD] = "amd",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}
