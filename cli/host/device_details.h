/* SPDX-License-Identifier: MIT */
/* Details of a device beside its identity and its owner. */
#ifndef CLI_HOST_DEVICE_DETAILS_H
#define CLI_HOST_DEVICE_DETAILS_H

#include "host/device.h"
#include "host/pci_features.h"

struct device_details {
	char netdev[HOST_NAME_SIZE]; /* its interface; "" if none is visible here */
	int virtual_function;	     /* its index if it is a virtual function; else -1 */
	struct pci_features features;
};

/* Facts about a physical function that its virtual functions share, read once for all. */
struct device_details_physical {
	char pci[PCI_ADDRESS_SIZE]; /* "" before the first */
	long offset, stride;	    /* of its functions' numbers; -1 if unknown */
	struct pci_features features;
};

/* @physical is kept from device to device; NULL for a single device. */
void device_details_read(const struct sysfs *sysfs, const struct host_device *device,
	struct device_details_physical *physical, struct device_details *details);

#endif
