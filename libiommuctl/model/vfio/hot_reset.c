// SPDX-License-Identifier: MIT
/*
 * VFIO's PCI-only operations. Devices on bus 0 of a segment are on a root bus, which cannot be
 * reset; those on another bus are behind a port, and are reset together.
 */
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "abi/vfio_pci.h"

/* The segment and the bus of an address "0000:00:00.0". */
#define BUS_AT	   5
#define DEVICE_AT  8
#define BUS_LENGTH 7

static uint32_t address_part(const struct model_device *device, size_t at)
{
	return (uint32_t)strtoul(device->config.pci + at, NULL, 16);
}

static bool is_on_root_bus(const struct model_device *device)
{
	return address_part(device, BUS_AT) == 0;
}

/* The devices on the bus of @device: the first after @after, or NULL. */
static struct model_device *bus_next(
	const struct model_device *device, const struct model_device *after)
{
	struct iommuctl_model *model = device->model;

	for (size_t i = after ? after->index + 1 : 0; i < model->config.device_count; i++) {
		struct model_device *at = &model->devices[i];

		if (strncasecmp(at->config.pci, device->config.pci, BUS_LENGTH) == 0)
			return at;
	}
	return NULL;
}

/* How @by identifies @device: its id, or one of two special values. */
static uint32_t id_for(const struct model_device *device, const struct model_iommufd *by)
{
	const struct model_device *at = NULL;

	if (device->iommufd == by)
		return device->object.id;
	while ((at = model_group_next(device, at)))
		if (at->iommufd == by)
			return ABI_VFIO_PCI_DEVID_OWNED;
	return (uint32_t)ABI_VFIO_PCI_DEVID_NOT_OWNED;
}

static int tell_devices(const struct model_device *device, struct abi_vfio_pci_hot_reset_info *info,
	uintptr_t devices)
{
	const struct model_device *at = NULL;
	int err = 0;

	info->flags = ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID | ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED;
	while (!err && (at = bus_next(device, at))) {
		const struct abi_vfio_pci_dependent_device one = {
			.devid = id_for(at, device->iommufd),
			.segment = (uint16_t)address_part(at, 0),
			.bus = (uint8_t)address_part(at, BUS_AT),
			.devfn = (uint8_t)(address_part(at, DEVICE_AT) << 3 |
					   address_part(at, DEVICE_AT + 3)),
		};

		if (one.devid == (uint32_t)ABI_VFIO_PCI_DEVID_NOT_OWNED)
			info->flags &= ~(uint32_t)ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED;
		err = model_copy_out(devices, &one, sizeof(one));
		devices += sizeof(one);
	}
	return err;
}

/* VFIO_DEVICE_GET_PCI_HOT_RESET_INFO */
int model_device_get_hot_reset_info(struct model_device *device, void *arg)
{
	struct abi_vfio_pci_hot_reset_info info;
	const struct model_device *at = NULL;
	int answer = 0, err = model_copy_in(&info, (uintptr_t)arg, sizeof(info));

	if (err)
		return err;
	if (info.argsz < sizeof(info))
		return -EINVAL;
	if (is_on_root_bus(device))
		return -ENODEV;
	info.flags = 0;
	info.count = 0;
	while ((at = bus_next(device, at)))
		info.count++;
	if (info.count > (info.argsz - sizeof(info)) / sizeof(info.devices[0]))
		answer = -ENOSPC;
	else
		err = tell_devices(device, &info, (uintptr_t)arg + sizeof(info));
	if (!err)
		err = model_copy_out((uintptr_t)arg, &info, sizeof(info));
	return err ? err : answer;
}

/* VFIO_DEVICE_PCI_HOT_RESET: these devices have cdevs, which pass no groups. */
int model_device_hot_reset(struct model_device *device, void *arg)
{
	struct abi_vfio_pci_hot_reset reset;
	struct model_device *at = NULL;
	int err = model_copy_in(&reset, (uintptr_t)arg, sizeof(reset));

	if (err)
		return err;
	if (reset.argsz < sizeof(reset) || reset.flags || reset.count)
		return -EINVAL;
	if (is_on_root_bus(device))
		return -ENODEV;
	while ((at = bus_next(device, at)))
		if (id_for(at, device->iommufd) == (uint32_t)ABI_VFIO_PCI_DEVID_NOT_OWNED)
			return -EINVAL;
	while ((at = bus_next(device, at)))
		model_device_reset(at);
	return 0;
}
