// SPDX-License-Identifier: MIT
/* Resets of the bus that a device of the model is on. */
#include <stdlib.h>

#include "abi/vfio_pci.h"
#include "model_vfio_fixture.h"

TestSuite(model_hot_reset);

static const struct {
	uint32_t request;
	uint32_t words[4]; /* argsz, flags, count */
	int expected;
} resets[] = {
	{ ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, { 11 }, -EINVAL },
	{ ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, { 12, 1, 1 }, -ENODEV },
	{ ABI_VFIO_DEVICE_PCI_HOT_RESET, { 11 }, -EINVAL },
	{ ABI_VFIO_DEVICE_PCI_HOT_RESET, { 12, 1 }, -EINVAL },
	{ ABI_VFIO_DEVICE_PCI_HOT_RESET, { 16, 0, 1 }, -EINVAL },
	{ ABI_VFIO_DEVICE_PCI_HOT_RESET, { 12 }, -ENODEV },
};

Test(model_hot_reset, a_root_bus_is_not_reset)
{
	struct machine machine;
	uint32_t words[4];

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(resets); i++) {
		memcpy(words, resets[i].words, sizeof(words));
		cr_expect_eq(call(&machine, machine.devices[0], resets[i].request, words),
			resets[i].expected, "%zu", i);
	}
	machine_stop(&machine);
}

static const struct iommuctl_model_config behind_ports = {
	.smmu_count = 1,
	.device_count = 3,
	.devices = { { .pci = "0000:0a:00.0" }, { .pci = "0000:0a:1f.7" },
		{ .pci = "0000:0b:00.0" } },
};

static int hot_reset(struct machine *machine)
{
	struct abi_vfio_pci_hot_reset reset = { .argsz = sizeof(reset) };

	return call(machine, machine->devices[0], ABI_VFIO_DEVICE_PCI_HOT_RESET, &reset);
}

Test(model_hot_reset, a_bus_behind_a_port_is_reset_by_the_owner_of_all_its_devices)
{
	const uint32_t size = sizeof(struct abi_vfio_pci_hot_reset_info) +
			      2 * sizeof(struct abi_vfio_pci_dependent_device);
	struct abi_vfio_pci_hot_reset_info *info = calloc(1, size);
	struct machine machine;
	uint32_t dev_id;

	cr_assert_not_null(info);
	info->argsz = sizeof(*info);
	machine_start(&machine, &behind_ports);
	cr_assert_eq(bind_device(&machine, machine.devices[0], machine.iommufd, &dev_id), 0);
	cr_expect_eq(
		call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info),
		-ENOSPC);
	cr_expect_eq(info->count, 2);
	info->argsz = size;
	cr_assert_eq(
		call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info),
		0);
	cr_expect_eq(info->flags, ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID);
	cr_expect_eq(info->devices[0].devid, dev_id);
	cr_expect_eq(info->devices[1].devid, (uint32_t)ABI_VFIO_PCI_DEVID_NOT_OWNED);
	cr_expect_eq(info->devices[1].bus, 0x0a);
	cr_expect_eq(info->devices[1].devfn, 0xff);
	cr_expect_eq(hot_reset(&machine), -EINVAL);

	cr_assert_eq(bind_device(&machine, machine.devices[1], machine.iommufd, &dev_id), 0);
	cr_expect_eq(hot_reset(&machine), 0);
	machine_stop(&machine);
	free(info);
}
