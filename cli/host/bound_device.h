/* SPDX-License-Identifier: MIT */
/* A device bound to an iommufd only for as long as it takes to ask about it. */
#ifndef CLI_HOST_BOUND_DEVICE_H
#define CLI_HOST_BOUND_DEVICE_H

#include <iommuctl/context.h>
#include <iommuctl/iommufd.h>

struct bound_device {
	struct iommuctl *ctx;
	int iommufd;
	int cdev;
	uint32_t dev_id;
};

/*
 * Opens both and binds, with @vf_token if it is not NULL, which resets the device.
 * iommuctl_last_error() explains a failure.
 */
int bound_device_open(struct iommuctl *ctx, const char *cdev_path, const uint8_t *vf_token,
	struct bound_device *bound);

/* Closes both, and with them all objects made in between. */
void bound_device_close(struct bound_device *bound);

/* The answer of IOMMU_GET_HW_INFO, with the data of its type. */
struct bound_device_hw_info {
	struct iommuctl_hw_info info;
	union {
		struct iommuctl_hw_info_arm_smmuv3 smmuv3;
		struct iommuctl_hw_info_vtd vtd;
		struct iommuctl_hw_info_amd amd;
	} data;
	bool has_cmdqv;
	struct iommuctl_hw_info_tegra241_cmdqv cmdqv;
};

int bound_device_get_hw_info(const struct bound_device *bound, struct bound_device_hw_info *info);

/*
 * Asks an SMMUv3, described by @info, for its CMDQV: if it has none, or the kernel has no such
 * question, that is not a failure.
 */
int bound_device_get_cmdqv(const struct bound_device *bound, struct bound_device_hw_info *info);

/* "arm-smmuv3", "intel-vtd", …; "unknown" for a type that is newer than this program. */
const char *hw_info_type_name(uint32_t type);

#endif
