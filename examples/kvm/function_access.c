// SPDX-License-Identifier: MIT
/* The guest's accesses to a function: which the VMM answers, and which the device. */
#include "function_access.h"

#include <endian.h>

/* PCI Express Device Control Register: bit 15 is a reset of the function. */
#define PCIE_CONTROL_UPPER 9u
#define PCIE_RESET	   0x80u

uint32_t function_config_read(struct function *function, uint32_t offset, uint32_t size)
{
	struct config_space *space = &function->space;
	uint32_t device_value = 0;

	if (config_space_is_passed(space, offset, size))
		device_value = function_read_device(function, offset, size);
	msi_set_pending(&function->msi, space, interrupts_get_pending(&function->interrupts));
	return config_space_read(space, offset, size, device_value);
}

/* An access that is partly the VMM's goes to the device byte by byte. */
static void pass_on(const struct function *function, uint32_t offset, uint32_t size, uint32_t value)
{
	bool whole = true;

	for (uint32_t i = 0; i < size; i++)
		whole = whole && !function->space.own[offset + i];
	if (whole) {
		function_write_device(function, offset, size, value);
		return;
	}
	for (uint32_t i = 0; i < size; i++) {
		if (!function->space.own[offset + i])
			function_write_device(function, offset + i, 1, value >> 8 * i & UINT8_MAX);
	}
}

bool function_config_write(
	struct function *function, uint32_t offset, uint32_t size, uint32_t value)
{
	const uint32_t reset = function->space.pcie + PCIE_CONTROL_UPPER;
	bool asks = false;

	config_space_write(&function->space, offset, size, value);
	if (function->space.pcie && reset >= offset && reset - offset < size) {
		const uint32_t bit = PCIE_RESET << 8 * (reset - offset);

		asks = value & bit && function->can_reset;
		value &= ~bit;
	}
	pass_on(function, offset, size, value);
	return asks;
}

uint64_t function_bar_read(const struct function *function, const struct msi_range *access)
{
	const struct iommuctl_vfio_region_info *region = &function->bars[access->bar].region;
	const unsigned int size = (unsigned int)access->size;
	uint64_t value = 0;

	if (msi_owns(&function->msi, access->bar, access->offset, size))
		return msi_read(
			&function->msi, access, interrupts_get_pending(&function->interrupts));
	if (iommuctl_vfio_region_read(
		    function->ctx, function->device, region, access->offset, &value, access->size))
		return UINT64_MAX;
	return le64toh(value);
}

bool function_bar_write(struct function *function, const struct msi_range *access, uint64_t value)
{
	const struct iommuctl_vfio_region_info *region = &function->bars[access->bar].region;
	const unsigned int size = (unsigned int)access->size;
	const uint64_t bytes = htole64(value);

	if (msi_owns(&function->msi, access->bar, access->offset, size)) {
		msi_write(&function->msi, access, value);
		return true;
	}
	iommuctl_vfio_region_write(
		function->ctx, function->device, region, access->offset, &bytes, access->size);
	return false;
}
