/* SPDX-License-Identifier: MIT */
/* The PCI command register. */
#ifndef LIBIOMMUCTL_MODEL_VFIO_PCI_H
#define LIBIOMMUCTL_MODEL_VFIO_PCI_H

#define PCI_COMMAND		 4
#define PCI_COMMAND_MEMORY	 0x2
#define PCI_COMMAND_MASTER	 0x4
#define PCI_COMMAND_INTX_DISABLE 0x400

#endif
