/* SPDX-License-Identifier: MIT */
/* The PCI bus: configuration space by ECAM, of a bus on which no function answers. */
#ifndef KVM_PCI_H
#define KVM_PCI_H

#include <stdbool.h>
#include <stdint.h>

bool pci_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
