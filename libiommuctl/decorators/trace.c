// SPDX-License-Identifier: MIT
#include <iommuctl/transport.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "decorators/trace.h"
#include "decorators/trace_queue.h"

/* The width of the widest device register. */
#define VALUE_BYTES_MAX 8

struct trace {
	struct iommuctl_transport base;
	struct iommuctl_transport *inner;
	void (*receive)(const struct iommuctl_trace_record *record, void *data);
	void *data;
	struct trace_queues queues;
	_Atomic uint64_t calls;
};

/* One call in progress. */
struct trace_call {
	struct trace *trace;
	const char *name;
	int fd;
	struct trace_fields in;
	struct trace_fields out;
	struct timespec start;
	uint64_t nanoseconds;
};

static const struct trace_name open_flags[] = {
	{ O_RDONLY, "O_RDONLY" },
	{ O_RDWR, "O_RDWR" },
	{ O_WRONLY, "O_WRONLY" },
	{ O_CLOEXEC, "O_CLOEXEC" },
	{ O_CREAT, "O_CREAT" },
	{ O_DIRECTORY, "O_DIRECTORY" },
	{ O_EXCL, "O_EXCL" },
	{ O_NOFOLLOW, "O_NOFOLLOW" },
	{ O_NONBLOCK, "O_NONBLOCK" },
	{ O_TRUNC, "O_TRUNC" },
	{ 0, NULL },
};

static const struct trace_name protections[] = {
	{ PROT_NONE, "PROT_NONE" },
	{ PROT_READ, "PROT_READ" },
	{ PROT_WRITE, "PROT_WRITE" },
	{ PROT_EXEC, "PROT_EXEC" },
	{ 0, NULL },
};

static const struct trace_name map_flags[] = {
	{ MAP_SHARED, "MAP_SHARED" },
	{ MAP_PRIVATE, "MAP_PRIVATE" },
	{ MAP_ANONYMOUS, "MAP_ANONYMOUS" },
	{ MAP_HUGETLB, "MAP_HUGETLB" },
	{ MAP_NORESERVE, "MAP_NORESERVE" },
	{ MAP_POPULATE, "MAP_POPULATE" },
	{ 0, NULL },
};

static struct trace *trace_of(struct iommuctl_transport *transport)
{
	return (struct trace *)transport;
}

static void call_init(
	struct trace_call *call, struct iommuctl_transport *transport, const char *name, int fd)
{
	call->trace = trace_of(transport);
	call->name = name;
	call->fd = fd;
	trace_fields_init(&call->in);
	trace_fields_init(&call->out);
}

static void call_start(struct trace_call *call)
{
	clock_gettime(CLOCK_MONOTONIC, &call->start);
}

static void call_stop(struct trace_call *call)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	call->nanoseconds = (uint64_t)((int64_t)(now.tv_sec - call->start.tv_sec) * 1000000000 +
				       (now.tv_nsec - call->start.tv_nsec));
}

static void call_report(const struct trace_call *call, int64_t result)
{
	struct trace *trace = call->trace;
	struct iommuctl_trace_record record = {
		.sequence = atomic_fetch_add(&trace->calls, 1) + 1,
		.call = call->name,
		.fd = call->fd,
		.in = call->in.field,
		.in_count = call->in.count,
		.out = call->out.field,
		.out_count = call->out.count,
		.result = result,
		.nanoseconds = call->nanoseconds,
	};

	trace->receive(&record, trace->data);
}

static int trace_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "open", -1);
	trace_add_string(&call.in, "path", path);
	trace_add_flags(&call.in, "flags", open_flags, (unsigned int)flags);
	call_start(&call);
	result = trace->inner->open(trace->inner, path, flags);
	call_stop(&call);
	if (result >= 0)
		trace_queues_set(&trace->queues, result, TRACE_QUEUE_NONE);
	call_report(&call, result);
	return result;
}

static int unknown_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "ioctl", fd);
	trace_add_value(&call.in, "request", IOMMUCTL_TRACE_HEX, request);
	trace_add_value(&call.in, "arg", IOMMUCTL_TRACE_HEX, (uintptr_t)arg);
	call_start(&call);
	result = trace->inner->ioctl(trace->inner, fd, request, arg);
	call_stop(&call);
	call_report(&call, result);
	return result;
}

static int trace_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct trace *trace = trace_of(transport);
	const struct trace_ioctl *ioctl = trace_ioctl_find(request);
	struct trace_argument before, after;
	enum trace_queue_kind kind;
	struct trace_call call;
	int result, reserved, queue;

	if (!ioctl)
		return unknown_ioctl(transport, fd, request, arg);

	call_init(&call, transport, operation_name(ioctl->operation), fd);
	trace_argument_read(&before, ioctl, arg);
	trace_argument_in(ioctl, &before, &call.in);
	call_start(&call);
	/* Without memory to record it, the queue could not be decoded, so it is not made. */
	reserved = trace_queue_is_made_by(request) ? trace_queues_reserve(&trace->queues) : 0;
	result = reserved ? reserved : trace->inner->ioctl(trace->inner, fd, request, arg);
	call_stop(&call);
	trace_argument_reread(&after, &before);
	trace_argument_out(ioctl, &before, &after, result < 0, &call.out);
	if (result >= 0) {
		kind = trace_queue_made(request, after.copy, &queue);
		if (kind != TRACE_QUEUE_NONE)
			trace_queues_set(&trace->queues, queue, kind);
	}
	if (trace_queue_is_made_by(request) && !reserved)
		trace_queues_release(&trace->queues);
	call_report(&call, result);
	return result;
}

static int trace_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "mmap", fd);
	trace_add_value(&call.in, "offset", IOMMUCTL_TRACE_HEX, offset);
	trace_add_value(&call.in, "length", IOMMUCTL_TRACE_HEX, length);
	trace_add_flags(&call.in, "prot", protections, (unsigned int)prot);
	trace_add_flags(&call.in, "flags", map_flags, (unsigned int)flags);
	call_start(&call);
	result = trace->inner->mmap(trace->inner, fd, offset, length, prot, flags, address);
	call_stop(&call);
	if (result >= 0)
		trace_add_value(&call.out, "address", IOMMUCTL_TRACE_HEX, (uintptr_t)*address);
	call_report(&call, result);
	return result;
}

static int trace_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "munmap", -1);
	trace_add_value(&call.in, "address", IOMMUCTL_TRACE_HEX, (uintptr_t)address);
	trace_add_value(&call.in, "length", IOMMUCTL_TRACE_HEX, length);
	call_start(&call);
	result = trace->inner->munmap(trace->inner, address, length);
	call_stop(&call);
	call_report(&call, result);
	return result;
}

static void add_place(struct trace_fields *in, size_t size, int64_t offset)
{
	if (offset != IOMMUCTL_STREAM)
		trace_add_value(in, "offset", IOMMUCTL_TRACE_HEX, (uint64_t)offset);
	trace_add_value(in, "size", IOMMUCTL_TRACE_DECIMAL, size);
}

/* The bytes as a little-endian number, as in a device register. */
static void add_value(struct trace_fields *fields, const void *buffer, size_t size)
{
	const uint8_t *bytes = buffer;
	uint64_t value = 0;

	if (!size || size > VALUE_BYTES_MAX)
		return;
	while (size--)
		value = value << 8 | bytes[size];
	trace_add_value(fields, "value", IOMMUCTL_TRACE_HEX, value);
}

static ssize_t trace_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct trace *trace = trace_of(transport);
	enum trace_queue_kind kind = trace_queues_kind(&trace->queues, fd);
	struct trace_call call;
	ssize_t result;

	call_init(&call, transport, offset == IOMMUCTL_STREAM ? "read" : "pread", fd);
	add_place(&call.in, size, offset);
	call_start(&call);
	result = trace->inner->read(trace->inner, fd, buffer, size, offset);
	call_stop(&call);
	if (result > 0 && kind != TRACE_QUEUE_NONE)
		trace_queue_read(kind, buffer, (size_t)result, &call.out);
	else if (result > 0)
		add_value(&call.out, buffer, (size_t)result);
	call_report(&call, result);
	return result;
}

static ssize_t trace_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct trace *trace = trace_of(transport);
	enum trace_queue_kind kind = trace_queues_kind(&trace->queues, fd);
	struct trace_call call;
	ssize_t result;

	call_init(&call, transport, offset == IOMMUCTL_STREAM ? "write" : "pwrite", fd);
	add_place(&call.in, size, offset);
	if (kind != TRACE_QUEUE_NONE)
		trace_queue_write(kind, buffer, size, &call.in);
	else
		add_value(&call.in, buffer, size);
	call_start(&call);
	result = trace->inner->write(trace->inner, fd, buffer, size, offset);
	call_stop(&call);
	call_report(&call, result);
	return result;
}

static void add_group(struct trace_fields *out, const struct iommuctl_device_group *group)
{
	size_t shown =
		group->member_count < TRACE_ITEMS_MAX ? group->member_count : TRACE_ITEMS_MAX;

	trace_add_value(out, "id", IOMMUCTL_TRACE_DECIMAL, group->id);
	trace_add_string(out, "device", group->device);
	for (size_t i = 0; i < shown; i++)
		trace_add_string(out, "member", group->members[i].name);
	if (group->member_count > shown)
		trace_add_value(out, "more", IOMMUCTL_TRACE_DECIMAL, group->member_count - shown);
}

/* Forget it before the call: another thread may get the number as soon as it is free. */
static int trace_close(struct iommuctl_transport *transport, int fd)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "close", fd);
	trace_queues_set(&trace->queues, fd, TRACE_QUEUE_NONE);
	call_start(&call);
	result = trace->inner->close(trace->inner, fd);
	call_stop(&call);
	call_report(&call, result);
	return result;
}

static int trace_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct trace *trace = trace_of(transport);
	struct trace_call call;
	int result;

	call_init(&call, transport, "device_group", fd);
	call_start(&call);
	result = trace->inner->device_group(trace->inner, fd, group);
	call_stop(&call);
	if (result >= 0)
		add_group(&call.out, group);
	call_report(&call, result);
	return result;
}

static void trace_free(struct iommuctl_transport *transport)
{
	struct trace *trace = trace_of(transport);

	iommuctl_transport_free(trace->inner);
	trace_queues_destroy(&trace->queues);
	free(trace);
}

int iommuctl_transport_trace_new(struct iommuctl_transport *inner,
	void (*receive)(const struct iommuctl_trace_record *record, void *data), void *data,
	struct iommuctl_transport **transport)
{
	struct trace *trace = malloc(sizeof(*trace));

	if (!trace)
		return -ENOMEM;
	*trace = (struct trace) {
		.base = {
			.open = trace_open,
			.ioctl = trace_ioctl,
			.mmap = trace_mmap,
			.munmap = trace_munmap,
			.read = trace_read,
			.write = trace_write,
			.close = trace_close,
			.free = trace_free,
			.device_group = inner->device_group ? trace_device_group : NULL,
		},
		.inner = inner,
		.receive = receive,
		.data = data,
	};
	trace_queues_init(&trace->queues);
	*transport = &trace->base;
	return 0;
}
