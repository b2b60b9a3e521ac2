// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "core/call.h"

int iommuctl_destroy(struct iommuctl *ctx, int iommufd, uint32_t id)
{
	struct abi_destroy arg = { .size = sizeof(arg), .id = id };
	const struct call call = {
		.operation = OP_DESTROY,
		.fd = iommufd,
		.arg = &arg,
		.objects = { { "object", id } },
	};

	return call_ioctl(ctx, &call);
}
