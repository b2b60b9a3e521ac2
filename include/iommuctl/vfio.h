/* SPDX-License-Identifier: MIT */
/*
 * Thin calls of VFIO: one function per ioctl of a device, a group and a container, no state.
 *
 * Names and values are those of the kernel's include/uapi/linux/vfio.h with the prefix IOMMUCTL_;
 * the errors are those of drivers/vfio/ of Linux 7.3. A page table (pt_id) is an IOAS or a HWPT.
 * Addresses and lengths are in bytes. Out-parameters are written on success only; those that may be
 * NULL say so. On failure iommuctl_last_error() names the operation, its objects and the cause.
 *
 * @ctx: the context
 * @device: the file descriptor of a device
 *
 * Ownership: file descriptors and memory stay the caller's. Pointers are not used once the function
 *   has returned.
 * Threads: any thread, at any time.
 * Errors:
 *   -EBADF: the file is not open
 *   -ENOTTY: it is not the kind of VFIO file that the call takes, or the kernel is older than the
 *     ioctl
 *   -EFAULT: a pointer leads to no memory
 *   -ENOMEM: no memory
 *   -EPROTO: the kernel's answer is not one that the ioctl defines
 *   -EINVAL: on a device: it is not bound yet
 *   -EIO: on a device: it could not be woken up
 *   -EINTR: a signal interrupted the call: issue it again
 *   -EMFILE, -ENFILE: for calls that open a file: no file descriptor is left in the process, or in
 *     the system
 * Source: drivers/vfio/device_cdev.c and drivers/vfio/vfio_main.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_H
#define IOMMUCTL_VFIO_H

#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vfio_feature.h>
#include <iommuctl/vfio_irq.h>
#include <iommuctl/vfio_legacy.h>
#include <iommuctl/vfio_migration.h>
#include <iommuctl/vfio_pci.h>
#include <iommuctl/vfio_power.h>
#include <iommuctl/vfio_region.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Opens a device.
 *
 * @path: /dev/vfio/devices/vfio<N>
 * @device: out: the file descriptor
 *
 * Ownership: the caller closes *@device with iommuctl_close(), which also detaches and unbinds it;
 *   its vDEVICE should be gone by then.
 * Errors:
 *   -ENOENT: no CONFIG_VFIO_DEVICE_CDEV, no VFIO driver is bound to the device, or no node in this
 *     container
 *   -EACCES: the node's permissions
 *   -ENODEV: the device is going away
 *   -EPERM: no IOMMU and no CAP_SYS_RAWIO, or a device cgroup
 * Since: 0.1
 */
int iommuctl_vfio_device_open(struct iommuctl *ctx, const char *path, int *device);

/*
 * Binds a device to an iommufd.
 *
 * It stays bound until it is closed.
 *
 * @iommufd: the iommufd
 * @token: the VF token, 16 bytes in the order of the text form; NULL: none. A VF takes that of its
 *   PF if both are bound to vfio-pci; a PF takes its own while a VF is in use, and otherwise any,
 *   as its new one
 * @dev_id: out: the id of the device in the iommufd
 *
 * Errors:
 *   -EINVAL: bound already, in this file or another; @iommufd negative; a group's device; a token
 *     that the device does not take or that the kernel is too old to take here; DMA that is not
 *     cache coherent; or firmware asks for a 1:1 mapping for the group ("direct" in its
 *     reserved_regions)
 *   -EBADF: also @iommufd is not open
 *   -EBADFD: @iommufd is not an iommufd
 *   -EBUSY: the legacy group is open, or the kernel itself uses a page table or a PASID of the
 *     group
 *   -EPERM: MSIs are not isolated, or another device of the group has a host driver, or belongs to
 *     another iommufd or container
 *   -ENODEV: no IOMMU group, or the driver is being unloaded
 *   -EACCES: a VF token is missing or wrong
 *   -EAGAIN: the device is being reset
 * Since: 0.1
 * Source: vfio_df_ioctl_bind_iommufd in drivers/vfio/device_cdev.c; iommufd_device_bind in
 *   drivers/iommu/iommufd/device.c.
 */
int iommuctl_vfio_bind_iommufd(
	struct iommuctl *ctx, int device, int iommufd, const uint8_t token[16], uint32_t *dev_id);

/*
 * Attaches a device to a page table, replacing an earlier attachment.
 *
 * On VT-d and AMD, the old attachment may be removed before the new one fails. DMA of the device is
 * then blocked, while iommufd still considers it attached as before: attaching it to the same page
 * table again does nothing. Attach it to another HWPT, or detach it first.
 *
 * @pt_id: an IOAS or a HWPT
 * @resolved_pt_id: out, may be NULL: the HWPT in use, which differs from @pt_id for an IOAS
 *
 * Errors:
 *   -ENOENT: no such page table; the IOMMU driver does not know the device; or on Arm a nested HWPT
 *     that translates stage 1 before every device of the group has a vDEVICE
 *   -EINVAL: neither IOAS nor HWPT, another SMMU, another HWPT than the rest of the group, a device
 *     without CANWBS to a HWPT that enforces coherency, a HWPT without ALLOC_PASID while PASIDs are
 *     attached, a HWPT with faults for a VF with PRI, on VT-d a nested HWPT that
 *     iommuctl_vtd_s1_validate() refuses, or an IOAS with a file that iommuctl_ioas_map_file()
 *     refuses
 *   -EBUSY: a PASID is in use, the device is attached as PASID 0, or it is being reset
 *   -ENOSPC: the VT-d unit, or AMD's IOMMU, has no domain id left
 *   -EADDRINUSE: a mapping or an allowed range lies over a reserved region or beyond what the IOMMU
 *     can address, or a mapping is not aligned to its pages
 *   -EOPNOTSUPP, -ENODEV: a HWPT with faults that the kernel or the IOMMU cannot deliver, as VT-d
 *     cannot for a device without PRI; EOPNOTSUPP also an IOAS with a file on a DAX file system
 *   -ENOMEM: memory of the IOAS, pinned now, exceeds RLIMIT_MEMLOCK
 *   -EFAULT: memory of the IOAS cannot be pinned, as for iommuctl_ioas_map()
 * Since: 0.1
 */
int iommuctl_vfio_attach(
	struct iommuctl *ctx, int device, uint32_t pt_id, uint32_t *resolved_pt_id);

/*
 * Attaches a device to a page table for DMA with one PASID.
 *
 * This is not for nested HWPTs on Arm: there a PASID is a CD in the guest's table.
 *
 * A device without PASIDs (max_pasid_log2 is 0) accepts any PASID, without effect.
 *
 * PASID 0 is the device itself: all of it is attached, and only iommuctl_vfio_detach_pasid()
 * detaches it. Replacing an attachment may fail and block DMA with the PASID, as for
 * iommuctl_vfio_attach().
 *
 * @pasid: the PASID, 1 to (1 << max_pasid_log2) - 1
 * @pt_id: an IOAS or a HWPT
 * @resolved_pt_id: out, may be NULL: the HWPT in use, which differs from @pt_id for an IOAS
 *
 * Errors:
 *   -EOPNOTSUPP: the driver of the IOMMU, such as AMD's, or of the device does not attach PASIDs
 *   -EINVAL: @pasid is too large for the device; a HWPT involved, including that of the device
 *     without PASID, was made without ALLOC_PASID; or the kernel is too old
 *   -EBUSY: the kernel itself uses @pasid, or it is 0 and the device is attached already
 *   -ENOSPC: also @pasid is above INT32_MAX
 *   others: those of iommuctl_vfio_attach()
 * Since: 0.1
 */
int iommuctl_vfio_attach_pasid(
	struct iommuctl *ctx, int device, uint32_t pasid, uint32_t pt_id, uint32_t *resolved_pt_id);

/*
 * Detaches a device.
 *
 * Its DMA is then blocked, or still goes where the other devices of its IOMMU group are attached.
 * Detaching a device that is not attached does nothing.
 *
 * Errors: none of its own.
 * Since: 0.1
 */
int iommuctl_vfio_detach(struct iommuctl *ctx, int device);

/*
 * Gets the IOMMU group of a device, which is always attached as a whole.
 *
 * See struct iommuctl_transport.
 *
 * @group: out: the group
 *
 * Errors:
 *   -EOPNOTSUPP: it is unknown: no sysfs, or one that the process cannot read, a device of a legacy
 *     group, a transport without the operation
 *   -EBADF: @device is not open
 *   -EMFILE, -ENFILE: no file descriptor is left to read sysfs
 *   -ENOMEM: no memory
 * Since: 0.1
 * Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups.
 */
int iommuctl_vfio_device_get_group(
	struct iommuctl *ctx, int device, struct iommuctl_device_group *group);

/*
 * Detaches one PASID of a device.
 *
 * One that is not attached stays so.
 *
 * @pasid: the PASID
 *
 * Errors:
 *   -EOPNOTSUPP: no PASID attach on this device
 *   -EINVAL: the kernel is too old for PASIDs
 * Since: 0.1
 */
int iommuctl_vfio_detach_pasid(struct iommuctl *ctx, int device, uint32_t pasid);

/*
 * The kind of a device, and what it can do.
 *
 * @IOMMUCTL_VFIO_DEVICE_FLAGS_RESET: iommuctl_vfio_reset()
 * @IOMMUCTL_VFIO_DEVICE_FLAGS_CAPS: it has capabilities, which iommuctl_vfio_device_get_info()
 *   parses
 *
 * Members: the kind of device, in the kernel's words.
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_DEVICE_FLAGS_RESET    (1 << 0)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_PCI	    (1 << 1)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_PLATFORM (1 << 2)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_AMBA	    (1 << 3)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CCW	    (1 << 4)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_AP	    (1 << 5)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_FSL_MC   (1 << 6)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CAPS	    (1 << 7)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CDX	    (1 << 8)

/* Atomic operations that the path to memory completes. Since: 0.1 */
#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP32	 (1 << 0) /* of 32 bits */
#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP64	 (1 << 1) /* of 64 bits */
#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP128 (1 << 2) /* of 128 bits */

/*
 * What a device has.
 *
 * @num_regions: regions; their indices are below this
 * @num_irqs: kinds of interrupts; their indices are below this
 *
 * Since: 0.1
 */
struct iommuctl_vfio_device_info {
	uint32_t flags; /* IOMMUCTL_VFIO_DEVICE_FLAGS_… */
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t pci_atomic_comp; /* IOMMUCTL_VFIO_PCI_ATOMIC_COMP…; 0 without the capability */
};

/*
 * Reads what a device has.
 *
 * @info: out: what it has
 *
 * Errors:
 *   -EPROTO: malformed capabilities
 * Since: 0.1
 */
int iommuctl_vfio_device_get_info(
	struct iommuctl *ctx, int device, struct iommuctl_vfio_device_info *info);

/*
 * Resets a device.
 *
 * Errors:
 *   -EINVAL: it has no reset (no FLAGS_RESET)
 *   -EAGAIN: another part of the kernel holds it
 *   -ENOTTY: none of its reset methods worked
 * Since: 0.1
 */
int iommuctl_vfio_reset(struct iommuctl *ctx, int device);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
