/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of a VFIO device.
 *
 * Common: vfio.h
 * Source: drivers/vfio/pci/vfio_pci_core.c and vfio_pci_intrs.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_IRQ_H
#define IOMMUCTL_VFIO_IRQ_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Indices of the interrupts of PCI devices.
 *
 * @IOMMUCTL_VFIO_PCI_INTX_IRQ_INDEX: INTx
 * @IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX: MSI
 * @IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX: MSI-X
 * @IOMMUCTL_VFIO_PCI_ERR_IRQ_INDEX: an error that the device reported
 * @IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX: the host wants the device back: it is being unbound from its
 *   driver or removed, which waits until the device is closed everywhere. It fires again every 10
 *   seconds, also if it was enabled late; a device has one eventfd for it, the last that was set
 * @IOMMUCTL_VFIO_PCI_NUM_IRQS: how many indices there are
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_PCI_INTX_IRQ_INDEX 0
#define IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX	 1
#define IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX 2
#define IOMMUCTL_VFIO_PCI_ERR_IRQ_INDEX	 3
#define IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX	 4
#define IOMMUCTL_VFIO_PCI_NUM_IRQS	 5

/*
 * What can be done with interrupts.
 *
 * @IOMMUCTL_VFIO_IRQ_INFO_EVENTFD: they can signal eventfds
 * @IOMMUCTL_VFIO_IRQ_INFO_MASKABLE: they can be masked
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_IRQ_INFO_EVENTFD	  (1 << 0)
#define IOMMUCTL_VFIO_IRQ_INFO_MASKABLE	  (1 << 1)
#define IOMMUCTL_VFIO_IRQ_INFO_AUTOMASKED (1 << 2) /* masked as it fires, until unmasked */
#define IOMMUCTL_VFIO_IRQ_INFO_NORESIZE	  (1 << 3) /* disable all before enabling more */

/*
 * What interrupts of one index a device has.
 *
 * @index: the index
 *
 * Since: 0.1
 */
struct iommuctl_vfio_irq_info {
	uint32_t flags; /* IOMMUCTL_VFIO_IRQ_INFO_… */
	uint32_t index;
	uint32_t count; /* interrupts; 0: the device has none of this index */
};

/*
 * Reads what interrupts of one index a device has.
 *
 * @index: IOMMUCTL_VFIO_PCI_…_IRQ_INDEX
 * @info: out: what it has
 *
 * Errors:
 *   -EINVAL: no such index
 * Since: 0.1
 */
int iommuctl_vfio_irqs_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_irq_info *info);

/*
 * The actions on interrupts, and the type of the data.
 *
 * @IOMMUCTL_VFIO_IRQ_SET_DATA_NONE: no data
 * @IOMMUCTL_VFIO_IRQ_SET_ACTION_MASK: mask
 * @IOMMUCTL_VFIO_IRQ_SET_ACTION_UNMASK: unmask
 * @IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER: enable, disable or fire
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_IRQ_SET_DATA_NONE	     (1 << 0)
#define IOMMUCTL_VFIO_IRQ_SET_DATA_BOOL	     (1 << 1) /* uint8_t each */
#define IOMMUCTL_VFIO_IRQ_SET_DATA_EVENTFD   (1 << 2) /* int32_t each; -1: none */
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_MASK    (1 << 3)
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_UNMASK  (1 << 4)
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER (1 << 5)

/*
 * The arguments of iommuctl_vfio_irqs_set().
 *
 * @index: IOMMUCTL_VFIO_PCI_…_IRQ_INDEX
 * @start: the first of them
 * @count: how many of them
 * @data_size: bytes of @data
 *
 * Since: 0.1
 */
struct iommuctl_vfio_irq_set_args {
	uint32_t flags; /* one IOMMUCTL_VFIO_IRQ_SET_DATA_… and one …_ACTION_… */
	uint32_t index;
	uint32_t start;
	uint32_t count;
	const void *data; /* @count elements; NULL with DATA_NONE */
	size_t data_size;
};

/*
 * Enables, disables, masks, unmasks or fires interrupts.
 *
 * @args: what to do
 * @available: out with -ENOSPC, may be NULL: how many vectors are available
 *
 * Errors:
 *   -EINVAL: a range that does not exist, another index in use, data too short, or not an eventfd
 *   -EBADF: a file descriptor in the data is not open
 *   -ENOSPC: an MSI of a device that is not attached, so that its doorbell cannot be mapped; fewer
 *     vectors are free than requested; or memory ran out while one was set up
 *   -ERANGE: a count of 0 for eventfds of MSIs that are not enabled
 *   -ENOTTY: the index cannot do the action
 *   -ENODEV: no interrupt line
 *   -EOVERFLOW: data_size is beyond 32 bits
 * Since: 0.1
 */
int iommuctl_vfio_irqs_set(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_irq_set_args *args, uint32_t *available);

/*
 * Makes interrupts signal eventfds.
 *
 * For MSIs, attach the device first.
 *
 * @index: IOMMUCTL_VFIO_PCI_…_IRQ_INDEX
 * @start: the first interrupt
 * @eventfds: an eventfd for each; -1: none
 * @count: how many
 *
 * Ownership: the eventfds stay the caller's.
 * Errors:
 *   others: those of iommuctl_vfio_irqs_set()
 * Since: 0.1
 */
int iommuctl_vfio_irqs_enable(struct iommuctl *ctx, int device, uint32_t index, uint32_t start,
	const int *eventfds, uint32_t count);

/*
 * Disables all interrupts of one index.
 *
 * @index: IOMMUCTL_VFIO_PCI_…_IRQ_INDEX
 *
 * Errors:
 *   -EINVAL: none of them is enabled
 *   others: those of iommuctl_vfio_irqs_set()
 * Since: 0.1
 */
int iommuctl_vfio_irqs_disable(struct iommuctl *ctx, int device, uint32_t index);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
