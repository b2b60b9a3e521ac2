// SPDX-License-Identifier: MIT
#include <iommuctl/vfio_power.h>

#include "abi/vfio.h"
#include "vfio/feature.h"

int iommuctl_vfio_low_power_entry(struct iommuctl *ctx, int device)
{
	const struct feature_call entry = {
		.operation = OP_VFIO_LOW_POWER,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
	};

	return feature_exchange(ctx, &entry, NULL, NULL, 0);
}

int iommuctl_vfio_low_power_entry_with_wakeup(struct iommuctl *ctx, int device, int eventfd)
{
	const struct feature_call entry = {
		.operation = OP_VFIO_LOW_POWER,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
		.facts = eventfd < 0 ? FACT_NEGATIVE_FD : 0,
	};
	const struct abi_vfio_device_low_power_entry_with_wakeup wakeup = {
		.wakeup_eventfd = eventfd,
	};

	return feature_exchange(ctx, &entry, &wakeup, NULL, sizeof(wakeup));
}

int iommuctl_vfio_low_power_exit(struct iommuctl *ctx, int device)
{
	const struct feature_call exit = {
		.operation = OP_VFIO_LOW_POWER,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
	};

	return feature_exchange(ctx, &exit, NULL, NULL, 0);
}

int iommuctl_vfio_bus_master_set(struct iommuctl *ctx, int device, bool enable)
{
	const struct feature_call set = {
		.operation = OP_VFIO_BUS_MASTER,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_BUS_MASTER,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
	};
	const struct abi_vfio_device_feature_bus_master master = {
		.op = enable ? ABI_VFIO_DEVICE_FEATURE_SET_MASTER
			     : ABI_VFIO_DEVICE_FEATURE_CLEAR_MASTER,
	};

	return feature_exchange(ctx, &set, &master, NULL, sizeof(master));
}
