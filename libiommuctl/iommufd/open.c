// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <sys/mman.h>

#include "core/call.h"

int iommuctl_iommufd_open(struct iommuctl *ctx, int *iommufd)
{
	static const char path[] = "/dev/iommu";
	const struct call call = {
		.operation = OP_IOMMUFD_OPEN,
		.objects = { { path, .show = SHOW_NAME } },
	};

	return call_open(ctx, &call, path, iommufd);
}

int iommuctl_iommufd_mmap(
	struct iommuctl *ctx, int iommufd, uint64_t offset, size_t length, void **address)
{
	const struct call call = {
		.operation = OP_IOMMUFD_MMAP,
		.fd = iommufd,
		.objects = { { "iommufd", (uint64_t)iommufd, SHOW_FD },
			{ "offset", offset, SHOW_HEX }, { "length", length, SHOW_HEX } },
	};
	const struct call_mapping mapping = {
		.offset = offset,
		.length = length,
		.prot = PROT_READ | PROT_WRITE,
	};

	return call_mmap(ctx, &call, &mapping, address);
}
