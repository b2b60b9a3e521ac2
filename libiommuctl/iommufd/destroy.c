// SPDX-License-Identifier: MIT
#include "abi/iommufd.h"
#include "core/call.h"
#include "iommufd/ask.h"

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

int iommufd_ask_destroy(struct iommuctl *ctx, int iommufd, uint32_t id)
{
	struct abi_destroy arg = { .size = sizeof(arg), .id = id };

	return call_ask(ctx, iommufd, ABI_DESTROY, &arg);
}
