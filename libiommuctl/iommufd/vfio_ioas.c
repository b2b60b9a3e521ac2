// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "core/call.h"

static int vfio_ioas_call(struct iommuctl *ctx, int iommufd, struct abi_vfio_ioas *arg)
{
	struct call call = {
		.operation = OP_VFIO_IOAS,
		.fd = iommufd,
		.arg = arg,
		.objects = { { "iommufd", (uint64_t)iommufd, SHOW_FD } },
	};

	if (arg->op == ABI_VFIO_IOAS_SET)
		call.objects[1] = (struct call_object){ "IOAS", arg->ioas_id };
	return call_ioctl(ctx, &call);
}

int iommuctl_vfio_ioas_get(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id)
{
	struct abi_vfio_ioas arg = { .size = sizeof(arg), .op = ABI_VFIO_IOAS_GET };
	int ret = vfio_ioas_call(ctx, iommufd, &arg);

	if (ret)
		return ret;
	*ioas_id = arg.ioas_id;
	return 0;
}

int iommuctl_vfio_ioas_set(struct iommuctl *ctx, int iommufd, uint32_t ioas_id)
{
	struct abi_vfio_ioas arg = {
		.size = sizeof(arg),
		.ioas_id = ioas_id,
		.op = ABI_VFIO_IOAS_SET,
	};

	return vfio_ioas_call(ctx, iommufd, &arg);
}

int iommuctl_vfio_ioas_clear(struct iommuctl *ctx, int iommufd)
{
	struct abi_vfio_ioas arg = { .size = sizeof(arg), .op = ABI_VFIO_IOAS_CLEAR };

	return vfio_ioas_call(ctx, iommufd, &arg);
}
