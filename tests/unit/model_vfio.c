// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model_fixture.h"
#include "model_smmu_recorder.h"

TestSuite(model_vfio);

#define REGION(index) ((uint64_t)(index) << 40)
#define CONFIG	      REGION(ABI_VFIO_PCI_CONFIG_REGION_INDEX)
#define EDU_ID	      0x010000edu
#define EDU_IRQ_RAISE 0x60
#define EDU_IRQ_ACK   0x64
#define COMMAND	      (CONFIG + 4)
#define MEMORY	      0x2
#define MASTER	      0x4
#define INTX_DISABLE  0x400
#define DOORBELL      UINT64_C(0x8000040)

#define TRIGGER ABI_VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK	ABI_VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	ABI_VFIO_IRQ_SET_ACTION_UNMASK
#define NONE	ABI_VFIO_IRQ_SET_DATA_NONE
#define BOOL	ABI_VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD ABI_VFIO_IRQ_SET_DATA_EVENTFD
#define INTX	ABI_VFIO_PCI_INTX_IRQ_INDEX
#define MSI	ABI_VFIO_PCI_MSI_IRQ_INDEX
#define MSIX	ABI_VFIO_PCI_MSIX_IRQ_INDEX
#define ERR	ABI_VFIO_PCI_ERR_IRQ_INDEX
#define REQ	ABI_VFIO_PCI_REQ_IRQ_INDEX

static ssize_t region_read(struct machine *machine, void *buffer, size_t size, uint64_t offset)
{
	return machine->transport->read(
		machine->transport, machine->devices[0], buffer, size, (int64_t)offset);
}

static ssize_t region_write(
	struct machine *machine, const void *buffer, size_t size, uint64_t offset)
{
	return machine->transport->write(
		machine->transport, machine->devices[0], buffer, size, (int64_t)offset);
}

static void write32(struct machine *machine, uint32_t value, uint64_t offset)
{
	cr_assert_eq(region_write(machine, &value, sizeof(value), offset), 4);
}

static void set_command(struct machine *machine, uint16_t command)
{
	cr_assert_eq(region_write(machine, &command, sizeof(command), COMMAND), 2);
}

static int set_irqs(struct machine *machine, uint32_t index, uint32_t flags, uint32_t start,
	uint32_t count, int32_t data)
{
	union {
		struct abi_vfio_irq_set set;
		unsigned char bytes[sizeof(struct abi_vfio_irq_set) + sizeof(data)];
	} args = {
		.set = {
			.argsz = sizeof(args),
			.flags = flags,
			.index = index,
			.start = start,
			.count = count,
		},
	};

	memcpy(args.bytes + sizeof(args.set), &data, sizeof(data));
	return call(machine, machine->devices[0], ABI_VFIO_DEVICE_SET_IRQS, &args);
}

/* How often it was written since the last time. */
static uint64_t fired(int eventfd_fd)
{
	uint64_t value = 0;

	return read(eventfd_fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	cr_assert_geq(fd, 0);
	return fd;
}

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

Test(model_vfio, tells_what_it_is)
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
	uint32_t identity = 5, command = 6;
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
	cr_expect_eq(command, 6);
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

/* As the rig's kernel says of QEMU's edu. */
Test(model_vfio, has_the_regions_of_edu)
{
	static const struct {
		uint32_t flags;
		uint64_t size;
		int expected;
	} cases[] = {
		{ 7, 1 << 20, 0 },
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
	cr_expect_eq(buffer[0], EDU_ID);
	set_command(&machine, 0);
	cr_expect_eq(region_read(&machine, buffer, 4, 0), -EIO, "memory is disabled");
	machine_stop(&machine);
}

Test(model_vfio, a_bar_cannot_be_mapped)
{
	static const struct {
		uint64_t offset;
		size_t length;
		int flags;
		int expected;
	} cases[] = {
		{ 0, 4096, MAP_SHARED, -ENODEV },
		{ 0, 4096, MAP_PRIVATE, -EINVAL },
		{ 0, (1 << 20) + 4096, MAP_SHARED, -EINVAL },
		{ CONFIG, 4096, MAP_SHARED, -EINVAL },
		{ REGION(9), 4096, MAP_SHARED, -EINVAL },
	};
	struct machine machine;
	void *address;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(machine.transport->mmap(machine.transport, machine.devices[0],
				     cases[i].offset, cases[i].length, PROT_READ, cases[i].flags,
				     &address),
			cases[i].expected, "case %zu", i);
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
		{ 0 | set, -ENOTTY },
		{ 1 | get, -ENOTTY },
		{ 3 | get, -EINVAL },
		{ 3 | probe, 0 },
		{ 3 | set, 0 },
		{ 3 | set, -EINVAL },
		{ 5 | set, 0 },
		{ 3 | set, 0 },
		{ 11 | probe | get, 0 },
		{ 11 | probe | set, -EINVAL },
		{ 11 | get, -EINVAL },
		{ 11, -EINVAL },
		{ 12 | probe, -EINVAL },
		{ 13 | get, -ENOTTY },
		{ 13 | get | set, -EINVAL },
		{ 13 | get | 1u << 19, -EINVAL },
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

Test(model_vfio, set_irqs_checks_its_numbers_first)
{
	struct machine machine;
	const int fd = new_eventfd();
	static const struct {
		uint32_t index, flags, start, count;
		int expected;
	} cases[] = {
		{ MSI, TRIGGER | EVENTFD, 1, 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD, 0, 2, -EINVAL },
		{ MSI, TRIGGER | EVENTFD, 0, 0, -ERANGE },
		{ MSI, TRIGGER | EVENTFD, 1, UINT32_MAX - 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD | BOOL, 0, 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD | 64, 0, 1, -EINVAL },
		{ MSI, NONE, 0, 1, -ENOTTY },
		{ MSI, NONE | MASK, 0, 1, -ENOTTY },
		{ MSI, NONE | MASK | TRIGGER, 0, 1, -ENOTTY },
		{ MSI, NONE | TRIGGER, 0, 0, -EINVAL },
		{ MSI, NONE | TRIGGER, 0, 1, -EINVAL },
		{ MSIX, EVENTFD | TRIGGER, 0, 1, -EINVAL },
		{ 5, EVENTFD | TRIGGER, 0, 1, -EINVAL },
		{ INTX, NONE | MASK, 0, 1, -EINVAL },
		{ INTX, NONE | TRIGGER, 0, 1, -EINVAL },
		{ ERR, NONE | TRIGGER, 0, 1, -EINVAL },
		{ ERR, EVENTFD | TRIGGER, 0, 0, -EINVAL },
		{ ERR, EVENTFD | TRIGGER, 0, 1, 0 },
		{ ERR, NONE | TRIGGER, 0, 1, 0 },
		{ ERR, NONE | TRIGGER, 0, 0, 0 },
		{ ERR, NONE | MASK, 0, 1, -ENOTTY },
		{ REQ, EVENTFD | TRIGGER, 0, 1, 0 },
	};

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(set_irqs(&machine, cases[i].index, cases[i].flags, cases[i].start,
				     cases[i].count, fd),
			cases[i].expected, "case %zu", i);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio, a_trigger_is_an_eventfd)
{
	struct machine machine;
	int pipe_fds[2];

	cr_assert_eq(pipe(pipe_fds), 0);
	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, pipe_fds[0]), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, machine.iommufd), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, 9999), -EBADF);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), -EINVAL, "it is off again");
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, -1), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), 0);
	machine_stop(&machine);
}

/* Linux 7.3 loses the vector when it fails: seen in the rig. */
Test(model_vfio, a_msi_is_set_up_while_attached_or_never)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint32_t ioas;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), 0);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -ENOSPC);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -ENOSPC);
	machine_stop(&machine);
}

Test(model_vfio, a_msi_goes_to_the_doorbell_through_what_is_attached)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint32_t ioas;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0, "it cannot master the bus");
	set_command(&machine, MEMORY | MASTER);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 2);
	cr_assert_eq(detach(&machine, 0), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0);
	cr_expect_eq(smmu_record.last_iova, DOORBELL);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1, "the doorbell is mapped wherever the device goes");
	machine_stop(&machine);
}

Test(model_vfio, a_msi_that_no_one_takes_goes_nowhere)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	set_command(&machine, MEMORY | MASTER);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	smmu_record.last_iova = 1;
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(smmu_record.last_iova, 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio, a_msi_that_no_one_has_taken_yet_waits)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	set_command(&machine, MEMORY | MASTER);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio, intx_masks_itself)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 1, "it is still up");
	write32(&machine, 1, EDU_IRQ_ACK);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, MASK | NONE, 0, 1, 0), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | BOOL, 0, 1, 1), 0);
	cr_expect_eq(fired(fd), 1);
	cr_expect_eq(set_irqs(&machine, INTX, MASK | EVENTFD, 0, 1, fd), -ENOTTY);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -EINVAL);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 0, 0), 0);
	machine_stop(&machine);
}

Test(model_vfio, intx_follows_the_command_register)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	set_command(&machine, MEMORY | INTX_DISABLE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 1, 0), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 0);
	set_command(&machine, MEMORY);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio, an_eventfd_unmasks_intx)
{
	const uint64_t one = 1;
	struct machine machine;
	const int fd = new_eventfd();
	const int unmask = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | EVENTFD, 0, 1, unmask), 0);
	cr_expect_eq(set_irqs(&machine, INTX, UNMASK | EVENTFD, 0, 1, unmask), -EBUSY);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_ACK);
	cr_assert_eq(write(unmask, &one, sizeof(one)), (ssize_t)sizeof(one));
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 2);
	machine_stop(&machine);
}

Test(model_vfio, a_closed_device_has_its_configuration_back)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint16_t command;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	set_command(&machine, MEMORY | MASTER | INTX_DISABLE);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	machine.devices[0] = machine_open_file(&machine, "/dev/vfio/devices/vfio0");
	cr_assert_eq(
		bind_device(&machine, machine.devices[0], machine.iommufd, &machine.dev_ids[0]), 0);
	cr_assert_eq(region_read(&machine, &command, sizeof(command), COMMAND), 2);
	cr_expect_eq(command, MEMORY);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 1, 0), -EINVAL);
	machine_stop(&machine);
}
