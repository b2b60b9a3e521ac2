/* SPDX-License-Identifier: MIT */
/* The PCI buses: configuration space by ECAM, and the windows of BARs. The device is struct pci. */
#ifndef KVM_PCI_H
#define KVM_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "edu.h"
#include "passthrough.h"

struct pci {
	struct passthrough *passthrough;
	struct edu *edu; /* NULL: no function is emulated */
};

/* A requester ID on bus 0 that no function has: there is room for as many as are passed through, and more. */
uint16_t pci_choose_emulated(const struct pci *pci);

bool pci_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

/* What of the windows is no memory slot. Where nobody answers, all ones are read, as on most hosts. */
bool pci_window_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_window_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
