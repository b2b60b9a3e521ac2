// SPDX-License-Identifier: MIT
#include <errno.h>

#include "abi/iommufd.h"
#include "core/call.h"
#include "iommufd/ask.h"

static uint32_t map_facts(uint32_t flags, uint64_t length)
{
	const uint32_t access = ABI_IOAS_MAP_WRITEABLE | ABI_IOAS_MAP_READABLE;
	uint32_t facts = 0;

	if (flags & ~(access | ABI_IOAS_MAP_FIXED_IOVA))
		facts |= FACT_UNKNOWN_FLAGS;
	if (!(flags & access))
		facts |= FACT_NO_ACCESS;
	if (flags & ABI_IOAS_MAP_FIXED_IOVA)
		facts |= FACT_FIXED_IOVA;
	if (flags & ABI_IOAS_MAP_WRITEABLE)
		facts |= FACT_WRITEABLE;
	if (length == 0)
		facts |= FACT_EMPTY;
	return facts;
}

/* Without FIXED_IOVA the kernel ignores the IOVA, so the caller's is not passed on. */
static uint64_t map_iova(uint32_t flags, const uint64_t *iova)
{
	return flags & ABI_IOAS_MAP_FIXED_IOVA ? *iova : 0;
}

static struct call_object map_object(uint32_t flags, uint64_t iova)
{
	if (!(flags & ABI_IOAS_MAP_FIXED_IOVA))
		return (struct call_object){ "any IOVA", .show = SHOW_NAME };
	return (struct call_object){ "IOVA", iova, SHOW_HEX };
}

int iommuctl_ioas_map(struct iommuctl *ctx, int iommufd, const struct iommuctl_ioas_map_args *args,
	uint64_t *iova)
{
	struct abi_ioas_map arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.ioas_id = args->ioas_id,
		.user_va = (uintptr_t)args->host,
		.length = args->length,
		.iova = map_iova(args->flags, iova),
	};
	const struct call call = {
		.operation = OP_IOAS_MAP,
		.fd = iommufd,
		.arg = &arg,
		.facts = map_facts(args->flags, args->length),
		.objects = { { "IOAS", args->ioas_id }, map_object(args->flags, arg.iova),
			{ "length", args->length, SHOW_HEX } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*iova = arg.iova;
	return 0;
}

int iommuctl_ioas_map_file(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_map_file_args *args, uint64_t *iova)
{
	struct abi_ioas_map_file arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.ioas_id = args->ioas_id,
		.fd = args->file,
		.start = args->start,
		.length = args->length,
		.iova = map_iova(args->flags, iova),
	};
	const struct call call = {
		.operation = OP_IOAS_MAP_FILE,
		.fd = iommufd,
		.arg = &arg,
		.facts = map_facts(args->flags, args->length),
		.objects = { { "IOAS", args->ioas_id }, map_object(args->flags, arg.iova),
			{ "length", args->length, SHOW_HEX },
			{ "file", (uint64_t)args->file, SHOW_FD } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*iova = arg.iova;
	return 0;
}

static int copy(struct iommuctl *ctx, int iommufd, const struct iommuctl_ioas_copy_args *args,
	uint64_t *iova, bool asks)
{
	struct abi_ioas_copy arg = {
		.size = sizeof(arg),
		.flags = args->flags,
		.dst_ioas_id = args->dst_ioas_id,
		.src_ioas_id = args->src_ioas_id,
		.length = args->length,
		.dst_iova = map_iova(args->flags, iova),
		.src_iova = args->src_iova,
	};
	const struct call call = {
		.operation = OP_IOAS_COPY,
		.fd = iommufd,
		.arg = &arg,
		.facts = map_facts(args->flags, args->length),
		.objects = { { "IOAS", args->dst_ioas_id }, map_object(args->flags, arg.dst_iova),
			{ "from IOAS", args->src_ioas_id }, { "IOVA", args->src_iova, SHOW_HEX } },
		.answers = { asks ? ENOENT : 0, asks ? EPERM : 0 },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*iova = arg.dst_iova;
	return 0;
}

int iommuctl_ioas_copy(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_copy_args *args, uint64_t *iova)
{
	return copy(ctx, iommufd, args, iova, false);
}

int ioas_ask_copy(struct iommuctl *ctx, int iommufd, const struct iommuctl_ioas_copy_args *args,
	uint64_t *iova)
{
	return copy(ctx, iommufd, args, iova, true);
}

static int unmap(struct iommuctl *ctx, int iommufd, struct abi_ioas_unmap *arg, int answer)
{
	const struct call call = {
		.operation = OP_IOAS_UNMAP,
		.fd = iommufd,
		.arg = arg,
		.facts = arg->length ? 0 : FACT_EMPTY,
		.objects = { { "IOAS", arg->ioas_id }, { "IOVA", arg->iova, SHOW_HEX },
			{ "length", arg->length, SHOW_HEX } },
		.answers = { answer },
	};

	arg->size = sizeof(*arg);
	return call_ioctl(ctx, &call);
}

int ioas_ask_unmap(
	struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova, uint64_t length)
{
	struct abi_ioas_unmap arg = { .ioas_id = ioas_id, .iova = iova, .length = length };

	return unmap(ctx, iommufd, &arg, ENOENT);
}

int iommuctl_ioas_unmap(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t length, uint64_t *unmapped)
{
	struct abi_ioas_unmap arg = { .ioas_id = ioas_id, .iova = iova, .length = length };
	int err = unmap(ctx, iommufd, &arg, 0);

	if (err)
		return err;
	if (unmapped)
		*unmapped = arg.length;
	return 0;
}
