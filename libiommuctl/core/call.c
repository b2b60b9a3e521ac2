// SPDX-License-Identifier: MIT
#include "core/call.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>

static void object_add(struct text *text, const struct call_object *object)
{
	switch (object->show) {
	case SHOW_ID: text_add(text, "%s %" PRIu64, object->name, object->value); return;
	case SHOW_HEX: text_add(text, "%s 0x%" PRIx64, object->name, object->value); return;
	case SHOW_FD: text_add(text, "%s fd %d", object->name, (int)object->value); return;
	case SHOW_NAME: text_add(text, "%s", object->name); return;
	}
}

static void objects_add(struct text *text, const struct call *call)
{
	for (size_t i = 0; i < CALL_OBJECTS_MAX && call->objects[i].name; i++) {
		if (i > 0)
			text_add(text, ", ");
		object_add(text, &call->objects[i]);
	}
}

static int fail(struct iommuctl *ctx, const struct call *call, int error, uint64_t facts,
	const struct iommuctl_explanation *why)
{
	struct error_state failure = {
		.error = { .operation = operation_name(call->operation), .code = error },
		.origin = {
			.operation = call->operation,
			.facts = call->facts | facts | (ctx->live_ids ? FACT_LIVE_IDS : 0),
			.why = why ? *why : (struct iommuctl_explanation){ .cause = NULL },
		},
	};
	struct text object = {
		.at = failure.error.object,
		.size = sizeof(failure.error.object),
	};

	objects_add(&object, call);
	error_remember(ctx, &failure);
	return -error;
}

static bool is_answer(const struct call *call, int error)
{
	for (size_t i = 0; i < CALL_ANSWERS_MAX; i++)
		if (call->answers[i] == error)
			return true;
	return false;
}

int call_fail(struct iommuctl *ctx, const struct call *call, int error)
{
	if (is_answer(call, error))
		return -error;
	return fail(ctx, call, error, call->look ? call->look(call, error) : 0, NULL);
}

int call_refuse(struct iommuctl *ctx, const struct call *call, int error,
	const struct iommuctl_explanation *why)
{
	return fail(ctx, call, error, 0, why);
}

int call_ioctl_value(struct iommuctl *ctx, const struct call *call, int *value)
{
	const unsigned long request = operation_request(call->operation);
	int result = ctx->transport->ioctl(ctx->transport, call->fd, request, call->arg);

	if (result < 0)
		return call_fail(ctx, call, -result);
	*value = result;
	return 0;
}

int call_ioctl(struct iommuctl *ctx, const struct call *call)
{
	int value = 0;
	int err = call_ioctl_value(ctx, call, &value);

	if (err)
		return err;
	return value ? call_fail(ctx, call, EPROTO) : 0;
}

int call_ask(struct iommuctl *ctx, int fd, unsigned long request, void *arg)
{
	return ctx->transport->ioctl(ctx->transport, fd, request, arg);
}

int call_open(struct iommuctl *ctx, const struct call *call, const char *path, int *fd)
{
	int result = ctx->transport->open(ctx->transport, path, O_RDWR);

	if (result < 0)
		return call_fail(ctx, call, -result);
	*fd = result;
	return 0;
}

static int transferred(
	struct iommuctl *ctx, const struct call *call, ssize_t result, size_t size, size_t *done)
{
	if (result < 0)
		return call_fail(ctx, call, (int)-result);
	if ((size_t)result > size)
		return call_fail(ctx, call, EPROTO);
	*done = (size_t)result;
	return 0;
}

int call_read(struct iommuctl *ctx, const struct call *call, void *buffer, size_t size,
	int64_t offset, size_t *done)
{
	struct iommuctl_transport *transport = ctx->transport;

	return transferred(
		ctx, call, transport->read(transport, call->fd, buffer, size, offset), size, done);
}

int call_write(struct iommuctl *ctx, const struct call *call, const void *buffer, size_t size,
	int64_t offset, size_t *done)
{
	struct iommuctl_transport *transport = ctx->transport;

	return transferred(
		ctx, call, transport->write(transport, call->fd, buffer, size, offset), size, done);
}

int call_mmap(struct iommuctl *ctx, const struct call *call, const struct call_mapping *mapping,
	void **address)
{
	void *mapped;
	int result = ctx->transport->mmap(ctx->transport, call->fd, mapping->offset,
		mapping->length, mapping->prot, MAP_SHARED, &mapped);

	if (result < 0)
		return call_fail(ctx, call, -result);
	*address = mapped;
	return 0;
}

int call_device_group(
	struct iommuctl *ctx, const struct call *call, struct iommuctl_device_group *group)
{
	struct iommuctl_transport *transport = ctx->transport;
	int result = -EOPNOTSUPP;

	if (transport->device_group)
		result = transport->device_group(transport, call->fd, group);
	return result < 0 ? call_fail(ctx, call, -result) : 0;
}

int iommuctl_close(struct iommuctl *ctx, int fd)
{
	const struct call call = {
		.operation = OP_CLOSE,
		.objects = { { "file", (uint64_t)fd, SHOW_FD } },
	};
	int result = ctx->transport->close(ctx->transport, fd);

	return result < 0 ? call_fail(ctx, &call, -result) : 0;
}

int iommuctl_munmap(struct iommuctl *ctx, void *address, size_t length)
{
	const struct call call = {
		.operation = OP_MUNMAP,
		.objects = { { "address", (uintptr_t)address, SHOW_HEX },
			{ "length", length, SHOW_HEX } },
	};
	int result = ctx->transport->munmap(ctx->transport, address, length);

	return result < 0 ? call_fail(ctx, &call, -result) : 0;
}
