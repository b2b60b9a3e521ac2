// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include "core/call.h"

int iommuctl_vfio_device_get_group(struct iommuctl *ctx, int device, struct iommuctl_device_group *group)
{
	const struct call call = {
		.operation = OP_DEVICE_GROUP,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};

	return call_device_group(ctx, &call, group);
}
