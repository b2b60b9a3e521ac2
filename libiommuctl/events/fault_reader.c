// SPDX-License-Identifier: MIT
#include <iommuctl/events.h>

#include <errno.h>
#include <stdbool.h>

#include "core/call.h"

void iommuctl_fault_reader_init(struct iommuctl_fault_reader *reader, struct iommuctl *ctx, int fd,
	struct iommuctl_pgfault *faults, size_t room)
{
	*reader = (struct iommuctl_fault_reader){
		.ctx = ctx,
		.fd = fd,
		.faults = faults,
		.room = room,
	};
}

void iommuctl_fault_reader_tap(
	struct iommuctl_fault_reader *reader, struct iommuctl_event_tap *tap, const char *queue)
{
	reader->tap = tap;
	reader->queue = queue;
}

static int fail(const struct iommuctl_fault_reader *reader, enum operation operation, int error,
	const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = operation,
		.objects = { { "fault queue", (uint64_t)reader->fd, SHOW_FD } },
	};

	return call_refuse(reader->ctx, &call, error, why);
}

static const struct iommuctl_explanation no_room = {
	"the reader has no room for faults",
	"initialise it with iommuctl_fault_reader_init(), and room for the largest group",
};

static const struct iommuctl_explanation no_group = {
	"the faults do not form a group",
	"continue with the next group; the devices of these faults wait until they are detached",
};

static const struct iommuctl_explanation no_answer_taken = {
	"the kernel did not take the answer",
	"answer the group again",
};

/* 0, or the error of @operation. */
static int check(const struct iommuctl_fault_reader *reader, enum operation operation)
{
	if (!reader || !reader->ctx)
		return -EINVAL;
	return reader->faults && reader->room ? 0 : fail(reader, operation, EINVAL, &no_room);
}

static int refill(struct iommuctl_fault_reader *reader)
{
	size_t count = reader->room;
	int err;

	reader->next = 0;
	reader->count = 0;
	err = iommuctl_fault_queue_read(reader->ctx, reader->fd, reader->faults, &count);
	if (err)
		return err;
	reader->count = count;
	if (reader->tap)
		iommuctl_event_tap_put_faults(reader->tap, reader->queue, reader->faults, count);
	return count ? 0 : fail(reader, OP_FAULT_QUEUE_READ, EAGAIN, NULL);
}

static bool same_group(const struct iommuctl_pgfault *a, const struct iommuctl_pgfault *b)
{
	return a->cookie == b->cookie && a->grpid == b->grpid && a->dev_id == b->dev_id;
}

/*
 * How many of the faults from @first on, @remaining at most, form one whole group; 0: they do not.
 */
static size_t group_size(const struct iommuctl_pgfault *first, size_t remaining)
{
	for (size_t i = 0; i < remaining && same_group(first, &first[i]); i++)
		if (first[i].flags & IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE)
			return i + 1;
	return 0;
}

int iommuctl_fault_reader_next(
	struct iommuctl_fault_reader *reader, const struct iommuctl_pgfault **group, size_t *count)
{
	const struct iommuctl_pgfault *first;
	size_t size;
	int err = check(reader, OP_FAULT_READER_NEXT);

	if (!err && reader->next == reader->count)
		err = refill(reader);
	if (err)
		return err;
	first = &reader->faults[reader->next];
	size = group_size(first, reader->count - reader->next);
	if (!size) {
		reader->next = reader->count;
		return fail(reader, OP_FAULT_READER_NEXT, EPROTO, &no_group);
	}
	reader->next += size;
	*group = first;
	*count = size;
	return 0;
}

int iommuctl_fault_reader_respond(
	struct iommuctl_fault_reader *reader, uint32_t cookie, uint32_t code)
{
	const struct iommuctl_page_response response = { .cookie = cookie, .code = code };
	size_t count = 1;
	int err = check(reader, OP_FAULT_READER_RESPOND);

	if (err)
		return err;
	err = iommuctl_fault_queue_respond(reader->ctx, reader->fd, &response, &count);
	if (err)
		return err;
	if (count == 1)
		return 0;
	return fail(reader, OP_FAULT_READER_RESPOND, EIO, &no_answer_taken);
}
