/* SPDX-License-Identifier: MIT */
/* Makes and removes the virtual functions of a PCI device with SR-IOV. */
#ifndef CLI_HOST_VIRTUAL_FUNCTIONS_H
#define CLI_HOST_VIRTUAL_FUNCTIONS_H

#include "host/device.h"
#include "output/failure.h"

struct virtual_functions {
	unsigned int count;	  /* how many there are to be */
	const char *driver;	  /* the VFIO driver that they are to be on; NULL: the host's */
	int milliseconds;	  /* how long to wait for each to be there, and for its cdev */
	struct host_device *made; /* room for them, in their order, as they are in the end */
};

/*
 * Makes the virtual functions of @physical and waits until they are there and, where udevd runs,
 * its rules have been applied; then until they are on the driver that is asked for and their cdevs
 * are there. Those that are there already, in the same number, are kept. On failure the new ones
 * are gone again, those that were there are on the drivers that they had, and @failure says why.
 */
int virtual_functions_create(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, struct failure *failure);

/*
 * Removes all of them; -EBUSY if one is in use. @failure says why that cannot be.
 */
int virtual_functions_destroy(
	const struct sysfs *sysfs, const struct host_device *physical, struct failure *failure);

#endif
