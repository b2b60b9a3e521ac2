// SPDX-License-Identifier: MIT
#include "stimulus/stimulus.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>

#include "array.h"

#define PCI_VENDOR_ID	   0x00
#define PCI_COMMAND	   0x04
#define PCI_CLASS_REVISION 0x08
#define PCI_COMMAND_MEMORY 0x2
#define PCI_COMMAND_MASTER 0x4

static const struct stimulus_driver *const drivers[STIMULUS_KINDS] = {
	[STIMULUS_EDU] = &stimulus_edu,
	[STIMULUS_NVME] = &stimulus_nvme,
	[STIMULUS_IGB] = &stimulus_igb,
};

static bool matches(const struct stimulus_ids *ids, const struct stimulus_ids *found)
{
	if (ids->vendor && (ids->vendor != found->vendor || ids->device != found->device))
		return false;
	return !ids->class || ids->class == found->class;
}

static const struct stimulus_driver *find_driver(const struct stimulus_ids *found)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		for (size_t id = 0; drivers[i] && id < drivers[i]->id_count; id++) {
			if (matches(&drivers[i]->ids[id], found))
				return drivers[i];
		}
	}
	return NULL;
}

static int read_ids(const struct stimulus *stimulus, struct stimulus_ids *found)
{
	uint16_t ids[2];
	uint32_t class;
	int err;

	err = iommuctl_vfio_region_read(stimulus->ctx, stimulus->device, &stimulus->config,
		PCI_VENDOR_ID, ids, sizeof(ids));
	if (!err)
		err = iommuctl_vfio_region_read(stimulus->ctx, stimulus->device, &stimulus->config,
			PCI_CLASS_REVISION, &class, sizeof(class));
	if (err)
		return err;
	*found = (struct stimulus_ids){ le16toh(ids[0]), le16toh(ids[1]), le32toh(class) >> 8 };
	return 0;
}

int stimulus_find(struct stimulus *stimulus, struct iommuctl *ctx, int device,
	enum stimulus_kind kind, uint32_t *vendor_device)
{
	struct stimulus_ids found;
	int err;

	*stimulus = (struct stimulus){ .ctx = ctx, .device = device };
	err = iommuctl_vfio_region_get_info(
		ctx, device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &stimulus->config);
	if (!err)
		err = read_ids(stimulus, &found);
	if (err)
		return err;
	*vendor_device = (uint32_t)found.vendor << 16 | found.device;
	stimulus->driver = kind == STIMULUS_ANY ? find_driver(&found) : drivers[kind];
	return stimulus->driver ? 0 : -ENODEV;
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

int stimulus_start(struct stimulus *stimulus, const struct stimulus_memory *memory)
{
	int err;

	stimulus->memory = *memory;
	stimulus->usable = false;
	err = iommuctl_vfio_region_get_info(stimulus->ctx, stimulus->device,
		IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &stimulus->bar0);
	if (!err)
		err = enable_bus_mastering(stimulus);
	if (err)
		return err;
	stimulus->usable = true;
	err = stimulus->driver->start(stimulus);
	stimulus->usable &= !err;
	stimulus->started |= err != -ENODEV;
	return err;
}

void stimulus_stop(struct stimulus *stimulus)
{
	if (stimulus->started && stimulus->driver->stop)
		stimulus->driver->stop(stimulus);
	stimulus->started = stimulus->usable = false;
}
