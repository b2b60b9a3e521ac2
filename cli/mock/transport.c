// SPDX-License-Identifier: MIT
/* Mock devices as VFIO devices: translates calls of VFIO to calls of the mock. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "array.h"
#include "mock/command.h"

#define PATH_PREFIX "/dev/iommufd_mock/"

const char *mock_path(unsigned int abilities, size_t index, char path[MOCK_PATH_SIZE])
{
	snprintf(path, MOCK_PATH_SIZE, PATH_PREFIX "%u/%zu", abilities, index);
	return path;
}

/* An open one. Its file is a dummy, which only callers see, never the kernel. */
struct device {
	struct device *next;
	int fd;
	uint32_t abilities;
	int iommufd;	   /* -1: not bound yet */
	uint32_t id;	   /* the mock device; unbinding destroys it */
	uint32_t own;	   /* the IOAS of its own */
	uint32_t own_hwpt; /* of that, for PASIDs; 0: none, and none is needed */
	uint32_t *pasids;
	size_t pasid_count;
};

struct transport {
	struct iommuctl_transport base;
	struct iommuctl_transport *inner;
	struct device *devices;
};

static struct transport *transport_of(struct iommuctl_transport *base)
{
	return (struct transport *)base;
}

static struct device *find(const struct transport *transport, int fd)
{
	struct device *device = transport->devices;

	while (device && device->fd != fd)
		device = device->next;
	return device;
}

static int mock_open(struct iommuctl_transport *base, const char *path, int flags)
{
	struct transport *transport = transport_of(base);
	struct device *device;
	int error;

	if (strncmp(path, PATH_PREFIX, strlen(PATH_PREFIX)) != 0)
		return transport->inner->open(transport->inner, path, flags);
	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (device->fd < 0) {
		error = errno;
		free(device);
		return -error;
	}
	device->abilities = (uint32_t)strtoul(path + strlen(PATH_PREFIX), NULL, 10);
	device->iommufd = -1;
	device->next = transport->devices;
	transport->devices = device;
	return device->fd;
}

static int command(
	struct transport *transport, const struct device *device, struct abi_test_cmd *args)
{
	const struct mock mock = { transport->inner, device->iommufd };

	return mock_command(&mock, args);
}

static int destroy(struct transport *transport, int iommufd, uint32_t id)
{
	struct abi_destroy args = { .size = sizeof(args), .id = id };

	return transport->inner->ioctl(transport->inner, iommufd, ABI_DESTROY, &args);
}

/* PASIDs stay where they are when the device is detached: not beside any HWPT. */
static int make_own_hwpt(struct transport *transport, struct device *device, uint32_t dev_id)
{
	struct abi_hwpt_alloc args = {
		.size = sizeof(args),
		.flags = ABI_HWPT_ALLOC_PASID,
		.dev_id = dev_id,
		.pt_id = device->own,
	};
	int err;

	if (!(device->abilities & MOCK_PASIDS))
		return 0;
	err = transport->inner->ioctl(transport->inner, device->iommufd, ABI_HWPT_ALLOC, &args);
	if (!err)
		device->own_hwpt = args.out_hwpt_id;
	return err;
}

/* What was made of it, as far as it was; the first error. */
static int unmake(struct transport *transport, struct device *device)
{
	const uint32_t made[] = { device->id, device->own_hwpt, device->own };
	int first = 0, err;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		err = made[i] ? destroy(transport, device->iommufd, made[i]) : 0;
		first = first ? first : err;
	}
	device->id = device->own_hwpt = device->own = 0;
	device->iommufd = -1;
	return first;
}

static int bind(struct transport *transport, struct device *device,
	struct abi_vfio_device_bind_iommufd *args)
{
	struct abi_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct abi_test_cmd made = {
		.op = ABI_TEST_OP_MOCK_DOMAIN_FLAGS,
		.mock_domain_flags = { .dev_flags = device->abilities },
	};
	int err;

	if (args->flags || device->iommufd >= 0)
		return -EINVAL;
	err = transport->inner->ioctl(transport->inner, args->iommufd, ABI_IOAS_ALLOC, &ioas);
	if (err)
		return err;
	device->iommufd = args->iommufd;
	device->own = made.id = ioas.out_ioas_id;
	err = command(transport, device, &made);
	if (!err) {
		device->id = made.mock_domain_flags.out_stdev_id;
		args->out_devid = made.mock_domain_flags.out_idev_id;
		err = make_own_hwpt(transport, device, args->out_devid);
	}
	if (err)
		unmake(transport, device);
	return err;
}

static int replace(struct transport *transport, const struct device *device, uint32_t *pt_id)
{
	struct abi_test_cmd args = {
		.op = ABI_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = device->id,
		.mock_domain_replace = { .pt_id = *pt_id },
	};
	int err = command(transport, device, &args);

	if (!err)
		*pt_id = args.mock_domain_replace.pt_id;
	return err;
}

static uint32_t *find_pasid(const struct device *device, uint32_t pasid)
{
	for (size_t i = 0; i < device->pasid_count; i++) {
		if (device->pasids[i] == pasid)
			return &device->pasids[i];
	}
	return NULL;
}

/*
 * Unlike VFIO, the mock has separate calls for the first attachment of a PASID and its replacement.
 */
static int attach_pasid(struct transport *transport, struct device *device,
	struct abi_vfio_device_attach_iommufd_pt *attach)
{
	const bool is_attached = find_pasid(device, attach->pasid);
	struct abi_test_cmd args = {
		.op = is_attached ? ABI_TEST_OP_PASID_REPLACE : ABI_TEST_OP_PASID_ATTACH,
		.id = device->id,
		.pasid_attach = { .pasid = attach->pasid, .pt_id = attach->pt_id },
	};
	uint32_t *pasids = device->pasids;
	int err;

	if (!is_attached) {
		pasids = realloc(pasids, (device->pasid_count + 1) * sizeof(*pasids));
		if (!pasids)
			return -ENOMEM;
		device->pasids = pasids;
	}
	err = command(transport, device, &args);
	if (err)
		return err;
	attach->pt_id = args.pasid_attach.pt_id;
	if (!is_attached)
		pasids[device->pasid_count++] = attach->pasid;
	return 0;
}

static int detach_pasid(struct transport *transport, struct device *device, uint32_t pasid)
{
	struct abi_test_cmd args = {
		.op = ABI_TEST_OP_PASID_DETACH,
		.id = device->id,
		.pasid_detach = { .pasid = pasid },
	};
	uint32_t *attached = find_pasid(device, pasid);
	int err = attached ? command(transport, device, &args) : 0;

	if (attached && !err)
		*attached = device->pasids[--device->pasid_count];
	return err;
}

static int attach(struct transport *transport, struct device *device,
	struct abi_vfio_device_attach_iommufd_pt *args)
{
	if (args->flags & ~(uint32_t)ABI_VFIO_DEVICE_ATTACH_PASID)
		return -EINVAL;
	if (args->flags & ABI_VFIO_DEVICE_ATTACH_PASID)
		return attach_pasid(transport, device, args);
	return replace(transport, device, &args->pt_id);
}

static int detach(struct transport *transport, struct device *device,
	const struct abi_vfio_device_detach_iommufd_pt *args)
{
	uint32_t own = device->own_hwpt ? device->own_hwpt : device->own;

	if (args->flags & ~(uint32_t)ABI_VFIO_DEVICE_DETACH_PASID)
		return -EINVAL;
	if (args->flags & ABI_VFIO_DEVICE_DETACH_PASID)
		return detach_pasid(transport, device, args->pasid);
	return replace(transport, device, &own);
}

static int mock_ioctl(struct iommuctl_transport *base, int fd, unsigned long request, void *arg)
{
	struct transport *transport = transport_of(base);
	struct device *device = find(transport, fd);

	if (!device)
		return transport->inner->ioctl(transport->inner, fd, request, arg);
	if (request == ABI_VFIO_DEVICE_BIND_IOMMUFD)
		return bind(transport, device, arg);
	if (device->iommufd < 0)
		return -EINVAL;
	switch (request) {
	case ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT: return attach(transport, device, arg);
	case ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT: return detach(transport, device, arg);
	default: return -ENOTTY;
	}
}

/* The mock warns if PASIDs are still attached when it is destroyed. */
static int unbind(struct transport *transport, struct device *device)
{
	int first = 0, err;

	if (device->iommufd < 0)
		return 0;
	for (size_t left = device->pasid_count; left; left--) {
		err = detach_pasid(transport, device, device->pasids[left - 1]);
		first = first ? first : err;
	}
	err = unmake(transport, device);
	return first ? first : err;
}

static int mock_close(struct iommuctl_transport *base, int fd)
{
	struct transport *transport = transport_of(base);
	struct device **link = &transport->devices, *device;
	int err;

	while (*link && (*link)->fd != fd)
		link = &(*link)->next;
	device = *link;
	if (!device)
		return transport->inner->close(transport->inner, fd);
	*link = device->next;
	err = unbind(transport, device);
	close(fd);
	free(device->pasids);
	free(device);
	return err;
}

static int mock_mmap(struct iommuctl_transport *base, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct transport *transport = transport_of(base);

	if (find(transport, fd))
		return -EINVAL;
	return transport->inner->mmap(transport->inner, fd, offset, length, prot, flags, address);
}

static int mock_munmap(struct iommuctl_transport *base, void *address, size_t length)
{
	struct transport *transport = transport_of(base);

	return transport->inner->munmap(transport->inner, address, length);
}

static ssize_t mock_read(
	struct iommuctl_transport *base, int fd, void *buffer, size_t size, int64_t offset)
{
	struct transport *transport = transport_of(base);

	if (find(transport, fd))
		return -EINVAL;
	return transport->inner->read(transport->inner, fd, buffer, size, offset);
}

static ssize_t mock_write(
	struct iommuctl_transport *base, int fd, const void *buffer, size_t size, int64_t offset)
{
	struct transport *transport = transport_of(base);

	if (find(transport, fd))
		return -EINVAL;
	return transport->inner->write(transport->inner, fd, buffer, size, offset);
}

static int mock_device_group(
	struct iommuctl_transport *base, int fd, struct iommuctl_device_group *group)
{
	struct transport *transport = transport_of(base);

	if (find(transport, fd))
		return -EOPNOTSUPP;
	return transport->inner->device_group(transport->inner, fd, group);
}

/* Files still open end with their process, and the devices with their iommufd. */
static void mock_free(struct iommuctl_transport *base)
{
	struct transport *transport = transport_of(base);
	struct device *device;

	iommuctl_transport_free(transport->inner);
	while ((device = transport->devices)) {
		transport->devices = device->next;
		free(device->pasids);
		free(device);
	}
	free(transport);
}

int mock_transport_new(struct iommuctl_transport *inner, struct iommuctl_transport **transport)
{
	struct transport *created = malloc(sizeof(*created));

	if (!created)
		return -ENOMEM;
	*created = (struct transport){
		.base = {
			.open = mock_open,
			.ioctl = mock_ioctl,
			.mmap = mock_mmap,
			.munmap = mock_munmap,
			.read = mock_read,
			.write = mock_write,
			.close = mock_close,
			.free = mock_free,
			.device_group = inner->device_group ? mock_device_group : NULL,
		},
		.inner = inner,
	};
	*transport = &created->base;
	return 0;
}
