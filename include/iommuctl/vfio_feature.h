/* SPDX-License-Identifier: MIT */
/*
 * Features of a VFIO device, and dma-bufs of its regions.
 *
 * Common: vfio.h
 * Source: drivers/vfio/vfio_main.c and drivers/vfio/pci/vfio_pci_core.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_FEATURE_H
#define IOMMUCTL_VFIO_FEATURE_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vfio_region.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Features.
 *
 * @IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: the VF token of a PF, 16 bytes, which can be set but
 *   not read; its VFs are bound with it by iommuctl_vfio_bind_iommufd()
 * @IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF: iommuctl_vfio_dma_buf_export()
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN 0
#define IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF	  11

/*
 * What can be done with a feature.
 *
 * @IOMMUCTL_VFIO_DEVICE_FEATURE_GET: iommuctl_vfio_feature_get()
 * @IOMMUCTL_VFIO_DEVICE_FEATURE_SET: iommuctl_vfio_feature_set()
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_DEVICE_FEATURE_GET (1 << 16)
#define IOMMUCTL_VFIO_DEVICE_FEATURE_SET (1 << 17)

/*
 * Asks whether a device has a feature with all of the given operations.
 *
 * It does if the call succeeds.
 *
 * @feature: IOMMUCTL_VFIO_DEVICE_FEATURE_…, or another of the kernel's
 * @operations: IOMMUCTL_VFIO_DEVICE_FEATURE_GET, SET, or both
 *
 * Errors:
 *   -ENOTTY: no such feature
 *   -EINVAL: not those operations
 *   -EOPNOTSUPP: the driver does not offer it
 * Since: 0.1
 */
int iommuctl_vfio_feature_probe(
	struct iommuctl *ctx, int device, uint16_t feature, uint32_t operations);

/*
 * Reads a feature.
 *
 * For DMA_BUF use iommuctl_vfio_dma_buf_export().
 *
 * @feature: IOMMUCTL_VFIO_DEVICE_FEATURE_…, or another of the kernel's
 * @data: in: the input of the feature; out: its value
 * @size: bytes of @data
 *
 * Errors:
 *   -ENOTTY: no such feature
 *   -EINVAL: it cannot be read, @size is too small, or it is DMA_BUF, which has its own function
 *   -EOPNOTSUPP: the driver does not offer it
 *   -EOVERFLOW: @size is beyond 32 bits
 * Since: 0.1
 */
int iommuctl_vfio_feature_get(
	struct iommuctl *ctx, int device, uint16_t feature, void *data, size_t size);

/*
 * Writes a feature.
 *
 * @feature: IOMMUCTL_VFIO_DEVICE_FEATURE_…, or another of the kernel's
 * @data: the new value
 * @size: bytes of @data
 *
 * Errors:
 *   -ENOTTY: no such feature
 *   -EINVAL: it cannot be written, @size is too small, or the feature has output: MIG_DEVICE_STATE
 *     and DMA_LOGGING_START have their own functions
 *   -EOPNOTSUPP: the driver does not offer it
 *   -EOVERFLOW: @size is beyond 32 bits
 * Since: 0.1
 */
int iommuctl_vfio_feature_set(
	struct iommuctl *ctx, int device, uint16_t feature, const void *data, size_t size);

/* The arguments of iommuctl_vfio_dma_buf_export(). Since: 0.1 */
struct iommuctl_vfio_dma_buf_export_args {
	uint32_t index;	     /* of the region */
	uint32_t open_flags; /* those of open(2): access mode and O_CLOEXEC */
	const struct iommuctl_vfio_region_area *areas; /* inside of the region */
	uint32_t count;				       /* of the areas */
};

/*
 * Makes a dma-buf of areas of a region, for iommuctl_ioas_map_file().
 *
 * @args: the arguments
 * @dma_buf: out: the file descriptor
 *
 * Ownership: the caller closes *@dma_buf.
 * Errors:
 *   -ENOTTY, -EOPNOTSUPP: no CONFIG_VFIO_PCI_DMABUF, or not for this device
 *   -EINVAL: no area, or one that is empty, misaligned or outside
 *   -ENODEV: the region is not an available BAR
 *   -EOVERFLOW: the areas have more than 32 bits of bytes, or one ends beyond the address space of
 *     the region
 * Since: 0.1
 * Source: drivers/vfio/pci/vfio_pci_dmabuf.c.
 */
int iommuctl_vfio_dma_buf_export(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_buf_export_args *args, int *dma_buf);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
