// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "core/call.h"
#include "iommufd/ask.h"

int iommuctl_veventq_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_veventq_alloc_args *args, uint32_t *veventq_id, int *fd)
{
	struct abi_veventq_alloc arg = {
		.size = sizeof(arg),
		.viommu_id = args->viommu_id,
		.type = args->type,
		.veventq_depth = args->depth,
	};
	struct call call = {
		.operation = OP_VEVENTQ_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		.facts = args->type == ABI_VEVENTQ_TYPE_DEFAULT ? FACT_TYPE_DEFAULT : 0,
		.objects = { { "vIOMMU", args->viommu_id }, { "depth", args->depth } },
	};
	int err;

	if (!args->depth)
		call.facts |= FACT_EMPTY;
	if (args->depth > IOMMUCTL_VEVENTQ_DEPTH_MAX)
		call.facts |= FACT_TOO_LARGE;
	err = call_ioctl(ctx, &call);
	if (err)
		return err;
	*veventq_id = arg.out_veventq_id;
	*fd = (int)arg.out_veventq_fd;
	return 0;
}

static struct call reading(int fd, int answer)
{
	return (struct call){
		.operation = OP_VEVENTQ_READ,
		.fd = fd,
		.objects = { { "vEVENTQ", (uint64_t)fd, SHOW_FD } },
		.answers = { answer },
	};
}

int iommuctl_veventq_read(struct iommuctl *ctx, int fd, void *buffer, size_t size, size_t *length)
{
	const struct call call = reading(fd, 0);

	return call_read(ctx, &call, buffer, size, IOMMUCTL_STREAM, length);
}

int veventq_ask_read(struct iommuctl *ctx, int fd, void *buffer, size_t size, size_t *length)
{
	const struct call call = reading(fd, EAGAIN);

	return call_read(ctx, &call, buffer, size, IOMMUCTL_STREAM, length);
}

static size_t vevent_data_len(uint32_t type)
{
	switch (type) {
	case ABI_VEVENTQ_TYPE_ARM_SMMUV3: return sizeof(struct abi_vevent_arm_smmuv3);
	case ABI_VEVENTQ_TYPE_TEGRA241_CMDQV: return sizeof(struct abi_vevent_tegra241_cmdqv);
	default: return 0;
	}
}

int iommuctl_vevent_next(uint32_t type, const void *buffer, size_t length, size_t *offset,
	struct iommuctl_vevent *event)
{
	size_t data_len = vevent_data_len(type);
	struct abi_vevent_header header;
	const char *at;
	size_t remaining;

	if (!data_len)
		return -EINVAL;
	if (*offset >= length)
		return -ENODATA;
	remaining = length - *offset;
	at = (const char *)buffer + *offset;
	if (remaining < sizeof(header))
		return -EBADMSG;
	memcpy(&header, at, sizeof(header));
	if (header.flags & ABI_VEVENTQ_FLAG_LOST_EVENTS)
		data_len = 0;
	if (remaining - sizeof(header) < data_len)
		return -EBADMSG;
	*event = (struct iommuctl_vevent){
		.flags = header.flags,
		.sequence = header.sequence,
		.data = data_len ? at + sizeof(header) : NULL,
		.data_len = data_len,
	};
	*offset += sizeof(header) + data_len;
	return 0;
}
