// SPDX-License-Identifier: MIT
#include <iommuctl/transport.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/device_group.h"

_Static_assert(sizeof(off_t) == 8, "regions of a VFIO device lie above 4 GiB");

static int kernel_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	int fd;

	(void)transport;
	do
		fd = open(path, flags | O_CLOEXEC, 0600);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static int kernel_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	int result;

	(void)transport;
	do
		result = ioctl(fd, request, arg);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

static int kernel_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	void *mapped;

	(void)transport;
	if (offset > INT64_MAX)
		return -EINVAL;
	mapped = mmap(NULL, length, prot, flags, fd, (off_t)offset);
	if (mapped == MAP_FAILED)
		return -errno;
	*address = mapped;
	return 0;
}

static int kernel_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	(void)transport;
	return munmap(address, length) ? -errno : 0;
}

static ssize_t kernel_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	ssize_t result;

	(void)transport;
	do
		result = offset == IOMMUCTL_STREAM ? read(fd, buffer, size)
						   : pread(fd, buffer, size, offset);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

static ssize_t kernel_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	ssize_t result;

	(void)transport;
	do
		result = offset == IOMMUCTL_STREAM ? write(fd, buffer, size)
						   : pwrite(fd, buffer, size, offset);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

/* Linux has released the descriptor by the time close(2) reports EINTR: never again. */
static int kernel_close(struct iommuctl_transport *transport, int fd)
{
	(void)transport;
	return close(fd) ? -errno : 0;
}

static int kernel_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	char path[64];
	struct stat node;

	(void)transport;
	if (fstat(fd, &node))
		return -errno;
	if (!S_ISCHR(node.st_mode))
		return -EOPNOTSUPP;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device", major(node.st_rdev),
		minor(node.st_rdev));
	return device_group_read(path, group);
}

static void kernel_free(struct iommuctl_transport *transport)
{
	free(transport);
}

int iommuctl_transport_kernel_new(struct iommuctl_transport **transport)
{
	struct iommuctl_transport *kernel = malloc(sizeof(*kernel));

	if (!kernel)
		return -ENOMEM;
	*kernel = (struct iommuctl_transport){
		.open = kernel_open,
		.ioctl = kernel_ioctl,
		.mmap = kernel_mmap,
		.munmap = kernel_munmap,
		.read = kernel_read,
		.write = kernel_write,
		.close = kernel_close,
		.free = kernel_free,
		.device_group = kernel_device_group,
	};
	*transport = kernel;
	return 0;
}
