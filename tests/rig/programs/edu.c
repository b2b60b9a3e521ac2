// SPDX-License-Identifier: MIT
/* Source of the registers: QEMU, docs/specs/edu. */
#include "edu.h"

#include <endian.h>
#include <errno.h>
#include <time.h>

#define SOURCE	    0x80
#define TARGET	    0x88
#define COUNT	    0x90
#define COMMAND	    0x98
#define START	    1
#define TO_MEMORY   2
#define BUFFER	    0x40000
#define POLLS	    3000
#define NANOSECONDS 20000000

int edu_start(struct edu *edu, struct iommuctl *ctx, int fd)
{
	*edu = (struct edu){ .ctx = ctx, .fd = fd };
	return iommuctl_vfio_region_get_info(
		ctx, fd, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &edu->bar0);
}

static int set(const struct edu *edu, uint64_t reg, uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(edu->ctx, edu->fd, &edu->bar0, reg, &raw, sizeof(raw));
}

int edu_await(const struct edu *edu)
{
	static const struct timespec rest = { .tv_nsec = NANOSECONDS };
	uint32_t command;

	for (int i = 0; i < POLLS; i++) {
		int err = iommuctl_vfio_region_read(
			edu->ctx, edu->fd, &edu->bar0, COMMAND, &command, sizeof(command));

		if (err || !(le32toh(command) & START))
			return err;
		nanosleep(&rest, NULL);
	}
	return -ETIMEDOUT;
}

static int begin(
	const struct edu *edu, uint64_t source, uint64_t target, size_t size, uint64_t direction)
{
	int err = set(edu, SOURCE, source);

	if (!err)
		err = set(edu, TARGET, target);
	if (!err)
		err = set(edu, COUNT, size);
	return err ? err : set(edu, COMMAND, START | direction);
}

int edu_begin_read(const struct edu *edu, uint64_t iova, size_t size)
{
	return begin(edu, iova, BUFFER, size, 0);
}

int edu_begin_write(const struct edu *edu, uint64_t iova, size_t size)
{
	return begin(edu, BUFFER, iova, size, TO_MEMORY);
}

int edu_read(const struct edu *edu, uint64_t iova, size_t size)
{
	int err = edu_begin_read(edu, iova, size);

	return err ? err : edu_await(edu);
}

int edu_write(const struct edu *edu, uint64_t iova, size_t size)
{
	int err = edu_begin_write(edu, iova, size);

	return err ? err : edu_await(edu);
}
