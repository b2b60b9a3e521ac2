/* SPDX-License-Identifier: MIT */
/* The PCI devices of a host, and udevd's data about them, through libudev. */
#ifndef CLI_HOST_ENUMERATE_H
#define CLI_HOST_ENUMERATE_H

#include <stddef.h>

#include "host/pci_address.h"
#include "host/sysfs.h"

struct pci_address_list {
	size_t count;
	char (*address)[PCI_ADDRESS_SIZE];
};

/* Lists all PCI devices in the order of their addresses. Returns 0 or -errno; the caller frees. */
int host_enumerate_pci(const struct sysfs *sysfs, struct pci_address_list *list);
void host_enumerate_free(struct pci_address_list *list);

/* Writes the name of the device in udevd's database, "" if it has none or is another host's. */
void host_device_model(const struct sysfs *sysfs, const char *pci, char *model, size_t size);

#endif
