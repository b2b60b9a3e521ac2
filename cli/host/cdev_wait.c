// SPDX-License-Identifier: MIT
#include "host/cdev_wait.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <unistd.h>

#include "host/wait.h"

/* Also true where no udevd runs that could apply rules. */
static bool rules_applied(const struct sysfs *sysfs, const struct host_device *device)
{
	char classes[PATH_MAX], syspath[PATH_MAX];
	struct udev_device *vfio = NULL;
	struct udev *udev;
	bool applied;

	if (access("/run/udev/control", F_OK))
		return true;
	snprintf(classes, sizeof(classes), "%s/vfio-dev", device->directory);
	if (sysfs_resolve(sysfs, classes, device->vfio_name, syspath))
		return true;
	udev = udev_new();
	if (udev)
		vfio = udev_device_new_from_syspath(udev, syspath);
	applied = !vfio || udev_device_get_is_initialized(vfio) > 0;
	udev_device_unref(vfio);
	udev_unref(udev);
	return applied;
}

struct cdev_look {
	const struct sysfs *sysfs;
	struct host_device *device;
};

static int look(void *data)
{
	const struct cdev_look *cdev = data;
	struct host_device *device = cdev->device;
	int err = host_device_read(cdev->sysfs, device->pci, device);

	if (err)
		return err;
	if (device->cdev == HOST_CDEV_NOT_BUILT)
		return -EOPNOTSUPP;
	return device->cdev == HOST_CDEV_PRESENT && rules_applied(cdev->sysfs, device)
		       ? 0
		       : -EAGAIN;
}

int host_cdev_wait(const struct sysfs *sysfs, struct host_device *device, int milliseconds)
{
	struct cdev_look cdev = { sysfs, device };

	return host_wait("vfio-dev", look, &cdev, milliseconds);
}
