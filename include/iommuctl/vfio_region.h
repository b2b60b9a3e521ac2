/* SPDX-License-Identifier: MIT */
/*
 * Regions of a VFIO device: BARs, configuration space, and device-specific ones.
 *
 * Common: vfio.h
 * Source: drivers/vfio/vfio_main.c and drivers/vfio/pci/vfio_pci_core.c and vfio_pci_rdwr.c of
 *   Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_REGION_H
#define IOMMUCTL_VFIO_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Indices of the regions of PCI devices.
 *
 * @IOMMUCTL_VFIO_PCI_ROM_REGION_INDEX: the expansion ROM
 * @IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX: configuration space
 * @IOMMUCTL_VFIO_PCI_VGA_REGION_INDEX: the legacy VGA ranges
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX   0 /* BAR n: n */
#define IOMMUCTL_VFIO_PCI_ROM_REGION_INDEX    6
#define IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX 7
#define IOMMUCTL_VFIO_PCI_VGA_REGION_INDEX    8
#define IOMMUCTL_VFIO_PCI_NUM_REGIONS	      9 /* from here on: regions of the device's own kind */

/*
 * What can be done with a region.
 *
 * @IOMMUCTL_VFIO_REGION_INFO_FLAG_READ: iommuctl_vfio_region_read()
 * @IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE: iommuctl_vfio_region_write()
 * @IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP: iommuctl_vfio_region_mmap()
 * @IOMMUCTL_VFIO_REGION_INFO_FLAG_CAPS: the kernel returned capabilities, which are in the other
 *   members
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_READ  (1 << 0)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE (1 << 1)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP  (1 << 2)
#define IOMMUCTL_VFIO_REGION_INFO_FLAG_CAPS  (1 << 3)

/*
 * Information about a region.
 *
 * @index: the region
 * @type, @subtype: its type, if @typed
 *
 * Since: 0.1
 */
struct iommuctl_vfio_region_info {
	uint32_t flags; /* IOMMUCTL_VFIO_REGION_INFO_FLAG_… */
	uint32_t index;
	uint64_t size;	    /* bytes; 0: the device has no such region */
	uint64_t offset;    /* of the region in the device file */
	bool msix_mappable; /* mmap(2) may cover the MSI-X table */
	bool sparse;	    /* only the areas of iommuctl_vfio_region_get_areas() can be mapped */
	bool typed;	    /* type and subtype are valid */
	uint32_t type;
	uint32_t subtype;
};

/*
 * Gets information about a region of a device.
 *
 * @index: the region
 * @info: out: the information
 *
 * Errors:
 *   -EINVAL: no such index
 *   -EPROTO: malformed capabilities
 * Since: 0.1
 */
int iommuctl_vfio_region_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_region_info *info);

/*
 * An area of a region.
 *
 * @size: bytes
 *
 * Since: 0.1
 */
struct iommuctl_vfio_region_area {
	uint64_t offset; /* inside the region */
	uint64_t size;
};

/*
 * Lists the areas of a sparse region that can be mapped.
 *
 * A region that is not sparse has none.
 *
 * @index: the region
 * @areas: out: the areas
 * @count: in: the room in @areas; out: how many areas there are
 *
 * Errors:
 *   -EMSGSIZE: @areas is too small: *@count is still written
 *   others: those of iommuctl_vfio_region_get_info()
 * Since: 0.1
 */
int iommuctl_vfio_region_get_areas(struct iommuctl *ctx, int device, uint32_t index,
	struct iommuctl_vfio_region_area *areas, uint32_t *count);

/*
 * Reads bytes of a region.
 *
 * @region: the region's info, of this device
 * @offset: the first byte in the region
 * @buffer: out: the bytes
 * @size: how many
 *
 * Errors:
 *   -EINVAL: beyond the region's end
 *   -EACCES: the region cannot be read
 *   -EIO: fewer bytes were transferred, or the device does not decode memory
 *   -EBUSY: the kernel could not reserve the BAR, or had no memory to when the device was bound
 *   -ENODEV: the BAR cannot be had
 * Since: 0.1
 */
int iommuctl_vfio_region_read(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, void *buffer, size_t size);

/*
 * Writes bytes of a region.
 *
 * @region: the region's info, of this device
 * @offset: the first byte in the region
 * @buffer: the bytes
 * @size: how many
 *
 * Errors:
 *   -EACCES: the region cannot be written
 *   -EIO: as iommuctl_vfio_region_read(); a part may have been written
 *   others: those of iommuctl_vfio_region_read()
 * Since: 0.1
 */
int iommuctl_vfio_region_write(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, uint64_t offset, const void *buffer,
	size_t size);

/*
 * Maps a part of a region.
 *
 * An access while the device does not decode memory raises SIGBUS.
 *
 * @region: the region's info, of this device
 * @area: the part, starting at a page boundary; its last page is mapped in full
 * @prot: as in mmap(2)
 * @address: out: where it is mapped
 *
 * Ownership: the caller unmaps with iommuctl_munmap().
 * Errors:
 *   -EINVAL: beyond the region's end, no FLAG_MMAP, empty, not starting at a page boundary, or
 *     outside a sparse region's areas
 *   -EBUSY: the kernel could not reserve the BAR, or had no memory to when the device was bound
 *   -ENODEV: the BAR cannot be had
 * Since: 0.1
 */
int iommuctl_vfio_region_mmap(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region,
	const struct iommuctl_vfio_region_area *area, int prot, void **address);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
