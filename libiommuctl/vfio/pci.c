// SPDX-License-Identifier: MIT
#include <iommuctl/vfio_pci.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/vfio_pci.h"
#include "core/call.h"

/* A segment has no more functions than these. */
#define DEVICES_MAX UINT16_MAX

static int read_answer(const struct abi_vfio_pci_hot_reset_info *info,
	struct iommuctl_vfio_pci_dependent_device *devices, uint32_t room)
{
	if (info->count > room)
		return EPROTO;
	for (uint32_t i = 0; i < info->count; i++) {
		const struct abi_vfio_pci_dependent_device *device = &info->devices[i];

		devices[i] = (struct iommuctl_vfio_pci_dependent_device){
			.id = device->devid,
			.segment = device->segment,
			.bus = device->bus,
			.devfn = device->devfn,
		};
	}
	return 0;
}

int iommuctl_vfio_pci_hot_reset_get_info(struct iommuctl *ctx, int device, uint32_t *flags,
	struct iommuctl_vfio_pci_dependent_device *devices, uint32_t *count)
{
	const uint32_t room = *count < DEVICES_MAX ? *count : DEVICES_MAX;
	const size_t size = sizeof(struct abi_vfio_pci_hot_reset_info) +
			    room * sizeof(struct abi_vfio_pci_dependent_device);
	struct abi_vfio_pci_hot_reset_info *info = calloc(1, size);
	const struct call call = {
		.operation = OP_VFIO_PCI_HOT_RESET_INFO,
		.fd = device,
		.arg = info,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};
	int err;

	if (!info)
		return call_fail(ctx, &call, ENOMEM);
	info->argsz = (uint32_t)size;
	err = call_ioctl(ctx, &call);
	if (!err) {
		err = read_answer(info, devices, room);
		err = err ? call_fail(ctx, &call, err) : 0;
	}
	if (!err)
		*flags = info->flags;
	if (!err || err == -ENOSPC)
		*count = info->count;
	free(info);
	return err;
}

int iommuctl_vfio_pci_hot_reset(struct iommuctl *ctx, int device, const int *groups, uint32_t count)
{
	struct call call = {
		.operation = OP_VFIO_PCI_HOT_RESET,
		.fd = device,
		.facts = count ? 0 : FACT_EMPTY,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};
	struct abi_vfio_pci_hot_reset *reset;
	size_t size;
	int err;

	if (count > DEVICES_MAX) {
		call.facts |= FACT_OUT_OF_BOUNDS;
		return call_fail(ctx, &call, EINVAL);
	}
	size = sizeof(*reset) + count * sizeof(reset->group_fds[0]);
	reset = calloc(1, size);
	if (!reset)
		return call_fail(ctx, &call, ENOMEM);
	reset->argsz = (uint32_t)size;
	reset->count = count;
	if (count)
		memcpy(reset->group_fds, groups, count * sizeof(*groups));
	call.arg = reset;
	err = call_ioctl(ctx, &call);
	free(reset);
	return err;
}

int iommuctl_vfio_ioeventfd_set(
	struct iommuctl *ctx, int device, const struct iommuctl_vfio_ioeventfd_args *args)
{
	struct abi_vfio_device_ioeventfd arg = {
		.argsz = sizeof(arg),
		.flags = args->size & ABI_VFIO_DEVICE_IOEVENTFD_SIZE_MASK,
		.offset = args->region->offset + args->offset,
		.data = args->data,
		.fd = args->eventfd,
	};
	const struct call call = {
		.operation = OP_VFIO_IOEVENTFD,
		.fd = device,
		.arg = &arg,
		.objects = { { "device", (uint64_t)device, SHOW_FD },
			{ "region", args->region->index }, { "offset", args->offset, SHOW_HEX } },
	};

	if (args->offset > args->region->size || args->size > args->region->size - args->offset ||
		args->size & ~ABI_VFIO_DEVICE_IOEVENTFD_SIZE_MASK)
		return call_fail(ctx, &call, EINVAL);
	return call_ioctl(ctx, &call);
}
