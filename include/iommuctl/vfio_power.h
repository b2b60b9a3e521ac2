/* SPDX-License-Identifier: MIT */
/*
 * The power of a VFIO device while nobody uses it, and its right to do DMA at all.
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
 * Lets a device go to a low power state.
 *
 * Whether it does is the host's affair. What accesses it wakes it for as long as that takes, except
 * mappings of its regions: they fault until iommuctl_vfio_low_power_exit(). What was mapped of its
 * regions in an IOAS, as a dma-buf, leads nowhere from then on: unmap it, and map it again
 * afterwards.
 *
 * Errors:
 *   -EINVAL: also it may already
 * Since: 0.1
 */
int iommuctl_vfio_low_power_entry(struct iommuctl *ctx, int device);

/*
 * Lets a device go to a low power state once, and tells when it has woken up.
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
 * Has a device awake from now on.
 *
 * Of one that is, it changes nothing.
 *
 * Errors:
 *   -ENOTTY: the driver of the device does not manage its power
 * Since: 0.1
 */
int iommuctl_vfio_low_power_exit(struct iommuctl *ctx, int device);

/*
 * Lets a device do DMA, or not.
 *
 * For buses that have no register for it (CDX). PCI devices have Bus Master Enable in their
 * configuration space.
 *
 * @enable: it may
 *
 * Errors:
 *   -ENOTTY: no CDX device
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
