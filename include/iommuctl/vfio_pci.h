/* SPDX-License-Identifier: MIT */
/*
 * Features of PCI devices only: a reset of a whole slot or bus, and registers that eventfds write.
 *
 * Common: vfio.h
 * Source: drivers/vfio/pci/vfio_pci_core.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_PCI_H
#define IOMMUCTL_VFIO_PCI_H

#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vfio_region.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Flags of the devices that a hot reset affects.
 *
 * @IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID: they are identified by their ids in the iommufd, not by
 *   their groups
 * @IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED: with DEV_ID: all belong to the iommufd of the
 *   device, so that the reset is allowed
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID	      (1 << 0)
#define IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED (1 << 1)

/*
 * Ids of no object.
 *
 * @IOMMUCTL_VFIO_PCI_DEVID_OWNED: not bound itself, but another device of its group is
 * @IOMMUCTL_VFIO_PCI_DEVID_NOT_OWNED: somebody else's, or with no VFIO driver
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_PCI_DEVID_OWNED	  0
#define IOMMUCTL_VFIO_PCI_DEVID_NOT_OWNED UINT32_MAX

/* A device that is reset too. Since: 0.1 */
struct iommuctl_vfio_pci_dependent_device {
	uint32_t id;	  /* with FLAG_DEV_ID: its dev_id, or a DEVID; else its group's number */
	uint16_t segment; /* the PCI domain */
	uint8_t bus;	  /* its number */
	uint8_t devfn;	  /* device in bits 7:3, function in bits 2:0 */
};

/*
 * Lists the devices that a hot reset of a device would reset.
 *
 * The device itself is among them. This also shows a process without sysfs which devices share slot
 * or bus.
 *
 * @flags: out: IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_…
 * @devices: out: the devices; may be NULL if *@count is 0
 * @count: in: the room in @devices; out: how many devices there are, also with -ENOSPC
 *
 * Errors:
 *   -ENOSPC: @devices is too small; *@count is the number needed
 *   -ENODEV: neither slot nor bus can be reset, as on a root bus
 *   -EPERM: a device of slot or bus belongs to no IOMMU group
 *   -ERANGE: the kernel found no device at all
 *   -EAGAIN: a device appeared while they were counted; ask again
 * Since: 0.1
 */
int iommuctl_vfio_pci_hot_reset_get_info(struct iommuctl *ctx, int device, uint32_t *flags,
	struct iommuctl_vfio_pci_dependent_device *devices, uint32_t *count);

/*
 * Resets the slot or the bus of a device, with all devices on it.
 *
 * @groups: for a device opened through its legacy group: file descriptors of the groups of all
 *   affected devices, as proof that the caller owns them; NULL for a device of /dev/vfio/devices,
 *   whose iommufd is the proof
 * @count: of @groups, 0 for a device of /dev/vfio/devices
 *
 * Errors:
 *   -EINVAL: a device that would be reset is not the caller's or has no VFIO driver; groups for a
 *     device of /dev/vfio/devices, or none for one of a group; more groups than devices; or a file
 *     that is not a group
 *   -EBADF: also a group's file is not open
 *   -EBUSY: memory of a device is being accessed; try again
 *   -ENODEV: neither slot nor bus can be reset, as on a root bus
 *   -ENOTTY, -EAGAIN: the reset failed, or another is in progress
 * Since: 0.1
 */
int iommuctl_vfio_pci_hot_reset(
	struct iommuctl *ctx, int device, const int *groups, uint32_t count);

/* A register that is written when an eventfd is. Since: 0.1 */
struct iommuctl_vfio_ioeventfd_args {
	const struct iommuctl_vfio_region_info *region; /* a BAR, of this device */
	uint64_t offset;				/* of the register in the region */
	uint64_t data;					/* what is written */
	uint32_t size;					/* bytes of the register: 1, 2, 4 or 8 */
	int eventfd; /* -1: stops writing this data to this register */
};

/*
 * Makes the kernel write a register of a device each time an eventfd is written, or stops that.
 *
 * @args: which register, what, and by which eventfd
 *
 * Ownership: the kernel keeps the eventfd until the device is closed or this is stopped.
 * Errors:
 *   -EINVAL: no such size, beyond the region, not a BAR, in the MSI-X table, or the
 *     file is no eventfd
 *   -EBADF: also the eventfd is not open
 *   -EEXIST: this register and data have an eventfd already
 *   -EBUSY: the kernel could not reserve the BAR, or had no memory for it when the device was bound
 *   -ENODEV: the BAR of this device is not available to users; with an eventfd of -1 also: there is
 *     none to stop
 *   -ENOSPC: the device has the maximum number of eventfds (1000)
 * Since: 0.1
 * Source: vfio_pci_ioeventfd in drivers/vfio/pci/vfio_pci_rdwr.c.
 */
int iommuctl_vfio_ioeventfd_set(
	struct iommuctl *ctx, int device, const struct iommuctl_vfio_ioeventfd_args *args);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
