/* SPDX-License-Identifier: MIT */
/* Makes and removes the virtual functions of a PCI device with SR-IOV. */
#ifndef CLI_HOST_VIRTUAL_FUNCTIONS_H
#define CLI_HOST_VIRTUAL_FUNCTIONS_H

#include "host/device.h"
#include "output/failure.h"

struct virtual_functions {
	unsigned int count;	  /* how many to have */
	const char *driver;	  /* the VFIO driver for them; NULL: the host's */
	int milliseconds;	  /* how long to wait for each of them, and for its cdev */
	struct host_device *made; /* room for them, in order, for their final state */
};

/*
 * Makes the virtual functions of @physical and waits until they exist and, where udevd runs, its
 * rules have been applied; then until they are on the requested driver and have their cdevs.
 * Keeps existing ones if their number is the same. On failure new ones are removed again,
 * existing ones are on the drivers that they had, and @failure says why.
 */
int virtual_functions_create(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, struct failure *failure);

/*
 * Removes all of them; -EBUSY if one is in use. @failure says why it failed.
 */
int virtual_functions_destroy(
	const struct sysfs *sysfs, const struct host_device *physical, struct failure *failure);

#endif
