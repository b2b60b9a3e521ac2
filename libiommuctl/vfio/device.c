// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include "abi/vfio.h"
#include "core/call.h"

int iommuctl_vfio_device_open(struct iommuctl *ctx, const char *path, int *device)
{
	const struct call call = {
		.operation = OP_VFIO_DEVICE_OPEN,
		.objects = { { path, .show = SHOW_NAME } },
	};

	return call_open(ctx, &call, path, device);
}

int iommuctl_vfio_bind_iommufd(
	struct iommuctl *ctx, int device, int iommufd, const uint8_t token[16], uint32_t *dev_id)
{
	struct abi_vfio_device_bind_iommufd arg = {
		.argsz = sizeof(arg),
		.flags = token ? ABI_VFIO_DEVICE_BIND_FLAG_TOKEN : 0,
		.iommufd = iommufd,
		.token_uuid_ptr = (uintptr_t)token,
	};
	const struct call call = {
		.operation = OP_VFIO_BIND,
		.fd = device,
		.arg = &arg,
		.facts = (token ? FACT_TOKEN : 0) | (iommufd < 0 ? FACT_NEGATIVE_FD : 0),
		.objects = { { "device", (uint64_t)device, SHOW_FD },
			{ "iommufd", (uint64_t)iommufd, SHOW_FD } },
	};
	int ret = call_ioctl(ctx, &call);

	if (ret)
		return ret;
	*dev_id = arg.out_devid;
	return 0;
}

int iommuctl_vfio_reset(struct iommuctl *ctx, int device)
{
	const struct call call = {
		.operation = OP_VFIO_RESET,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};

	return call_ioctl(ctx, &call);
}
