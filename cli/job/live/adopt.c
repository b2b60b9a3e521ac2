// SPDX-License-Identifier: MIT
#include "job/live/adopt.h"

#include <errno.h>
#include <sys/stat.h>

#include "job/handover/adopted.h"

#define IOMMUFD "iommufd"

static int refuse(struct live *live, const struct document_object *object, int error,
	const char *message, const char *remedy)
{
	live_fail_with(live, object, error, "adopt", "%s", message);
	live->failure.status = STATUS_FAILED;
	failure_explain(&live->failure, NULL, remedy);
	return error;
}

int live_adopt_iommufd(struct live *live)
{
	int fd = adopted_take(live->adopted, IOMMUFD);
	uint64_t value;
	int err;

	if (fd < 0)
		return iommuctl_iommufd_open(live->ctx, &live->iommufd);
	live->iommufd = fd;
	/* Reading an option changes nothing, and only an iommufd has this one. */
	err = iommuctl_option_get(live->ctx, fd, IOMMUCTL_OPTION_RLIMIT_MODE, 0, &value);
	if (!err)
		return 0;
	return refuse(live, NULL, err,
		"the descriptor that was passed as \"" IOMMUFD "\" is not an iommufd",
		"pass an open /dev/iommu under this name (LISTEN_FDNAMES, FDNAME), or none");
}

/* Whether both are the same device node; true if that cannot be found out. */
static bool is_node(int fd, const char *path)
{
	struct stat file, node;

	return fstat(fd, &file) || stat(path, &node) ||
	       (S_ISCHR(file.st_mode) && file.st_rdev == node.st_rdev);
}

static bool is_vfio_device(struct live *live, int fd)
{
	struct iommuctl_vfio_device_info info;
	int err = iommuctl_vfio_device_get_info(live->ctx, fd, &info);

	/* Before it is bound, it only returns EINVAL. */
	return !err || err == -EINVAL;
}

int live_adopt_device(struct live *live, const struct job_device *device, int *fd)
{
	const struct document_object *object = &device->object;
	const char *path = live->devices[object->index].found.cdev_path;
	char label[160];

	document_object_label(object, label, sizeof(label));
	*fd = adopted_take(live->adopted, device->fd ? device->fd : label);
	if (*fd < 0)
		return device->fd ? refuse(live, object, -ENODEV,
					    "no descriptor was passed under the name in \"fd\"",
					    "a session started with --foreground takes the files "
					    "named in LISTEN_FDNAMES, from systemd's OpenFile= and "
					    "descriptor store or from any parent that sets it")
				  : 0;
	if (!is_vfio_device(live, *fd))
		refuse(live, object, -ENOTTY,
			"the descriptor that was passed for it is not a VFIO device",
			"pass an open /dev/vfio/devices/vfioN");
	else if (!is_node(*fd, path))
		refuse(live, object, -EXDEV,
			"the descriptor that was passed for it is another device",
			"pass the open device node that 'iommuctl device show' names");
	else
		return 0;
	iommuctl_close(live->ctx, *fd);
	return live->failure.error;
}

int live_adopt_id(struct live *live, const struct job_device *device, uint32_t *id)
{
	unsigned char data[256];
	struct iommuctl_hw_info info;
	int err;

	err = iommuctl_device_get_hw_info(
		live->ctx, live->iommufd, (uint32_t)device->id, data, sizeof(data), &info);
	if (err)
		return refuse(live, &device->object, err,
			"the iommufd has no bound device with the ID in \"id\"",
			"pass the iommufd that the device was bound to as \"" IOMMUFD
			"\", and give the ID that binding it returned");
	*id = (uint32_t)device->id;
	return 0;
}
