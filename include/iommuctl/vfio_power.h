/* SPDX-License-Identifier: MIT */
/*
 * The power state of an idle VFIO device, and whether it may do DMA.
 *
 * Common: vfio.h
 * Errors:
 *   -ENOTTY: the device or its driver does not have this feature
 * Source: vfio_pci_core_ioctl_feature in drivers/vfio/pci/vfio_pci_core.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_POWER_H
#define IOMMUCTL_VFIO_POWER_H

#include <stdbool.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Lets a device enter a low power state.
 *
 * The host decides whether it does. An access wakes the device for its duration, except through
 * mappings of its regions: they fault until iommuctl_vfio_low_power_exit(). Mappings of its regions
 * in an IOAS, by dma-buf, become invalid: unmap them, and map them again afterwards.
 *
 * Errors:
 *   -EINVAL: also it may already
 * Since: 0.1
 */
int iommuctl_vfio_low_power_entry(struct iommuctl *ctx, int device);

/*
 * Lets a device enter a low power state once, and signals when it has woken up.
 *
 * @eventfd: written when something has woken the device, which stays awake from then on
 *
 * Ownership: the kernel keeps the eventfd until then.
 * Errors:
 *   -EINVAL: also it may already, or @eventfd is negative or no eventfd
 *   -EBADF: also @eventfd is not open
 * Since: 0.1
 */
int iommuctl_vfio_low_power_entry_with_wakeup(struct iommuctl *ctx, int device, int eventfd);

/*
 * Keeps a device awake from now on.
 *
 * For a device that is awake, it changes nothing.
 *
 * Errors:
 *   -ENOTTY: the driver of the device does not manage its power
 * Since: 0.1
 */
int iommuctl_vfio_low_power_exit(struct iommuctl *ctx, int device);

/*
 * Allows or forbids a device to do DMA.
 *
 * This is for buses without a register for it (CDX). PCI devices have Bus Master Enable in their
 * configuration space.
 *
 * @enable: true allows DMA
 *
 * Errors:
 *   -ENOTTY: not a CDX device
 *   -EOPNOTSUPP: its bus cannot change it
 * Since: 0.1
 * Source: drivers/vfio/cdx/main.c.
 */
int iommuctl_vfio_bus_master_set(struct iommuctl *ctx, int device, bool enable);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
