// SPDX-License-Identifier: MIT
#include "host/cdev_wait.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "host/events.h"

/* True as well where there is no udevd that could apply rules. */
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

static long milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -EAGAIN while it is worth waiting. */
static int look(const struct sysfs *sysfs, struct host_device *device)
{
	int err = host_device_read(sysfs, device->pci, device);

	if (err)
		return err;
	if (device->cdev == HOST_CDEV_NOT_BUILT)
		return -EOPNOTSUPP;
	return device->cdev == HOST_CDEV_PRESENT && rules_applied(sysfs, device) ? 0 : -EAGAIN;
}

int host_cdev_wait(const struct sysfs *sysfs, struct host_device *device, int milliseconds)
{
	long now = milliseconds_now(), end = now + milliseconds;
	struct device_events *events = NULL;
	int err, subscribed = device_events_open(&events);

	/* The first look comes after the subscription: no event can fall between the two. */
	while ((err = look(sysfs, device)) == -EAGAIN && !subscribed && now < end) {
		subscribed = device_events_wait(events, (int)(end - now));
		if (subscribed == -ETIMEDOUT)
			subscribed = 0;
		now = milliseconds_now();
	}
	device_events_close(events);
	if (err != -EAGAIN)
		return err;
	return subscribed ? subscribed : -ETIMEDOUT;
}
