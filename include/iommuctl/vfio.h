/* SPDX-License-Identifier: MIT */
/*
 * Thin calls of VFIO: one function per ioctl of a device, a group and a container, no state. Names
 * and values are those of the kernel's include/uapi/linux/vfio.h with IOMMUCTL_ in front; what is
 * said about errors was read from drivers/vfio/ of Linux 7.3.
 *
 * All calls: @device is the file descriptor of a device and stays the caller's. Any thread may
 * call, at any time. Addresses and lengths are bytes. Out-parameters are written on success only;
 * those that may be NULL say so. On failure iommuctl_last_error() names the operation, its objects
 * and the gate.
 *
 * Errors that every call can return, not repeated below: -EBADF (the file is not open), -ENOTTY (it
 * is not the kind of VFIO file that the call takes, or the kernel is older than the ioctl), -EFAULT
 * (a pointer leads to no memory), -ENOMEM, -EPROTO (an answer that the ioctl does not define); on a
 * device also -EINVAL (it is not bound yet) and -EIO (it could not be woken up). What opens a file
 * can also fail with -EMFILE or -ENFILE (no file descriptor left in the process, or in the system).
 */
#ifndef IOMMUCTL_VFIO_H
#define IOMMUCTL_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Opens a device at @path, /dev/vfio/devices/vfio<N>. Ownership: the caller closes @device with
 * iommuctl_close(), which also detaches and unbinds it; its vDEVICE should be gone by then.
 * Errors: -ENOENT no CONFIG_VFIO_DEVICE_CDEV, or no VFIO driver is bound to the device; -EACCES
 * the node's permissions; -ENODEV the device is going away; -EPERM no IOMMU and no CAP_SYS_RAWIO,
 * or a device cgroup.
 * Since: 0.1
 */
int iommuctl_vfio_device_open(struct iommuctl *ctx, const char *path, int *device);

/*
 * Binds @device to @iommufd; *@dev_id names it there until it is closed. @token is the VF token, 16
 * bytes in the order of the text form, or NULL.
 * Errors: -EINVAL bound already, in this file or another, @iommufd negative, a group's device, a
 * token that is not asked for or that the kernel is too old to take here, or DMA that is not cache
 * coherent; -EBADF also @iommufd is not open; -EBADFD @iommufd is no iommufd; -EBUSY the legacy
 * group is open, or the kernel itself uses a page table or a PASID of the group; -EPERM MSIs are
 * not isolated, or the group belongs to another owner; -ENODEV no IOMMU group, or the driver is
 * being unloaded; -EACCES a VF token is missing or wrong; -EAGAIN the device is being reset.
 * Since: 0.1
 */
int iommuctl_vfio_bind_iommufd(
	struct iommuctl *ctx, int device, int iommufd, const uint8_t token[16], uint32_t *dev_id);

/*
 * Attaches @device to @pt_id, an IOAS or a HWPT; a second attach replaces the first.
 * *@resolved_pt_id, unless NULL, gets the HWPT in use, which differs from @pt_id for an IOAS.
 * Errors: -ENOENT no such page table, or on Arm a nested HWPT that translates stage 1 before the
 * device has a vDEVICE; -EINVAL another SMMU, another HWPT than the rest of the group, a device
 * without CANWBS to a HWPT that enforces coherency, a HWPT without ALLOC_PASID while PASIDs are
 * attached, a HWPT with faults for a VF with PRI; -EBUSY a PASID is in use, or the device is being
 * reset; -EADDRINUSE a mapping lies over a reserved region or beyond what the IOMMU can address;
 * -EOPNOTSUPP, -ENODEV a HWPT with faults, which the kernel or the IOMMU cannot deliver; -ENOMEM,
 * -EFAULT memory of the IOAS that is pinned now (RLIMIT_MEMLOCK).
 * Since: 0.1
 */
int iommuctl_vfio_attach(
	struct iommuctl *ctx, int device, uint32_t pt_id, uint32_t *resolved_pt_id);

/*
 * As iommuctl_vfio_attach(), for DMA with @pasid. Not for nested HWPTs on Arm: there a PASID is a
 * CD in the guest's table.
 * Errors: as iommuctl_vfio_attach(); -EOPNOTSUPP no PASID attach on this device, or a nested HWPT
 * on Arm; -EINVAL @pasid is 0 or too large, a HWPT involved, that of the device without PASID
 * included, was made without ALLOC_PASID, or the kernel is too old; -EBUSY the kernel itself uses
 * @pasid.
 * Since: 0.1
 */
int iommuctl_vfio_attach_pasid(
	struct iommuctl *ctx, int device, uint32_t pasid, uint32_t pt_id, uint32_t *resolved_pt_id);

/*
 * Detaches @device, whose DMA is then blocked, or still goes where other devices of its IOMMU group
 * are attached to. One that is not attached stays so.
 * Since: 0.1
 */
int iommuctl_vfio_detach(struct iommuctl *ctx, int device);

/*
 * The IOMMU group of @device, which all attachments act on as a whole: see
 * struct iommuctl_transport.
 * Errors: -EOPNOTSUPP it is not known: no sysfs, a device of a legacy group, a transport that does
 * not tell; -EBADF; -ENOMEM.
 * Since: 0.1
 */
int iommuctl_vfio_device_get_group(
	struct iommuctl *ctx, int device, struct iommuctl_device_group *group);

/*
 * Detaches @pasid of @device. One that is not attached stays so.
 * Errors: -EOPNOTSUPP no PASID attach on this device; -EINVAL the kernel is too old for PASIDs.
 * Since: 0.1
 */
int iommuctl_vfio_detach_pasid(struct iommuctl *ctx, int device, uint32_t pasid);

#define IOMMUCTL_VFIO_DEVICE_FLAGS_RESET    (1 << 0)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_PCI	    (1 << 1)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_PLATFORM (1 << 2)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_AMBA	    (1 << 3)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CCW	    (1 << 4)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_AP	    (1 << 5)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_FSL_MC   (1 << 6)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CAPS	    (1 << 7)
#define IOMMUCTL_VFIO_DEVICE_FLAGS_CDX	    (1 << 8)

#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP32	 (1 << 0)
#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP64	 (1 << 1)
#define IOMMUCTL_VFIO_PCI_ATOMIC_COMP128 (1 << 2)

struct iommuctl_vfio_device_info {
	uint32_t flags; /* IOMMUCTL_VFIO_DEVICE_FLAGS_… */
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t pci_atomic_comp; /* IOMMUCTL_VFIO_PCI_ATOMIC_COMP…; 0 without the capability */
};

/*
 * Reads what @device has.
 * Errors: -EPROTO capabilities that are not well formed.
 * Since: 0.1
 */
int iommuctl_vfio_device_get_info(
	struct iommuctl *ctx, int device, struct iommuctl_vfio_device_info *info);

#define IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX   0 /* BAR n: n */
#define IOMMUCTL_VFIO_PCI_ROM_REGION_INDEX    6
#define IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX 7
#define IOMMUCTL_VFIO_PCI_VGA_REGION_INDEX    8
#define IOMMUCTL_VFIO_PCI_NUM_REGIONS	      9 /* from here on: regions of the device's own kind */

#define IOMMUCTL_VFIO_REGION_INFO_FLAG_READ  (1 << 0)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE (1 << 1)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP  (1 << 2)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_CAPS  (1 << 3)

struct iommuctl_vfio_region_info {
	uint32_t flags; /* IOMMUCTL_VFIO_REGION_INFO_FLAG_… */
	uint32_t index;
	uint64_t size;	    /* 0: the device has no such region */
	uint64_t offset;    /* of the region in the device file */
	bool msix_mappable; /* mmap(2) may cover the MSI-X table */
	bool sparse;	    /* only the areas of iommuctl_vfio_region_get_areas() can be mapped */
	bool typed;	    /* type and subtype hold */
	uint32_t type;
	uint32_t subtype;
};

/*
 * Reads what region @index of @device is.
 * Errors: -EINVAL no such index; -EPROTO capabilities that are not well formed.
 * Since: 0.1
 */
int iommuctl_vfio_region_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_region_info *info);

struct iommuctl_vfio_region_area {
	uint64_t offset; /* inside the region */
	uint64_t size;
};

/*
 * Lists the areas of a sparse region that can be mapped. *@count is the room in @areas on entry and
 * how many areas there are on return; with -EMSGSIZE it is written all the same. A region that is
 * not sparse has none.
 * Errors: as iommuctl_vfio_region_get_info().
 * Since: 0.1
 */
int iommuctl_vfio_region_get_areas(struct iommuctl *ctx, int device, uint32_t index,
	struct iommuctl_vfio_region_area *areas, uint32_t *count);

/*
 * Reads @size bytes at @offset of @region, whose info came from @device.
 * Errors: -EINVAL beyond the region's end; -EACCES the region cannot be read; -EIO fewer bytes came
 * back, or the device does not decode memory; -EBUSY the kernel could not reserve the BAR; -ENODEV
 * the BAR cannot be had.
 * Since: 0.1
 */
int iommuctl_vfio_region_read(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, void *buffer, size_t size);

/*
 * Writes @size bytes at @offset of @region, whose info came from @device.
 * Errors: as iommuctl_vfio_region_read(), -EACCES that it cannot be written; after -EIO a part may
 * have been written.
 * Since: 0.1
 */
int iommuctl_vfio_region_write(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, const void *buffer,
	size_t size);

/*
 * Maps @area of @region, in multiples of the page size, with @prot as in
 * mmap(2). Ownership: the caller unmaps with iommuctl_munmap(). An access while the device does
 * not decode memory raises SIGBUS.
 * Errors: -EINVAL beyond the region's end, no FLAG_MMAP, not whole pages, or outside a sparse
 * region's areas; -EBUSY, -ENODEV as iommuctl_vfio_region_read().
 * Since: 0.1
 */
int iommuctl_vfio_region_mmap(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region,
	const struct iommuctl_vfio_region_area *area, int prot, void **address);

#define IOMMUCTL_VFIO_PCI_INTX_IRQ_INDEX 0
#define IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX	 1
#define IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX 2
#define IOMMUCTL_VFIO_PCI_ERR_IRQ_INDEX	 3
#define IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX	 4
#define IOMMUCTL_VFIO_PCI_NUM_IRQS	 5

#define IOMMUCTL_VFIO_IRQ_INFO_EVENTFD	  (1 << 0)
#define IOMMUCTL_VFIO_IRQ_INFO_MASKABLE	  (1 << 1)
#define IOMMUCTL_VFIO_IRQ_INFO_AUTOMASKED (1 << 2) /* masked as it fires, until unmasked */
#define IOMMUCTL_VFIO_IRQ_INFO_NORESIZE	  (1 << 3) /* disable all before enabling more */

struct iommuctl_vfio_irq_info {
	uint32_t flags; /* IOMMUCTL_VFIO_IRQ_INFO_… */
	uint32_t index;
	uint32_t count; /* 0: the device has none of this index */
};

/*
 * Reads what interrupts @index of @device has.
 * Errors: -EINVAL no such index.
 * Since: 0.1
 */
int iommuctl_vfio_irqs_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_irq_info *info);

#define IOMMUCTL_VFIO_IRQ_SET_DATA_NONE	     (1 << 0)
#define IOMMUCTL_VFIO_IRQ_SET_DATA_BOOL	     (1 << 1) /* uint8_t each */
#define IOMMUCTL_VFIO_IRQ_SET_DATA_EVENTFD   (1 << 2) /* int32_t each; -1: none */
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_MASK    (1 << 3)
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_UNMASK  (1 << 4)
#define IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER (1 << 5)

struct iommuctl_vfio_irq_set_args {
	uint32_t flags; /* one IOMMUCTL_VFIO_IRQ_SET_DATA_… and one …_ACTION_… */
	uint32_t index;
	uint32_t start;
	uint32_t count;
	const void *data; /* @count elements; NULL with DATA_NONE */
	size_t data_size;
};

/*
 * Enables, disables, masks, unmasks or fires interrupts. With -ENOSPC, *@available, unless NULL,
 * gets how many vectors there are to be had.
 * Errors: -EINVAL a range that does not exist, another index in use, or data too short; -EBADF,
 * -EINVAL not an eventfd; -ENOSPC fewer vectors are free than asked for; -ERANGE a count of 0 for
 * eventfds of MSIs that are not enabled; -ENOTTY the index cannot do the action; -EOPNOTSUPP an MSI
 * of a device that is not attached; -ENODEV no interrupt line; -EOVERFLOW data_size is beyond 32
 * bits.
 * Since: 0.1
 */
int iommuctl_vfio_irqs_set(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_irq_set_args *args, uint32_t *available);

/*
 * Has interrupts @start to @start + @count - 1 of @index signal @eventfds, an element of -1 none.
 * The eventfds stay the caller's. Attach the device first if they are MSIs.
 * Errors: as iommuctl_vfio_irqs_set().
 * Since: 0.1
 */
int iommuctl_vfio_irqs_enable(struct iommuctl *ctx, int device, uint32_t index, uint32_t start,
	const int *eventfds, uint32_t count);

/*
 * Disables all interrupts of @index.
 * Errors: -EINVAL none of them was enabled.
 * Since: 0.1
 */
int iommuctl_vfio_irqs_disable(struct iommuctl *ctx, int device, uint32_t index);

/*
 * Resets @device.
 * Errors: -EINVAL it cannot (no FLAGS_RESET); -EAGAIN another part of the kernel holds it; -ENOTTY
 * none of its reset methods worked.
 * Since: 0.1
 */
int iommuctl_vfio_reset(struct iommuctl *ctx, int device);

#define IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN 0
#define IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF	  11

#define IOMMUCTL_VFIO_DEVICE_FEATURE_GET (1 << 16)
#define IOMMUCTL_VFIO_DEVICE_FEATURE_SET (1 << 17)

/*
 * Asks whether @device has @feature for all @operations, DEVICE_FEATURE_GET and SET: 0 if so.
 * Errors: -ENOTTY no such feature; -EINVAL not those operations; -EOPNOTSUPP the driver does not
 * offer it.
 * Since: 0.1
 */
int iommuctl_vfio_feature_probe(
	struct iommuctl *ctx, int device, uint16_t feature, uint32_t operations);

/*
 * Reads @feature into @data, which also carries what the feature takes as input. For DMA_BUF use
 * iommuctl_vfio_dma_buf_export().
 * Errors: -ENOTTY no such feature; -EINVAL it cannot be read, @size is too small, or DMA_BUF;
 * -EOPNOTSUPP the driver does not offer it; -EOVERFLOW @size is beyond 32 bits.
 * Since: 0.1
 */
int iommuctl_vfio_feature_get(
	struct iommuctl *ctx, int device, uint16_t feature, void *data, size_t size);

/*
 * Writes @data to @feature.
 * Errors: -ENOTTY no such feature; -EINVAL it cannot be written, or @size is too small; -EOPNOTSUPP
 * the driver does not offer it; -EOVERFLOW @size is beyond 32 bits.
 * Since: 0.1
 */
int iommuctl_vfio_feature_set(
	struct iommuctl *ctx, int device, uint16_t feature, const void *data, size_t size);

struct iommuctl_vfio_dma_buf_export_args {
	uint32_t index; /* of the region */
	uint32_t open_flags;
	const struct iommuctl_vfio_region_area *areas;
	uint32_t count;
};

/*
 * Makes a dma-buf of count areas of region index, for iommuctl_ioas_map_file(). open_flags are
 * those of open(2): access mode and O_CLOEXEC. Ownership: the caller closes @dma_buf.
 * Errors: -ENOTTY or -EOPNOTSUPP no CONFIG_VFIO_PCI_DMABUF, or not for this device; -EINVAL no
 * area, or one that is empty, misaligned or outside; -ENODEV the region is not a BAR that can be
 * had; -EOVERFLOW count areas are more than 32 bits of bytes.
 * Since: 0.1
 */
int iommuctl_vfio_dma_buf_export(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_buf_export_args *args, int *dma_buf);

/*
 * Opens a legacy container, /dev/vfio/vfio. Ownership: the caller closes it with iommuctl_close().
 * Errors: -ENOENT no CONFIG_VFIO_CONTAINER or CONFIG_IOMMUFD_VFIO_CONTAINER; -EACCES the node's
 * permissions.
 * Since: 0.1
 */
int iommuctl_vfio_container_open(struct iommuctl *ctx, int *container);

/*
 * The API version of @container; 0 is the only one there has been.
 * Since: 0.1
 */
int iommuctl_vfio_container_get_api_version(struct iommuctl *ctx, int container, int *version);

#define IOMMUCTL_VFIO_TYPE1_IOMMU   1
#define IOMMUCTL_VFIO_TYPE1v2_IOMMU 3
#define IOMMUCTL_VFIO_NOIOMMU_IOMMU 8

/*
 * Asks whether @container has @extension; *@value is 0 if not, else what the extension says.
 * Since: 0.1
 */
int iommuctl_vfio_container_check_extension(
	struct iommuctl *ctx, int container, uint32_t extension, int *value);

/*
 * Chooses the IOMMU @type of @container, once it has a group.
 * Errors: -EINVAL no group yet, or chosen already; -ENODEV no driver of that type.
 * Since: 0.1
 */
int iommuctl_vfio_container_set_iommu(struct iommuctl *ctx, int container, uint32_t type);

/*
 * Opens the legacy group @path, /dev/vfio/<N>. Ownership: the caller closes it with
 * iommuctl_close().
 * Errors: -ENOENT no VFIO driver is bound in the group, or no CONFIG_VFIO_GROUP; -EACCES the node's
 * permissions; -EBUSY it is open already, or a device of it is bound through its cdev; -EPERM no
 * IOMMU and no CAP_SYS_RAWIO; -ENODEV the group is going away.
 * Since: 0.1
 */
int iommuctl_vfio_group_open(struct iommuctl *ctx, const char *path, int *group);

#define IOMMUCTL_VFIO_GROUP_FLAGS_VIABLE	(1 << 0)
#define IOMMUCTL_VFIO_GROUP_FLAGS_CONTAINER_SET (1 << 1)

/*
 * Reads the IOMMUCTL_VFIO_GROUP_FLAGS_… of @group.
 * Errors: -ENODEV the group is gone.
 * Since: 0.1
 */
int iommuctl_vfio_group_get_status(struct iommuctl *ctx, int group, uint32_t *flags);

/*
 * Puts @group into @container, a legacy container or an iommufd.
 * Errors: -EINVAL it is in one, or groups with and without IOMMU in one iommufd; -EBADF also
 * @container is not open; -EBADFD @container is neither; -EBUSY the kernel itself uses a page table
 * of the group; -EPERM a device of the group has a host driver, the group has another owner, or no
 * IOMMU; -ENODEV the group is gone.
 * Since: 0.1
 */
int iommuctl_vfio_group_set_container(struct iommuctl *ctx, int group, int container);

/*
 * Takes @group out of its container.
 * Errors: -EINVAL it is in none; -EBUSY a device of it is open.
 * Since: 0.1
 */
int iommuctl_vfio_group_unset_container(struct iommuctl *ctx, int group);

/*
 * Opens the device @name ("0000:00:01.0", with a VF token "0000:00:01.0 vf_token=<UUID>") of
 * @group, which is in a container. Ownership: the caller closes it with iommuctl_close().
 * Errors: -ENODEV no such device in the group; -EINVAL the group has no container; -EACCES a VF
 * token is missing or wrong; and those of iommuctl_vfio_bind_iommufd() with an iommufd as
 * container.
 * Since: 0.1
 */
int iommuctl_vfio_group_get_device(struct iommuctl *ctx, int group, const char *name, int *device);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
