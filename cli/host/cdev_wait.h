/* SPDX-License-Identifier: MIT */
#ifndef CLI_HOST_CDEV_WAIT_H
#define CLI_HOST_CDEV_WAIT_H

#include "host/device.h"

/*
 * Waits until the cdev of @device is there and, where udevd runs, its rules have been applied.
 * Returns 0; -EOPNOTSUPP if the kernel gives no cdev; -ETIMEDOUT after @milliseconds; or another
 * -errno. Updates @device, also on failure.
 */
int host_cdev_wait(const struct sysfs *sysfs, struct host_device *device, int milliseconds);

#endif
