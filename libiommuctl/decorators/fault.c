// SPDX-License-Identifier: MIT
/* A transport that makes one call fail. */
#include <iommuctl/transport.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct fault {
	struct iommuctl_transport base;
	struct iommuctl_transport *inner;
	uint64_t nth;
	int error;
	_Atomic uint64_t calls;
};

static struct fault *fault_of(struct iommuctl_transport *transport)
{
	return (struct fault *)transport;
}

static bool fault_is_due(struct fault *fault)
{
	return atomic_fetch_add(&fault->calls, 1) + 1 == fault->nth;
}

static int fault_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->open(fault->inner, path, flags);
}

static int fault_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->ioctl(fault->inner, fd, request, arg);
}

static int fault_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->mmap(fault->inner, fd, offset, length, prot, flags, address);
}

static int fault_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct fault *fault = fault_of(transport);
	bool due = fault_is_due(fault);
	int result = fault->inner->munmap(fault->inner, address, length);

	return due ? -fault->error : result;
}

static ssize_t fault_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->read(fault->inner, fd, buffer, size, offset);
}

static ssize_t fault_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->write(fault->inner, fd, buffer, size, offset);
}

static int fault_close(struct iommuctl_transport *transport, int fd)
{
	struct fault *fault = fault_of(transport);
	bool due = fault_is_due(fault);
	int result = fault->inner->close(fault->inner, fd);

	return due ? -fault->error : result;
}

static int fault_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct fault *fault = fault_of(transport);

	if (fault_is_due(fault))
		return -fault->error;
	return fault->inner->device_group(fault->inner, fd, group);
}

static void fault_free(struct iommuctl_transport *transport)
{
	iommuctl_transport_free(fault_of(transport)->inner);
	free(transport);
}

int iommuctl_transport_fault_new(struct iommuctl_transport *inner, uint64_t nth, int error,
	struct iommuctl_transport **transport)
{
	struct fault *fault;

	if (!nth || error <= 0)
		return -EINVAL;
	fault = malloc(sizeof(*fault));
	if (!fault)
		return -ENOMEM;
	*fault = (struct fault) {
		.base = {
			.open = fault_open,
			.ioctl = fault_ioctl,
			.mmap = fault_mmap,
			.munmap = fault_munmap,
			.read = fault_read,
			.write = fault_write,
			.close = fault_close,
			.free = fault_free,
			.device_group = inner->device_group ? fault_device_group : NULL,
		},
		.inner = inner,
		.nth = nth,
		.error = error,
	};
	*transport = &fault->base;
	return 0;
}

bool iommuctl_transport_fault_fired(const struct iommuctl_transport *transport)
{
	const struct fault *fault = (const struct fault *)transport;

	return atomic_load(&fault->calls) >= fault->nth;
}
