// SPDX-License-Identifier: MIT
#include <errno.h>

#include "abi/iommufd.h"
#include "core/call.h"
#include "iommufd/ask.h"

/* Arrays of ranges are passed to the kernel unchanged. */

int iommuctl_ioas_alloc(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id)
{
	struct abi_ioas_alloc arg = { .size = sizeof(arg) };
	const struct call call = {
		.operation = OP_IOAS_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		.objects = { { "iommufd", (uint64_t)iommufd, SHOW_FD } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*ioas_id = arg.out_ioas_id;
	return 0;
}

static int get_iova_ranges(struct iommuctl *ctx, int iommufd, struct abi_ioas_iova_ranges *arg,
	uint32_t *count, uint64_t *alignment, int answer)
{
	const struct call call = {
		.operation = OP_IOAS_IOVA_RANGES,
		.fd = iommufd,
		.arg = arg,
		.objects = { { "IOAS", arg->ioas_id } },
		.answers = { answer },
	};
	int err;

	arg->size = sizeof(*arg);
	arg->num_iovas = *count;
	err = call_ioctl(ctx, &call);
	if (err && err != -EMSGSIZE)
		return err;
	*count = arg->num_iovas;
	if (alignment)
		*alignment = arg->out_iova_alignment;
	return err;
}

int iommuctl_ioas_get_iova_ranges(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	struct iommuctl_iova_range *ranges, uint32_t *count, uint64_t *alignment)
{
	struct abi_ioas_iova_ranges arg = {
		.ioas_id = ioas_id,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return get_iova_ranges(ctx, iommufd, &arg, count, alignment, 0);
}

int ioas_ask_iova_ranges(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	struct iommuctl_iova_range *ranges, uint32_t *count, uint64_t *alignment)
{
	struct abi_ioas_iova_ranges arg = {
		.ioas_id = ioas_id,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return get_iova_ranges(ctx, iommufd, &arg, count, alignment, EMSGSIZE);
}

int iommuctl_ioas_allow_iovas(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	const struct iommuctl_iova_range *ranges, uint32_t count)
{
	struct abi_ioas_allow_iovas arg = {
		.size = sizeof(arg),
		.ioas_id = ioas_id,
		.num_iovas = count,
		.allowed_iovas = (uintptr_t)ranges,
	};
	const struct call call = {
		.operation = OP_IOAS_ALLOW_IOVAS,
		.fd = iommufd,
		.arg = &arg,
		.objects = { { "IOAS", ioas_id } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_ioas_change_process(struct iommuctl *ctx, int iommufd)
{
	struct abi_ioas_change_process arg = { .size = sizeof(arg) };
	const struct call call = {
		.operation = OP_IOAS_CHANGE_PROCESS,
		.fd = iommufd,
		.arg = &arg,
		.objects = { { "iommufd", (uint64_t)iommufd, SHOW_FD } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_ioas_get_noiommu_pa(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t *length, uint64_t *physical)
{
	struct abi_ioas_noiommu_get_pa arg = {
		.size = sizeof(arg),
		.ioas_id = ioas_id,
		.iova = iova,
		.length = *length,
	};
	const struct call call = {
		.operation = OP_IOAS_NOIOMMU_GET_PA,
		.fd = iommufd,
		.arg = &arg,
		.facts = *length ? 0 : FACT_EMPTY,
		.objects = { { "IOAS", ioas_id }, { "IOVA", iova, SHOW_HEX } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*length = arg.length;
	*physical = arg.out_phys;
	return 0;
}
