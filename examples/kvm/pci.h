/* SPDX-License-Identifier: MIT */
/* The PCI buses: configuration space by ECAM, and the windows of BARs. The device is struct passthrough. */
#ifndef KVM_PCI_H
#define KVM_PCI_H

#include <stdbool.h>
#include <stdint.h>

bool pci_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

/* What of the windows is no memory slot. Where nobody answers, all ones are read, as on most hosts. */
bool pci_window_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_window_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
