// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/info.h"

static int atomic_comp_parse(const void *data, size_t size, uint32_t *flags)
{
	struct abi_vfio_device_info_cap_pci_atomic_comp atomic_comp;
	struct abi_vfio_device_info fixed;
	struct info_cap cap;
	int ret;

	memcpy(&fixed, data, sizeof(fixed));
	*flags = 0;
	if (!(fixed.flags & ABI_VFIO_DEVICE_FLAGS_CAPS))
		return 0;
	ret = info_cap_find(data, size, fixed.cap_offset, ABI_VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP,
		sizeof(atomic_comp), &cap);
	if (ret || !cap.at)
		return ret;
	memcpy(&atomic_comp, cap.at, sizeof(atomic_comp));
	*flags = atomic_comp.flags;
	return 0;
}

int iommuctl_vfio_device_get_info(
	struct iommuctl *ctx, int device, struct iommuctl_vfio_device_info *info)
{
	struct abi_vfio_device_info fixed = { 0 };
	struct call call = {
		.operation = OP_VFIO_GET_INFO,
		.fd = device,
		.arg = &fixed,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};
	uint32_t atomic_comp;
	size_t size;
	void *data;
	int ret;

	ret = info_get(ctx, &call, sizeof(fixed), &data, &size);
	if (ret)
		return ret;
	memcpy(&fixed, data, sizeof(fixed));
	ret = atomic_comp_parse(data, size, &atomic_comp);
	free(data);
	if (ret)
		return call_fail(ctx, &call, -ret);
	*info = (struct iommuctl_vfio_device_info){
		.flags = fixed.flags,
		.num_regions = fixed.num_regions,
		.num_irqs = fixed.num_irqs,
		.pci_atomic_comp = atomic_comp,
	};
	return 0;
}
