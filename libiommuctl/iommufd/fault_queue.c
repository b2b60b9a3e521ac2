// SPDX-License-Identifier: MIT
#include <iommuctl/iommufd.h>

#include <errno.h>

#include "abi/iommufd.h"
#include "core/call.h"

/* Faults and responses are passed between the caller and the kernel unchanged. */

int iommuctl_fault_queue_alloc(struct iommuctl *ctx, int iommufd, uint32_t *fault_id, int *fd)
{
	struct abi_fault_alloc arg = { .size = sizeof(arg) };
	const struct call call = {
		.operation = OP_FAULT_QUEUE_ALLOC,
		.fd = iommufd,
		.arg = &arg,
		.objects = { { "iommufd", (uint64_t)iommufd, SHOW_FD } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*fault_id = arg.out_fault_id;
	*fd = (int)arg.out_fault_fd;
	return 0;
}

int iommuctl_fault_queue_read(
	struct iommuctl *ctx, int fd, struct iommuctl_pgfault *faults, size_t *count)
{
	struct call call = {
		.operation = OP_FAULT_QUEUE_READ,
		.fd = fd,
		.objects = { { "fault queue", (uint64_t)fd, SHOW_FD } },
	};
	size_t size;
	size_t done;
	int err;

	if (__builtin_mul_overflow(*count, sizeof(*faults), &size)) {
		call.facts = FACT_OUT_OF_BOUNDS;
		return call_fail(ctx, &call, EOVERFLOW);
	}
	err = call_read(ctx, &call, faults, size, IOMMUCTL_STREAM, &done);
	if (err)
		return err;
	if (done % sizeof(*faults))
		return call_fail(ctx, &call, EPROTO);
	*count = done / sizeof(*faults);
	return 0;
}

int iommuctl_fault_queue_respond(
	struct iommuctl *ctx, int fd, const struct iommuctl_page_response *responses, size_t *count)
{
	struct call call = {
		.operation = OP_FAULT_QUEUE_RESPOND,
		.fd = fd,
		.objects = { { "fault queue", (uint64_t)fd, SHOW_FD } },
	};
	size_t size;
	size_t done;
	int err;

	if (__builtin_mul_overflow(*count, sizeof(*responses), &size)) {
		call.facts = FACT_OUT_OF_BOUNDS;
		return call_fail(ctx, &call, EOVERFLOW);
	}
	err = call_write(ctx, &call, responses, size, IOMMUCTL_STREAM, &done);
	if (err)
		return err;
	if (done % sizeof(*responses))
		return call_fail(ctx, &call, EPROTO);
	*count = done / sizeof(*responses);
	return 0;
}
