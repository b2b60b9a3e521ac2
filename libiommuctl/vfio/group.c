// SPDX-License-Identifier: MIT
#include <errno.h>

#include "core/call.h"
#include "vfio/ask.h"

static int get_group(
	struct iommuctl *ctx, int device, struct iommuctl_device_group *group, int answer)
{
	const struct call call = {
		.operation = OP_DEVICE_GROUP,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
		.answers = { answer },
	};

	return call_device_group(ctx, &call, group);
}

int iommuctl_vfio_device_get_group(
	struct iommuctl *ctx, int device, struct iommuctl_device_group *group)
{
	return get_group(ctx, device, group, 0);
}

int vfio_ask_group(struct iommuctl *ctx, int device, struct iommuctl_device_group *group)
{
	return get_group(ctx, device, group, EOPNOTSUPP);
}
