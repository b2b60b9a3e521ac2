/* SPDX-License-Identifier: MIT */
/* PCI features beside plain DMA, by the configuration space of a function. */
#ifndef CLI_HOST_PCI_FEATURES_H
#define CLI_HOST_PCI_FEATURES_H

#include "host/device.h"

enum pci_feature {
	PCI_FEATURE_ATS, /* first: the only one that a virtual function has itself */
	PCI_FEATURE_PASID,
	PCI_FEATURE_PRI,
	PCI_FEATURES,
};

struct pci_features {
	bool known; /* false: the space could not be read that far, which needs root */
	bool has[PCI_FEATURES];
};

/* Reads those that the space of the device at @pci itself has. */
void pci_features_read(const struct sysfs *sysfs, const char *pci, struct pci_features *features);

/*
 * Reads those of a virtual function of a device with @physical: it shares the PASIDs and the PRI of
 * that device, and has no ATS if that has none.
 */
void pci_features_read_virtual(const struct sysfs *sysfs, const char *pci,
	const struct pci_features *physical, struct pci_features *features);

/* "ATS", "PASID", "PRI". */
const char *pci_feature_name(enum pci_feature feature);

#endif
