// SPDX-License-Identifier: MIT
#include <iommuctl/events.h>

#include <errno.h>
#include <stdbool.h>

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

static bool is_ready(const struct iommuctl_fault_reader *reader)
{
	return reader && reader->ctx && reader->faults && reader->room;
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
	return count ? 0 : -EAGAIN;
}

static bool same_group(const struct iommuctl_pgfault *a, const struct iommuctl_pgfault *b)
{
	return a->cookie == b->cookie && a->grpid == b->grpid && a->dev_id == b->dev_id;
}

/* How many faults from @first on, @left at most, are one whole group; 0: they are none. */
static size_t group_size(const struct iommuctl_pgfault *first, size_t left)
{
	for (size_t i = 0; i < left && same_group(first, &first[i]); i++)
		if (first[i].flags & IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE)
			return i + 1;
	return 0;
}

int iommuctl_fault_reader_next(
	struct iommuctl_fault_reader *reader, const struct iommuctl_pgfault **group, size_t *count)
{
	const struct iommuctl_pgfault *first;
	size_t size;

	if (!is_ready(reader))
		return -EINVAL;
	if (reader->next == reader->count) {
		int err = refill(reader);

		if (err)
			return err;
	}
	first = &reader->faults[reader->next];
	size = group_size(first, reader->count - reader->next);
	if (!size) {
		reader->next = reader->count;
		return -EPROTO;
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
	int err;

	if (!is_ready(reader))
		return -EINVAL;
	err = iommuctl_fault_queue_respond(reader->ctx, reader->fd, &response, &count);
	if (err)
		return err;
	return count == 1 ? 0 : -EIO;
}
