// SPDX-License-Identifier: MIT
/* Eventfds that write to the BARs of the model's devices. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "abi/vfio_pci.h"
#include "model_vfio_fixture.h"

#define LIVENESS   4
#define DMA_SOURCE 0x80
#define BAR_SIZE   (UINT64_C(1) << 20)
#define MEMORY_BAR 2

static const struct iommuctl_model_config with_memory = {
	.smmu_count = 1,
	.device_count = 2,
	.devices = { { .pci = "0000:00:01.0", .memory_bar = true }, { .pci = "0000:00:02.0" } },
};

static struct machine machine;
static int event;

static void start(void)
{
	machine_start(&machine, &with_memory);
	machine_bind(&machine);
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void stop(void)
{
	close(event);
	machine_stop(&machine);
}

TestSuite(model_ioeventfd, .init = start, .fini = stop);

static int set(uint64_t offset, uint32_t size, uint64_t data, int fd)
{
	struct abi_vfio_device_ioeventfd args = {
		.argsz = sizeof(args),
		.flags = size,
		.offset = offset,
		.data = data,
		.fd = fd,
	};

	return call(&machine, machine.devices[0], ABI_VFIO_DEVICE_IOEVENTFD, &args);
}

static uint64_t value_at(uint64_t offset, size_t size)
{
	uint64_t value = 0;

	cr_assert_eq(region_read(&machine, &value, size, offset), (ssize_t)size);
	return le64toh(value);
}

static bool is_signalled(void)
{
	uint64_t count;

	return read(event, &count, sizeof(count)) == sizeof(count);
}

Test(model_ioeventfd, is_for_what_lies_within_a_bar)
{
	static const struct {
		uint64_t offset;
		uint32_t size;
		int expected;
	} cases[] = {
		{ LIVENESS, 1, 0 },
		{ LIVENESS, 2, 0 },
		{ LIVENESS, 4, 0 },
		{ LIVENESS, 8, 0 },
		{ 1, 4, 0 },
		{ BAR_SIZE - 8, 8, 0 },
		{ REGION(MEMORY_BAR), 8, 0 },
		{ LIVENESS, 0, -EINVAL },
		{ LIVENESS, 3, -EINVAL },
		{ LIVENESS, 16, -EINVAL },
		{ LIVENESS, 20, -EINVAL },
		{ BAR_SIZE - 4, 8, -EINVAL },
		{ BAR_SIZE, 1, -EINVAL },
		{ REGION(1), 4, -EINVAL },
		{ REGION(6), 4, -EINVAL },
		{ CONFIG, 4, -EINVAL },
		{ UINT64_MAX, 1, -EINVAL },
	};
	uint32_t words[8] = { 27 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(set(cases[i].offset, cases[i].size, 0, event), cases[i].expected,
			"case %zu", i);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_IOEVENTFD, words), -EINVAL);
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_IOEVENTFD, NULL), -EFAULT);
}

Test(model_ioeventfd, is_known_by_place_size_and_data)
{
	cr_expect_eq(set(LIVENESS, 4, 1, -1), -ENODEV);
	cr_expect_eq(set(LIVENESS, 4, 1, -2), -EINVAL);
	cr_expect_eq(set(LIVENESS, 4, 1, event), 0);
	cr_expect_eq(set(LIVENESS, 4, 1, event), -EEXIST);
	cr_expect_eq(set(LIVENESS, 4, 1, 9999), -EEXIST);
	cr_expect_eq(set(LIVENESS, 4, 2, event), 0);
	cr_expect_eq(set(LIVENESS, 8, 1, event), 0);
	cr_expect_eq(set(LIVENESS + 4, 4, 1, event), 0);
	cr_expect_eq(set(LIVENESS, 4, 3, -1), -ENODEV);
	cr_expect_eq(set(LIVENESS, 4, 1, -1), 0);
	cr_expect_eq(set(LIVENESS, 4, 1, -1), -ENODEV);
	cr_expect_eq(set(LIVENESS, 4, 1, 9999), -EBADF);
	cr_expect_eq(set(LIVENESS, 4, 1, STDIN_FILENO), -EINVAL);
	cr_expect_eq(set(LIVENESS, 4, 1, machine.devices[0]), -EINVAL);
	cr_expect_eq(set(LIVENESS, 4, 1, event), 0);
}

Test(model_ioeventfd, there_are_at_most_a_thousand)
{
	for (uint64_t i = 0; i < 1000; i++)
		cr_assert_eq(set(LIVENESS, 4, i, event), 0);
	cr_expect_eq(set(LIVENESS, 4, 1000, event), -ENOSPC);
	cr_expect_eq(set(LIVENESS, 4, 0, -1), 0);
	cr_expect_eq(set(LIVENESS, 4, 1000, event), 0);
}

Test(model_ioeventfd, writes_what_it_was_given)
{
	cr_assert_eq(set(LIVENESS, 4, 0x12345678, event), 0);
	cr_assert_eq(set(REGION(MEMORY_BAR) + 9, 2, 0xaabbccdd, event), 0);
	cr_expect_eq(value_at(LIVENESS, 4), 0);
	cr_assert_eq(eventfd_write(event, 1), 0);
	cr_expect_eq(value_at(LIVENESS, 4), ~0x12345678u);
	cr_expect_not(is_signalled());
}

Test(model_ioeventfd, writes_as_many_bytes_as_it_says)
{
	cr_assert_eq(set(REGION(MEMORY_BAR) + 9, 2, 0xaabbccdd, event), 0);
	cr_assert_eq(eventfd_write(event, 1), 0);
	cr_expect_eq(value_at(REGION(MEMORY_BAR) + 8, 8), 0xccdd00);
	cr_assert_eq(set(REGION(MEMORY_BAR) + 9, 2, 0xaabbccdd, -1), 0);
	cr_assert_eq(set(DMA_SOURCE, 8, 0x1122334455667788, event), 0);
	cr_assert_eq(eventfd_write(event, 1), 0);
	cr_expect_eq(value_at(DMA_SOURCE, 8), 0x1122334455667788);
}

Test(model_ioeventfd, what_was_signalled_before_counts)
{
	cr_assert_eq(eventfd_write(event, 1), 0);
	cr_assert_eq(set(LIVENESS, 4, 0, event), 0);
	cr_expect_eq(value_at(LIVENESS, 4), UINT32_MAX);
}

Test(model_ioeventfd, is_lost_while_memory_is_off)
{
	cr_assert_eq(set(LIVENESS, 4, 5, event), 0);
	set_command(&machine, 0);
	cr_assert_eq(eventfd_write(event, 1), 0);
	set_command(&machine, MEMORY);
	cr_expect_eq(value_at(LIVENESS, 4), 0);
}

Test(model_ioeventfd, ends_with_its_device)
{
	cr_assert_eq(set(LIVENESS, 4, 5, event), 0);
	machine_close(&machine, machine.devices[0]);
	cr_assert_eq(eventfd_write(event, 1), 0);
	machine.devices[0] = machine_open_file(&machine, "/dev/vfio/devices/vfio0");
	machine_bind_first(&machine);
	cr_expect_eq(value_at(LIVENESS, 4), 0);
	cr_expect(is_signalled());
	cr_expect_eq(set(LIVENESS, 4, 5, event), 0);
}
