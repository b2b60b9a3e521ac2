/* SPDX-License-Identifier: MIT */
/* What is shown of a device beside what it is and who has it. */
#ifndef CLI_HOST_DEVICE_DETAILS_H
#define CLI_HOST_DEVICE_DETAILS_H

#include "host/device.h"
#include "host/pci_features.h"

struct device_details {
	char netdev[HOST_NAME_SIZE]; /* its interface; "" if none is seen from here */
	int virtual_function;	     /* its number, of a virtual function; else -1 */
	struct pci_features features;
};

/* What virtual functions have from their physical function: read once for all in a row. */
struct device_details_physical {
	char pci[PCI_ADDRESS_SIZE]; /* "" before the first */
	long offset, stride;	    /* of its functions' numbers; -1 if not known */
	struct pci_features features;
};

/* @physical is kept from device to device; NULL for one alone. */
void device_details_read(const struct sysfs *sysfs, const struct host_device *device,
	struct device_details_physical *physical, struct device_details *details);

#endif
