/* SPDX-License-Identifier: MIT */
/* The name of a PCI device: domain, bus, device and function. */
#ifndef CLI_HOST_PCI_ADDRESS_H
#define CLI_HOST_PCI_ADDRESS_H

#define PCI_ADDRESS_SIZE sizeof("00000000:00:00.0")

/*
 * Brings "0000:00:01.0", or "00:01.0" in domain 0, in either case of letters, into the form that
 * sysfs uses. Returns 0, or -EINVAL and leaves @address alone.
 */
int pci_address_normalise(const char *text, char address[PCI_ADDRESS_SIZE]);

#endif
