// SPDX-License-Identifier: MIT
/* The transport of a model: sends each call to the object behind its file descriptor. */
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/mapping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct model_transport {
	struct iommuctl_transport transport; /* first, so that either pointer gives the other */
	struct iommuctl_model *model;
};

static struct iommuctl_model *model_of(struct iommuctl_transport *transport)
{
	return ((struct model_transport *)(void *)transport)->model;
}

/* Each call is counted on entry. */
static struct iommuctl_model *enter(struct iommuctl_transport *transport)
{
	struct iommuctl_model *model = model_of(transport);

	model->counters.calls++;
	model_ioeventfds_follow(model);
	return model;
}

static struct model_file *enter_file(struct iommuctl_transport *transport, int fd)
{
	return model_file_find(enter(transport), fd);
}

/* The N of /dev/vfio/devices/vfioN as the kernel writes it, or -ENOENT. */
static int device_number(const char *path)
{
	static const char prefix[] = "/dev/vfio/devices/vfio";
	const char *digits = path + strlen(prefix);
	unsigned long number;
	char *end;

	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return -ENOENT;
	if (*digits < '0' || *digits > '9' || (*digits == '0' && digits[1]))
		return -ENOENT;
	number = strtoul(digits, &end, 10);
	return *end || number >= IOMMUCTL_MODEL_DEVICES_MAX ? -ENOENT : (int)number;
}

static int transport_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct iommuctl_model *model = enter(transport);
	int device;

	(void)flags;
	if (strcmp(path, "/dev/iommu") == 0)
		return model_iommufd_open(model);
	device = device_number(path);
	if (device < 0 || (size_t)device >= model->config.device_count)
		return -ENOENT;
	return model_device_open(model, (unsigned int)device);
}

static int transport_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct model_file *file = enter_file(transport, fd);

	if (!file)
		return -EBADF;
	return file->kind->ioctl ? file->kind->ioctl(file->object, request, arg) : -ENOTTY;
}

static int transport_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset,
	size_t length, int prot, int flags, void **address)
{
	struct model_file *file = enter_file(transport, fd);

	if (!file)
		return -EBADF;
	if (!file->kind->mmap)
		return -ENODEV;
	return file->kind->mmap(file->object, offset, length, prot, flags, address);
}

/* Memory that the caller has mapped by other means can be unmapped here as well. */
static int transport_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct iommuctl_model *model = enter(transport);

	if (munmap(address, length))
		return -errno;
	model_mapping_end(model, address);
	return 0;
}

static ssize_t transport_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct model_file *file = enter_file(transport, fd);

	if (!file)
		return -EBADF;
	return file->kind->read ? file->kind->read(file->object, buffer, size, offset) : -EINVAL;
}

static ssize_t transport_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct model_file *file = enter_file(transport, fd);

	if (!file)
		return -EBADF;
	return file->kind->write ? file->kind->write(file->object, buffer, size, offset) : -EINVAL;
}

/* Files other than the model's, such as an eventfd, are closed as the kernel would. */
static int transport_close(struct iommuctl_transport *transport, int fd)
{
	struct iommuctl_model *model = enter(transport);

	if (model_file_find(model, fd))
		return model_file_close(model, fd);
	return close(fd) ? -errno : 0;
}

/* A device alone in its group gets a group number that no other group has. */
static int transport_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct model_file *file = enter_file(transport, fd);
	const struct model_device *device, *at = NULL;

	if (!file)
		return -EBADF;
	if (file->kind != &model_device_file)
		return -EOPNOTSUPP;
	device = ((struct model_device_file *)file->object)->device;
	*group = (struct iommuctl_device_group){ .id = (uint32_t)device->config.group };
	snprintf(group->device, sizeof(group->device), "%s", device->config.pci);
	while ((at = model_group_next(device, at))) {
		if (group->member_count < IOMMUCTL_GROUP_MEMBERS_MAX)
			snprintf(group->members[group->member_count].name,
				sizeof(group->members[0].name), "%s", at->config.pci);
		group->member_count++;
	}
	return 0;
}

static void transport_free(struct iommuctl_transport *transport)
{
	free(transport);
}

int iommuctl_model_transport_new(
	struct iommuctl_model *model, struct iommuctl_transport **transport)
{
	struct model_transport *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	*made = (struct model_transport){
		.transport = {
			.open = transport_open,
			.ioctl = transport_ioctl,
			.mmap = transport_mmap,
			.munmap = transport_munmap,
			.read = transport_read,
			.write = transport_write,
			.close = transport_close,
			.free = transport_free,
			.device_group = transport_device_group,
		},
		.model = model,
	};
	*transport = &made->transport;
	return 0;
}
