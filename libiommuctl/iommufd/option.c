// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "core/call.h"

static enum operation option_operation(uint32_t option)
{
	switch (option) {
	case ABI_OPTION_RLIMIT_MODE: return OP_OPTION_RLIMIT_MODE;
	case ABI_OPTION_HUGE_PAGES: return OP_OPTION_HUGE_PAGES;
	default: return OP_OPTION_OTHER;
	}
}

static int option_call(struct iommuctl *ctx, int iommufd, struct abi_option *arg)
{
	const struct call call = {
		.operation = option_operation(arg->option_id),
		.fd = iommufd,
		.arg = arg,
		.objects = { { "option", arg->option_id }, { "object", arg->object_id } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_option_get(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t *value)
{
	struct abi_option arg = {
		.size = sizeof(arg),
		.option_id = option,
		.op = ABI_OPTION_OP_GET,
		.object_id = object_id,
	};
	int ret = option_call(ctx, iommufd, &arg);

	if (ret)
		return ret;
	*value = arg.val64;
	return 0;
}

int iommuctl_option_set(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t value)
{
	struct abi_option arg = {
		.size = sizeof(arg),
		.option_id = option,
		.op = ABI_OPTION_OP_SET,
		.object_id = object_id,
		.val64 = value,
	};

	return option_call(ctx, iommufd, &arg);
}
