/* SPDX-License-Identifier: MIT */
/* A function for tests of what the example's VMM shows of it: its configuration space, as bytes. */
#ifndef TESTS_UNIT_KVM_FUNCTION_H
#define TESTS_UNIT_KVM_FUNCTION_H

#include <stdint.h>
#include <string.h>

#include "config_space.h"
#include "msi.h"

/* Where it has its capabilities. */
#define AT_POWER  0x40
#define AT_MSI	  0x50
#define AT_MSIX	  0x70
#define AT_PCIE	  0xa0
#define AT_AER	  0x100
#define AT_SERIAL 0x140
#define AT_SRIOV  0x160

struct kvm_function {
	uint8_t image[CONFIG_SPACE_SIZE];
	struct bar bars[PCI_BARS];
	struct config_space space;
	struct msi msi;
};

static inline void function_put(
	struct kvm_function *function, uint32_t at, uint32_t value, int size)
{
	for (int i = 0; i < size; i++)
		function->image[at + (uint32_t)i] = (uint8_t)(value >> 8 * i);
}

/* A card: power management, MSI of 4 vectors, MSI-X of 10, PCI Express; AER, serial number, SR-IOV. */
static inline void function_make(struct kvm_function *function)
{
	memset(function, 0, sizeof(*function));
	memset(function->image + 0x40, 0x5a, 0x10);
	function_put(function, 0x00, 0x10c98086, 4);
	function_put(function, 0x04, 0x00100406, 4);
	function_put(function, 0x08, 0x02000001, 4);
	function_put(function, 0x0e, 0x80, 1);
	function_put(function, 0x30, 0xfffe0001, 4);
	function_put(function, 0x34, AT_POWER, 1);
	function_put(function, 0x3c, 0x01ff, 2);
	function_put(function, AT_POWER, 0x00225001, 4);
	function_put(function, AT_MSI, 0x01847005, 4);
	function_put(function, AT_MSIX, 0x0009a011, 4);
	function_put(function, AT_MSIX + 4, 0x00000003, 4);
	function_put(function, AT_MSIX + 8, 0x00002003, 4);
	function_put(function, AT_PCIE, 0x00020010, 4);
	function_put(function, AT_AER, 0x14010001, 4);
	function_put(function, AT_AER + 4, 0x12345678, 4);
	function_put(function, AT_SERIAL, 0x16010003, 4);
	function_put(function, AT_SERIAL + 4, 0xdeadbeef, 4);
	function_put(function, AT_SRIOV, 0x00010010, 4);
	function->bars[0] = (struct bar){ .size = 0x20000 };
	function->bars[1] =
		(struct bar){ .size = UINT64_C(0x200000000), .is_64 = true, .prefetchable = true };
	function->bars[3] = (struct bar){ .size = 0x4000 };
}

static inline void function_power_on(struct kvm_function *function)
{
	config_space_init(&function->space, function->image, CONFIG_SPACE_SIZE, function->bars);
}

/* What a guest reads from a device whose registers hold its image. */
static inline uint32_t function_read(
	const struct kvm_function *function, uint32_t at, uint32_t size)
{
	uint32_t device = 0;

	memcpy(&device, function->image + at, size);
	return config_space_read(&function->space, at, size, device);
}

#endif
