/* SPDX-License-Identifier: MIT */
/* Devices that can be told to do DMA and to interrupt: one driver each, chosen by PCI ids. */
#ifndef CLI_STIMULUS_STIMULUS_H
#define CLI_STIMULUS_STIMULUS_H

#include <stdint.h>

#include <iommuctl/vfio.h>

struct stimulus;

struct stimulus_driver {
	const char *name;
	uint16_t vendor;
	uint16_t device;

	/* The most that one transfer moves, in bytes, and how many interrupt vectors there are. */
	uint32_t transfer_max;
	uint32_t vectors;

	/* Puts the device into the state in which the rest works; -ENODEV: it does not answer. */
	int (*start)(struct stimulus *stimulus);

	/* Reads @size bytes at @iova into the device's own buffer, or writes them from there. */
	int (*dma_read)(struct stimulus *stimulus, uint64_t iova, uint32_t size);
	int (*dma_write)(struct stimulus *stimulus, uint64_t iova, uint32_t size);

	/* Raises interrupt @vector (-EPROTO: it does not); takes it back once it has been seen. */
	int (*raise_irq)(struct stimulus *stimulus, uint32_t vector);
	int (*clear_irq)(struct stimulus *stimulus, uint32_t vector);
};

struct stimulus {
	const struct stimulus_driver *driver;
	struct iommuctl *ctx;
	int device; /* a bound VFIO device; stays the caller's */
	struct iommuctl_vfio_region_info config;
	struct iommuctl_vfio_region_info bar0;
};

/*
 * Prepares @stimulus for the bound @device: finds a driver, lets the device master the bus and
 * answer on its BARs, and starts it. There is nothing to release.
 *
 * -ENODEV: no driver knows the device, whose ids are then in @vendor_device (vendor << 16 |
 * device), or it does not answer as @stimulus->driver expects; else the errors of the library's
 * calls.
 */
int stimulus_init(
	struct stimulus *stimulus, struct iommuctl *ctx, int device, uint32_t *vendor_device);

extern const struct stimulus_driver stimulus_edu;

#endif
