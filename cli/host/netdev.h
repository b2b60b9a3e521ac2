/* SPDX-License-Identifier: MIT */
/* From a network interface to the PCI device below it. */
#ifndef CLI_HOST_NETDEV_H
#define CLI_HOST_NETDEV_H

#include "host/pci_address.h"
#include "host/sysfs.h"

/*
 * Looks @name up in the caller's network namespace, or below the root of @sysfs if that is not the
 * running host. Returns 0 with the address of its PCI device; -ENODEV if there is no such
 * interface; -EOPNOTSUPP if there is no PCI device below it; or another -errno.
 */
int netdev_find_pci(const struct sysfs *sysfs, const char *name, char pci[PCI_ADDRESS_SIZE]);

#endif
