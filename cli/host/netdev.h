/* SPDX-License-Identifier: MIT */
/* From a network interface to the PCI device below it. */
#ifndef CLI_HOST_NETDEV_H
#define CLI_HOST_NETDEV_H

#include "host/pci_address.h"

struct netdev {
	char pci[PCI_ADDRESS_SIZE];
	unsigned int virtual_functions; /* that its PCI device has enabled */
};

/*
 * Looks @name up in the caller's network namespace. Returns 0; -ENODEV if there is no such
 * interface; -ENOTSUP if there is no PCI device below it; or another -errno.
 */
int netdev_read(const char *name, struct netdev *netdev);

#endif
