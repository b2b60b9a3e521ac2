// SPDX-License-Identifier: MIT
#include "transport.h"

#include <stdlib.h>
#include <string.h>

static struct script *script_of(struct iommuctl_transport *transport)
{
	return (struct script *)transport;
}

static int begin(struct script *script, enum script_call call, int fd)
{
	if (!script->unwatched) {
		script->calls[call]++;
		script->total++;
		script->fd = fd;
	}
	return -script->errors[call];
}

static int script_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_OPEN, -1);

	strncpy(script->path, path, sizeof(script->path) - 1);
	if (err)
		return err;
	if (script->inner)
		return script->inner->open(script->inner, path, flags);
	return script->result ? script->result : script->next_fd++;
}

static bool is_failing(struct script *script, unsigned long request)
{
	struct script_failing *failing = &script->failing;

	if (script->unwatched || !failing->first || (failing->request && failing->request != request))
		return false;
	failing->calls++;
	return failing->calls >= failing->first && failing->calls <= failing->last;
}

int script_pass(struct script *script, int fd, unsigned long request, void *arg)
{
	for (size_t i = script->answer_count; i-- > 0;) {
		const struct script_answer *answer = &script->answers[i];

		if (answer->request != request)
			continue;
		if (answer->size)
			memcpy((char *)arg + answer->offset, answer->data, answer->size);
		return answer->result;
	}
	if (script->inner)
		return script->inner->ioctl(script->inner, fd, request, arg);
	if (script->answer)
		memcpy(arg, script->answer, script->answer_size);
	return script->result;
}

static int script_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_IOCTL, fd);

	if (!script->unwatched) {
		script->request = request;
		script->arg = arg;
	}
	if (script->sent_size)
		memcpy(script->sent, arg, script->sent_size);
	if (err)
		return err;
	if (is_failing(script, request))
		return -script->failing.error;
	return script->ioctl ? script->ioctl(script, fd, request, arg)
			     : script_pass(script, fd, request, arg);
}

static int script_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_MMAP, fd);

	script->offset = (int64_t)offset;
	script->length = length;
	script->prot = prot;
	if (err)
		return err;
	if (script->inner)
		return script->inner->mmap(script->inner, fd, offset, length, prot, flags, address);
	*address = script->next_address;
	return script->result;
}

static int script_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_MUNMAP, -1);

	script->arg = address;
	script->length = length;
	if (!err && script->inner)
		return script->inner->munmap(script->inner, address, length);
	return err ? err : script->result;
}

static ssize_t script_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_READ, fd);

	script->offset = offset;
	script->length = size;
	if (err)
		return err;
	if (script->inner)
		return script->inner->read(script->inner, fd, buffer, size, offset);
	if (size > script->answer_size)
		size = script->answer_size;
	if (size)
		memcpy(buffer, script->answer, size);
	return script->result ? script->result : (ssize_t)size;
}

static ssize_t script_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_WRITE, fd);

	script->offset = offset;
	script->length = size;
	if (size)
		memcpy(script->sent, buffer, size < sizeof(script->sent) ? size : sizeof(script->sent));
	if (err)
		return err;
	if (script->inner)
		return script->inner->write(script->inner, fd, buffer, size, offset);
	return script->result ? script->result : (ssize_t)size;
}

static int script_close(struct iommuctl_transport *transport, int fd)
{
	struct script *script = script_of(transport);
	int err = begin(script, SCRIPT_CLOSE, fd);

	if (!err && script->inner)
		return script->inner->close(script->inner, fd);
	return err ? err : script->result;
}

static int script_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct script *script = script_of(transport);

	return script->inner->device_group(script->inner, fd, group);
}

static void script_free(struct iommuctl_transport *transport)
{
	struct script *script = script_of(transport);

	if (script->freed)
		*script->freed = true;
	iommuctl_transport_free(script->inner);
	if (script->allocated)
		free(script);
}

struct iommuctl_transport *script_start(struct script *script)
{
	script->base = (struct iommuctl_transport){
		.open = script_open,
		.ioctl = script_ioctl,
		.mmap = script_mmap,
		.munmap = script_munmap,
		.read = script_read,
		.write = script_write,
		.close = script_close,
		.free = script_free,
	};
	if (script->inner && script->inner->device_group)
		script->base.device_group = script_device_group;
	if (!script->next_fd)
		script->next_fd = 3;
	if (!script->next_address)
		script->next_address = script;
	return &script->base;
}

struct script *script_new(struct iommuctl_transport *inner)
{
	struct script *script = calloc(1, sizeof(*script));

	if (!script)
		abort();
	script->inner = inner;
	script->allocated = true;
	script_start(script);
	return script;
}

struct iommuctl *script_context(struct script *script)
{
	struct iommuctl *ctx;

	if (iommuctl_new(script_start(script), &ctx))
		abort();
	return ctx;
}

void script_add_answer(struct script *script, struct script_answer answer)
{
	if (script->answer_count == SCRIPT_ANSWERS_MAX)
		abort();
	script->answers[script->answer_count++] = answer;
}

void script_fail(
	struct script *script, unsigned long request, uint32_t first, uint32_t last, int error)
{
	script->failing = (struct script_failing){
		.request = request, .first = first, .last = last, .error = error
	};
}

void script_fail_none(struct script *script)
{
	script->failing = (struct script_failing){ 0 };
}
