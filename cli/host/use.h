/* SPDX-License-Identifier: MIT */
/* Finds the users of a device, so that it is not taken away from them. */
#ifndef CLI_HOST_USE_H
#define CLI_HOST_USE_H

#include "host/device.h"
#include "output/failure.h"

/*
 * Returns 0 if nothing visible from here uses @device; -EBUSY if a process holds it through VFIO,
 * an interface of it is up or in another network namespace, a disk of it is mounted or held, or it
 * has virtual functions; or another -errno. @failure explains a failure. Processes of other users
 * and of other PID namespaces may go unseen.
 */
int host_use_check(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure);

/*
 * The same only for processes: one that has the device, or its legacy group, open through VFIO.
 */
int host_use_check_processes(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure);

#endif
