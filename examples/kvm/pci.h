/* SPDX-License-Identifier: MIT */
/* The PCI buses: configuration space by ECAM, and the BAR windows. The device is struct pci. */
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

/* A free requester ID on bus 0: there is more room than functions can be passed through. */
uint16_t pci_choose_emulated(const struct pci *pci);

bool pci_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

/*
 * Accesses to the windows outside of memory slots. Where nothing answers, they read all ones, as on
 * most hosts.
 */
bool pci_window_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pci_window_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
