// SPDX-License-Identifier: MIT
/* Source of the registers: QEMU, docs/specs/edu. */
#include "edu.h"

#include <endian.h>
#include <errno.h>
#include <time.h>

#define PCI_COMMAND     4
#define PCI_COMMAND_DMA 6

#define SOURCE      0x80
#define TARGET      0x88
#define COUNT       0x90
#define COMMAND     0x98
#define START       1
#define TO_MEMORY   2
#define BUFFER      0x40000
#define POLLS       3000
#define NANOSECONDS 20000000

static int master_bus(const struct edu *edu)
{
	const uint16_t command = htole16(PCI_COMMAND_DMA);
	struct iommuctl_vfio_region_info config;
	int err = iommuctl_vfio_region_get_info(
		edu->ctx, edu->fd, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config);

	return err ? err
		   : iommuctl_vfio_region_write(edu->ctx, edu->fd, &config, PCI_COMMAND, &command,
			     sizeof(command));
}

int edu_open(struct edu *edu, struct iommuctl *ctx, int iommufd, const char *path)
{
	int fd, err = iommuctl_vfio_device_open(ctx, path, &fd);

	return err ? err : edu_bind(edu, ctx, iommufd, fd);
}

int edu_bind(struct edu *edu, struct iommuctl *ctx, int iommufd, int fd)
{
	int err;

	*edu = (struct edu){ .ctx = ctx, .fd = fd };
	err = iommuctl_vfio_bind_iommufd(ctx, fd, iommufd, NULL, &edu->dev_id);
	if (!err)
		err = iommuctl_vfio_region_get_info(
			ctx, edu->fd, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &edu->bar0);
	return err ? err : master_bus(edu);
}

static int set(const struct edu *edu, uint64_t reg, uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(edu->ctx, edu->fd, &edu->bar0, reg, &raw, sizeof(raw));
}

static int await(const struct edu *edu)
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

static int transfer(
	const struct edu *edu, uint64_t source, uint64_t target, size_t size, uint64_t direction)
{
	int err = set(edu, SOURCE, source);

	if (!err)
		err = set(edu, TARGET, target);
	if (!err)
		err = set(edu, COUNT, size);
	if (!err)
		err = set(edu, COMMAND, START | direction);
	return err ? err : await(edu);
}

int edu_read(const struct edu *edu, uint64_t iova, size_t size)
{
	return transfer(edu, iova, BUFFER, size, 0);
}

int edu_write(const struct edu *edu, uint64_t iova, size_t size)
{
	return transfer(edu, BUFFER, iova, size, TO_MEMORY);
}
