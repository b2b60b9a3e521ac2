// SPDX-License-Identifier: MIT
/* A device of the model as VFIO shows it: what it is, its regions and its features. */
#include <fcntl.h>
#include <unistd.h>

#include "model_vfio_fixture.h"

TestSuite(model_vfio);

Test(model_vfio, only_a_bound_file_is_a_device)
{
	struct abi_vfio_device_info info = { .argsz = sizeof(info) };
	struct machine machine;
	uint32_t value;

	machine_start(&machine, NULL);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	cr_expect_eq(call(&machine, machine.devices[0], 0x1234, &info), -EINVAL);
	cr_expect_eq(region_read(&machine, &value, 4, 0), -EINVAL);
	machine_bind(&machine);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, &info), 0);
	cr_expect_eq(call(&machine, machine.devices[0], 0x1234, &info), -ENOTTY);
	machine_stop(&machine);
}

Test(model_vfio, binding_checks_the_struct_then_the_file)
{
	struct {
		struct abi_vfio_device_bind_iommufd args;
		uint64_t more;
	} call_args;
	struct machine machine;
	int pipe_fds[2];
	const struct {
		uint32_t argsz;
		uint32_t flags;
		int32_t iommufd;
		uint64_t token;
		uint64_t more;
		int expected;
	} cases[] = {
		{ .argsz = 15, .expected = -EINVAL },
		{ .argsz = 32, .more = 1, .expected = -E2BIG },
		{ .argsz = 24, .iommufd = -1, .expected = -EINVAL },
		{ .argsz = 24, .flags = 2, .expected = -EINVAL },
		{ .argsz = 24, .flags = 1, .iommufd = 9999, .expected = -EFAULT },
		{ .argsz = 24,
			.flags = 1,
			.iommufd = 9999,
			.token = (uintptr_t)&call_args,
			.expected = -EINVAL },
		{ .argsz = 24, .iommufd = 9999, .expected = -EBADF },
		{ .argsz = 24, .iommufd = 1, .expected = -EBADFD },
	};

	cr_assert_eq(pipe(pipe_fds), 0);
	machine_start(&machine, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		call_args.args = (struct abi_vfio_device_bind_iommufd){
			.argsz = cases[i].argsz,
			.flags = cases[i].flags,
			.iommufd = cases[i].iommufd == 1 ? pipe_fds[0] : cases[i].iommufd,
			.token_uuid_ptr = cases[i].token,
		};
		call_args.more = cases[i].more;
		cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_BIND_IOMMUFD,
				     &call_args),
			cases[i].expected, "case %zu", i);
	}
	call_args.args = (struct abi_vfio_device_bind_iommufd){
		.argsz = 24,
		.iommufd = machine.devices[1],
	};
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_BIND_IOMMUFD, &call_args),
		-EBADFD);
	machine_stop(&machine);
}

Test(model_vfio, a_device_is_bound_once)
{
	struct machine machine;
	uint32_t dev_id;
	int second;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	second = machine_open_file(&machine, "/dev/vfio/devices/vfio0");
	cr_expect_eq(bind_device(&machine, machine.devices[0], machine.iommufd, &dev_id), -EINVAL);
	cr_expect_eq(bind_device(&machine, second, machine.iommufd, &dev_id), -EINVAL);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	cr_expect_eq(bind_device(&machine, second, machine.iommufd, &dev_id), 0);
	cr_expect_eq(dev_id, machine.dev_ids[0]);
	machine_stop(&machine);
}

Test(model_vfio, reports_what_it_is)
{
	struct abi_vfio_device_info info = { .argsz = sizeof(info) };
	struct machine machine;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, &info), 0);
	cr_expect_eq(info.flags, ABI_VFIO_DEVICE_FLAGS_PCI);
	cr_expect_eq(info.num_regions, 9);
	cr_expect_eq(info.num_irqs, 5);
	info.argsz = 15;
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, NULL), -EFAULT);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_RESET, NULL), -EINVAL);
	machine_stop(&machine);
}

static const struct iommuctl_model_config resetting = {
	.smmu_count = 1,
	.device_count = 2,
	.devices = { { .pci = "0000:00:01.0", .resets = true }, { .pci = "0000:00:02.0" } },
};

Test(model_vfio, a_device_that_resets_says_so_and_keeps_its_configuration)
{
	const int64_t config = (int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << 40;
	struct abi_vfio_device_info info = { .argsz = sizeof(info) };
	uint32_t identity = 5;
	uint16_t command = htole16(6);
	struct machine machine;

	machine_start(&machine, &resetting);
	machine_bind(&machine);
	cr_assert_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_INFO, &info), 0);
	cr_expect_eq(info.flags, ABI_VFIO_DEVICE_FLAGS_PCI | ABI_VFIO_DEVICE_FLAGS_RESET);
	machine.transport->write(machine.transport, machine.devices[0], &command, 2, config + 4);
	machine.transport->write(machine.transport, machine.devices[0], &identity, 4, 4);
	cr_assert_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_RESET, NULL), 0);
	machine.transport->read(machine.transport, machine.devices[0], &identity, 4, 4);
	cr_expect_eq(identity, 0);
	machine.transport->read(machine.transport, machine.devices[0], &command, 2, config + 4);
	cr_expect_eq(le16toh(command), 6);
	machine_stop(&machine);
}

static const struct iommuctl_model_config kept_by_firmware = {
	.smmu_count = 1,
	.device_count = 3,
	.devices = {
		{ .pci = "0000:00:01.0", .group = 7 },
		{ .pci = "0000:00:01.1", .group = 7, .direct_start = 1 << 20, .direct_size = 1 << 20 },
		{ .pci = "0000:00:02.0" },
	},
};

Test(model_vfio, no_device_of_a_group_that_firmware_maps_one_to_one_is_bound)
{
	struct machine machine;
	uint32_t dev_id;

	machine_start(&machine, &kept_by_firmware);
	cr_expect_eq(bind_device(&machine, machine.devices[0], machine.iommufd, &dev_id), -EINVAL);
	cr_expect_eq(bind_device(&machine, machine.devices[1], machine.iommufd, &dev_id), -EINVAL);
	cr_expect_eq(bind_device(&machine, machine_open_file(&machine, "/dev/vfio/devices/vfio2"),
			     machine.iommufd, &dev_id),
		0);
	machine_stop(&machine);
}

/* As the rig's kernel describes QEMU's edu, except that the BAR can be mapped there. */
Test(model_vfio, has_the_regions_of_edu)
{
	static const struct {
		uint32_t flags;
		uint64_t size;
		int expected;
	} cases[] = {
		{ 3, 1 << 20, 0 },
		{ 0, 0, 0 },
		{ 0, 0, 0 },
		{ 0, 0, 0 },
		{ 0, 0, 0 },
		{ 0, 0, 0 },
		{ 0, 0, 0 },
		{ 3, 256, 0 },
		{ 0, 0, -EINVAL },
		{ 0, 0, -EINVAL },
	};
	struct machine machine;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_vfio_region_info info = { .argsz = sizeof(info), .index = i };
		int ret =
			call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_REGION_INFO, &info);

		cr_expect_eq(ret, cases[i].expected, "region %u", i);
		cr_expect_eq(info.flags, cases[i].flags, "region %u", i);
		cr_expect_eq(info.size, cases[i].size, "region %u", i);
		cr_expect_eq(info.offset, ret ? 0 : REGION(i), "region %u", i);
	}
	machine_stop(&machine);
}

Test(model_vfio, has_the_interrupts_of_edu)
{
	static const struct {
		uint32_t flags;
		uint32_t count;
		int expected;
	} cases[] = { { 7, 1, 0 }, { 9, 1, 0 }, { 9, 0, 0 }, { 9, 1, 0 }, { 9, 1, 0 },
		{ 0, 0, -EINVAL } };
	struct machine machine;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_vfio_irq_info info = { .argsz = sizeof(info), .index = i };

		cr_expect_eq(
			call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_IRQ_INFO, &info),
			cases[i].expected, "interrupt %u", i);
		cr_expect_eq(info.flags, cases[i].flags, "interrupt %u", i);
		cr_expect_eq(info.count, cases[i].count, "interrupt %u", i);
	}
	machine_stop(&machine);
}

Test(model_vfio, reads_regions_within_their_bounds)
{
	static const struct {
		uint64_t offset;
		size_t size;
		ssize_t expected;
	} cases[] = {
		{ 0, 4, 4 },
		{ (1 << 20) - 4, 8, 4 },
		{ 1 << 20, 4, -EINVAL },
		{ REGION(1), 4, -EINVAL },
		{ REGION(6), 4, -EINVAL },
		{ REGION(8), 4, -EINVAL },
		{ REGION(9), 4, -EINVAL },
		{ REGION(9), 0, 0 },
		{ CONFIG, 8, 8 },
		{ CONFIG + 252, 4, 4 },
		{ CONFIG + 252, 8, -EFAULT },
		{ CONFIG + 256, 1, -EFAULT },
	};
	struct machine machine;
	uint32_t buffer[2];

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(region_read(&machine, buffer, cases[i].size, cases[i].offset),
			cases[i].expected, "case %zu", i);
	cr_assert_eq(region_read(&machine, buffer, 4, 0), 4);
	cr_expect_eq(le32toh(buffer[0]), EDU_ID);
	set_command(&machine, 0);
	cr_expect_eq(region_read(&machine, buffer, 4, 0), -EIO, "memory is disabled");
	machine_stop(&machine);
}

Test(model_vfio, has_the_features_of_the_rigs_kernel)
{
	const uint32_t get = ABI_VFIO_DEVICE_FEATURE_GET, set = ABI_VFIO_DEVICE_FEATURE_SET;
	const uint32_t probe = ABI_VFIO_DEVICE_FEATURE_PROBE;
	const struct {
		uint32_t flags;
		int expected;
	} cases[] = {
		{ ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN | set, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_MIGRATION | get, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE | get, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE | set, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY | get, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY | probe, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY | set, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY | set, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP | probe | set, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP | get, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT | set, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY | set, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START | set, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP | set, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT | get, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE | get, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_BUS_MASTER | set, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_BUF | probe | get, 0 },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_BUF | probe | set, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_BUF | get, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_DMA_BUF, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 | probe, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_ZPCI_ERROR | get, -ENOTTY },
		{ ABI_VFIO_DEVICE_FEATURE_ZPCI_ERROR | get | set, -EINVAL },
		{ ABI_VFIO_DEVICE_FEATURE_ZPCI_ERROR | get | 1u << 19, -EINVAL },
	};
	struct machine machine;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union {
			struct abi_vfio_device_feature feature;
			unsigned char bytes[64];
		} args = { .feature = { .argsz = sizeof(args), .flags = cases[i].flags } };

		cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_FEATURE, &args),
			cases[i].expected, "case %zu", i);
	}
	machine_stop(&machine);
}
