/* SPDX-License-Identifier: MIT */
/* Hands a PCI device from its host driver to a VFIO driver, and back. */
#ifndef CLI_HOST_DRIVER_H
#define CLI_HOST_DRIVER_H

#include "host/device.h"
#include "output/failure.h"

/* More than any driver probe and any set of udev rules take. */
#define HOST_CDEV_TIMEOUT_MS 5000

/*
 * Binds @device to the VFIO driver @driver and waits until its cdev can be opened, at most
 * @milliseconds. Changes nothing if that is so already. On success @device has the new state; on
 * failure the device is back on its old driver, and @failure says why.
 */
int host_driver_bind(const struct sysfs *sysfs, struct host_device *device, const char *driver,
	int milliseconds, struct failure *failure);

/*
 * Puts the device back on the driver that it had in @before, or on none, with its old
 * driver_override. Does nothing if that is so already. If the driver has to bind again, an old
 * driver_override that names another driver is cleared: the rules of a persistent binding would see
 * it and try that driver again, without end. Returns 0 or -errno.
 */
int host_driver_restore(const struct sysfs *sysfs, const struct host_device *before);

/*
 * Takes @device from its VFIO driver and makes the host's own driver, if any, probe it. On success
 * @device has the new state; on failure the device is back on its old driver.
 */
int host_driver_release(
	const struct sysfs *sysfs, struct host_device *device, struct failure *failure);

#endif
