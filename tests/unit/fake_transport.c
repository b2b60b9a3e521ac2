// SPDX-License-Identifier: MIT
#include "fake_transport.h"

#include <stdlib.h>
#include <string.h>

static struct fake_transport *fake_of(struct iommuctl_transport *transport)
{
	return (struct fake_transport *)transport;
}

static int count(struct iommuctl_transport *transport, enum fake_call call)
{
	struct fake_transport *fake = fake_of(transport);

	fake->calls[call]++;
	return -fake->errors[call];
}

static int fake_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	int err = count(transport, FAKE_OPEN);

	(void)path;
	(void)flags;
	return err ? err : fake_of(transport)->next_fd++;
}

static int fake_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct fake_transport *fake = fake_of(transport);
	int err = count(transport, FAKE_IOCTL);

	(void)fd;
	for (size_t i = fake->answer_count; !err && i-- > 0;) {
		const struct fake_answer *answer = &fake->answers[i];

		if (answer->request != request)
			continue;
		if (answer->size)
			memcpy((char *)arg + answer->offset, answer->data, answer->size);
		return answer->result;
	}
	return err;
}

static int fake_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	int err = count(transport, FAKE_MMAP);

	(void)fd;
	(void)offset;
	(void)length;
	(void)prot;
	(void)flags;
	if (!err)
		*address = fake_of(transport)->next_address;
	return err;
}

static int fake_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	(void)address;
	(void)length;
	return count(transport, FAKE_MUNMAP);
}

static ssize_t fake_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct fake_transport *fake = fake_of(transport);
	int err = count(transport, FAKE_READ);

	(void)fd;
	(void)offset;
	if (err)
		return err;
	if (size > fake->read_size)
		size = fake->read_size;
	if (size)
		memcpy(buffer, fake->read_data, size);
	return (ssize_t)size;
}

static ssize_t fake_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	int err = count(transport, FAKE_WRITE);

	(void)fd;
	(void)buffer;
	(void)offset;
	return err ? err : (ssize_t)size;
}

static int fake_close(struct iommuctl_transport *transport, int fd)
{
	(void)fd;
	return count(transport, FAKE_CLOSE);
}

static void fake_free(struct iommuctl_transport *transport)
{
	struct fake_transport *fake = fake_of(transport);

	if (fake->freed)
		*fake->freed = true;
	free(fake);
}

struct fake_transport *fake_transport_new(void)
{
	struct fake_transport *fake = calloc(1, sizeof(*fake));

	if (!fake)
		abort();
	fake->base = (struct iommuctl_transport){
		.open = fake_open,
		.ioctl = fake_ioctl,
		.mmap = fake_mmap,
		.munmap = fake_munmap,
		.read = fake_read,
		.write = fake_write,
		.close = fake_close,
		.free = fake_free,
	};
	fake->next_fd = 3;
	return fake;
}

void fake_transport_answer(struct fake_transport *fake, struct fake_answer answer)
{
	if (fake->answer_count == FAKE_ANSWERS_MAX)
		abort();
	fake->answers[fake->answer_count++] = answer;
}
