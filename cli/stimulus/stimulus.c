// SPDX-License-Identifier: MIT
#include "stimulus/stimulus.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>

#define PCI_VENDOR_ID      0x00
#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x2
#define PCI_COMMAND_MASTER 0x4

static const struct stimulus_driver *const drivers[] = {
	&stimulus_edu,
};

static const struct stimulus_driver *find_driver(uint16_t vendor, uint16_t device)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		if (drivers[i]->vendor == vendor && drivers[i]->device == device)
			return drivers[i];
	}
	return NULL;
}

static int enable_bus_mastering(struct stimulus *stimulus)
{
	uint16_t command;
	int err;

	err = iommuctl_vfio_region_read(stimulus->ctx, stimulus->device, &stimulus->config,
		PCI_COMMAND, &command, sizeof(command));
	if (err)
		return err;
	command |= htole16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	return iommuctl_vfio_region_write(stimulus->ctx, stimulus->device, &stimulus->config,
		PCI_COMMAND, &command, sizeof(command));
}

int stimulus_init(struct stimulus *stimulus, struct iommuctl *ctx, int device,
	uint32_t *vendor_device)
{
	uint16_t ids[2];
	int err;

	*stimulus = (struct stimulus){ .ctx = ctx, .device = device };
	err = iommuctl_vfio_region_get_info(
		ctx, device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &stimulus->config);
	if (!err)
		err = iommuctl_vfio_region_read(
			ctx, device, &stimulus->config, PCI_VENDOR_ID, ids, sizeof(ids));
	if (err)
		return err;
	*vendor_device = (uint32_t)le16toh(ids[0]) << 16 | le16toh(ids[1]);
	stimulus->driver = find_driver(le16toh(ids[0]), le16toh(ids[1]));
	if (!stimulus->driver)
		return -ENODEV;
	err = iommuctl_vfio_region_get_info(
		ctx, device, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &stimulus->bar0);
	if (!err)
		err = enable_bus_mastering(stimulus);
	return err ? err : stimulus->driver->start(stimulus);
}
