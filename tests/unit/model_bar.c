// SPDX-License-Identifier: MIT
/* BARs of the model's devices: what can be mapped, and what happens to their dma-bufs. */
#include <sys/mman.h>

#include "abi/iommufd_test.h"
#include "abi/vfio_pci.h"
#include "model_vfio_fixture.h"

#define PAGE	   UINT64_C(4096)
#define BAR_SIZE   (UINT64_C(1) << 20)
#define MEMORY_BAR 2
#define IOVA	   UINT64_C(0x50000000)
#define RANGES_MAX 3

static const struct iommuctl_model_config with_memory = {
	.smmu_count = 1,
	.device_count = 2,
	.devices = { { .pci = "0000:0a:00.0", .memory_bar = true, .resets = true },
		{ .pci = "0000:00:02.0" } },
};

static struct machine machine;
static uint32_t ioas;

/* The second device is attached to an IOAS, and does DMA. */
static void start(void)
{
	const uint16_t command = htole16(MEMORY | MASTER);
	struct abi_vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };

	machine_start(&machine, &with_memory);
	machine_bind(&machine);
	ioas = attach.pt_id = ioas_new(&machine);
	cr_assert_eq(
		call(&machine, machine.devices[1], ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), 0);
	cr_assert_eq(machine.transport->write(
			     machine.transport, machine.devices[1], &command, 2, COMMAND),
		2);
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_bar, .init = start, .fini = stop);

static int map_bar(uint64_t offset, size_t length, int flags, void **address)
{
	return machine.transport->mmap(machine.transport, machine.devices[0], offset, length,
		PROT_READ | PROT_WRITE, flags, address);
}

static int feature(uint32_t flags)
{
	struct abi_vfio_device_feature args = { .argsz = sizeof(args), .flags = flags };

	return call(&machine, machine.devices[0], ABI_VFIO_DEVICE_FEATURE, &args);
}

static int set_feature(uint32_t what)
{
	return feature(ABI_VFIO_DEVICE_FEATURE_SET | what);
}

struct request {
	uint32_t index;
	uint32_t flags;
	uint32_t count;
	struct abi_vfio_region_dma_range ranges[RANGES_MAX];
};

static int export(const struct request *request)
{
	struct {
		uint32_t argsz, feature; /* struct abi_vfio_device_feature */
		uint32_t index, open_flags, flags, count;
		struct abi_vfio_region_dma_range ranges[RANGES_MAX];
	} args = {
		.argsz = sizeof(args),
		.feature = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF,
		.index = request->index,
		.flags = request->flags,
		.count = request->count,
	};

	memcpy(args.ranges, request->ranges, sizeof(args.ranges));
	return call(&machine, machine.devices[0], ABI_VFIO_DEVICE_FEATURE, &args);
}

static int export_page(uint32_t index, uint64_t offset)
{
	const struct request request = { index, 0, 1, { { offset, PAGE } } };
	int fd = export(&request);

	cr_assert_geq(fd, 0);
	return fd;
}

static int map_file(int fd, uint64_t start, uint64_t length, uint64_t iova)
{
	struct abi_ioas_map_file args = {
		.size = sizeof(args),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = iova,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_MAP_FILE, &args);
}

static int dma(uint64_t iova, void *buffer, size_t size, bool write)
{
	return iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){ .device = 1,
			.ssid = -1,
			.iova = iova,
			.buffer = buffer,
			.size = size,
			.write = write });
}

static int reads(uint64_t iova)
{
	uint32_t word;

	return dma(iova, &word, sizeof(word), false);
}

/* How many entries the TLB has. */
static size_t translations(void)
{
	struct iommuctl_model_tlb_entry entries[8];
	size_t count = ARRAY_SIZE(entries);

	cr_assert_eq(iommuctl_model_get_tlb(machine.model, 0, entries, &count), 0);
	return count;
}

Test(model_bar, memory_can_be_mapped_and_registers_cannot)
{
	static const struct {
		uint32_t flags;
		uint64_t size;
	} regions[] = { { 3, BAR_SIZE }, { 0, 0 }, { 7, BAR_SIZE }, { 0, 0 } };
	const struct {
		uint64_t offset;
		size_t length;
		int flags;
		int expected;
	} cases[] = {
		{ 0, PAGE, MAP_SHARED, -EINVAL },
		{ REGION(1), PAGE, MAP_SHARED, -EINVAL },
		{ REGION(MEMORY_BAR), PAGE, MAP_PRIVATE, -EINVAL },
		{ REGION(MEMORY_BAR), BAR_SIZE + PAGE, MAP_SHARED, -EINVAL },
		{ REGION(MEMORY_BAR) + BAR_SIZE, PAGE, MAP_SHARED, -EINVAL },
		{ REGION(MEMORY_BAR) + BAR_SIZE - PAGE, PAGE, MAP_SHARED, 0 },
		{ REGION(MEMORY_BAR), BAR_SIZE, MAP_SHARED, 0 },
		{ CONFIG, PAGE, MAP_SHARED, -EINVAL },
	};
	void *address;

	for (uint32_t i = 0; i < ARRAY_SIZE(regions); i++) {
		struct abi_vfio_region_info info = { .argsz = sizeof(info), .index = i };

		cr_assert_eq(
			call(&machine, machine.devices[0], ABI_VFIO_DEVICE_GET_REGION_INFO, &info),
			0);
		cr_expect_eq(info.flags, regions[i].flags, "region %u", i);
		cr_expect_eq(info.size, regions[i].size, "region %u", i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(map_bar(cases[i].offset, cases[i].length, cases[i].flags, &address),
			cases[i].expected, "case %zu", i);
		if (!cases[i].expected)
			machine.transport->munmap(machine.transport, address, cases[i].length);
	}
}

Test(model_bar, has_a_bar_in_its_configuration_space)
{
	uint32_t ones = UINT32_MAX, size;

	cr_assert_eq(region_write(&machine, &ones, 4, CONFIG + 0x18), 4);
	cr_assert_eq(region_read(&machine, &size, 4, CONFIG + 0x18), 4);
	cr_expect_eq(le32toh(size), 0xfff00008);
}

Test(model_bar, what_is_mapped_is_what_is_read)
{
	unsigned char bytes[3];
	unsigned char *bar;
	void *address;

	cr_assert_eq(map_bar(REGION(MEMORY_BAR) + PAGE, PAGE, MAP_SHARED, &address), 0);
	bar = address;
	bar[9] = 0x5a;
	cr_assert_eq(region_read(&machine, bytes, 3, REGION(MEMORY_BAR) + PAGE + 8), 3);
	cr_expect_eq(bytes[1], 0x5a);
	bytes[2] = 0x77;
	cr_assert_eq(region_write(&machine, bytes, 3, REGION(MEMORY_BAR) + PAGE + 8), 3);
	cr_expect_eq(bar[10], 0x77);
	set_command(&machine, 0);
	cr_expect_eq(region_read(&machine, bytes, 3, REGION(MEMORY_BAR)), -EIO);
	machine.transport->munmap(machine.transport, address, PAGE);
}

Test(model_bar, a_mapping_keeps_its_device_open)
{
	uint32_t dev_id;
	void *address;
	int again;

	cr_assert_eq(map_bar(REGION(MEMORY_BAR), PAGE, MAP_SHARED, &address), 0);
	machine_close(&machine, machine.devices[0]);
	again = machine_open_file(&machine, "/dev/vfio/devices/vfio0");
	cr_expect_eq(bind_device(&machine, again, machine.iommufd, &dev_id), -EINVAL);
	machine.transport->munmap(machine.transport, address, PAGE);
	cr_expect_eq(bind_device(&machine, again, machine.iommufd, &dev_id), 0);
}

Test(model_bar, a_mapping_may_outlive_the_machine)
{
	void *address;

	cr_assert_eq(map_bar(REGION(MEMORY_BAR), PAGE, MAP_SHARED, &address), 0);
	*(unsigned char *)address = 1;
}

/* It has no page of memory that the kernel could pin. */
Test(model_bar, what_is_mapped_is_no_memory_for_ioas_map)
{
	void *address;

	cr_assert_eq(map_bar(REGION(MEMORY_BAR), 2 * PAGE, MAP_SHARED, &address), 0);
	cr_expect_eq(ioas_map(&machine, ioas, address, PAGE, IOVA), -EFAULT);
	cr_expect_eq(ioas_map(&machine, ioas, (char *)address + PAGE, PAGE, IOVA), -EFAULT);
	cr_expect_eq(ioas_map(&machine, ioas, (char *)address - PAGE, 2 * PAGE, IOVA), -EFAULT);
	cr_expect_eq(ioas_map(&machine, ioas_new(&machine), address, PAGE, IOVA), 0,
		"nobody is attached");
	machine.transport->munmap(machine.transport, address, 2 * PAGE);
}

/* The mock's command revokes only the mock's own. */
Test(model_bar, is_no_dma_buf_of_the_mock)
{
	struct abi_test_cmd command = {
		.size = sizeof(command),
		.op = ABI_TEST_OP_DMABUF_REVOKE,
		.dmabuf_revoke = { .dmabuf_fd = export_page(0, 0), .revoked = 1 },
	};

	cr_expect_eq(call(&machine, machine.iommufd, ABI_TEST_CMD, &command), -EINVAL);
}

Test(model_bar, becomes_a_dma_buf_by_the_rules_of_the_kernel)
{
	static const struct {
		struct request request;
		int expected; /* 0: a file */
	} cases[] = {
		{ { 0, 0, 1, { { 0, BAR_SIZE } } }, 0 },
		{ { 0, 0, 2, { { PAGE, PAGE }, { 0, 2 * PAGE } } }, 0 },
		{ { MEMORY_BAR, 0, 1, { { BAR_SIZE - PAGE, PAGE } } }, 0 },
		{ { 0, 0, 0, { { 0, PAGE } } }, -EINVAL },
		{ { 0, 1, 1, { { 0, PAGE } } }, -EINVAL },
		{ { 9, 1, 1, { { 0, PAGE } } }, -EINVAL },
		{ { 1, 0, 1, { { 0, PAGE } } }, -ENODEV },
		{ { 6, 0, 1, { { 0, PAGE } } }, -ENODEV },
		{ { 7, 0, 1, { { 0, PAGE } } }, -ENODEV },
		{ { 0, 0, UINT32_MAX, { { 0, PAGE } } }, -ENOMEM },
		{ { 0, 0, 1, { { 0, 0 } } }, -EINVAL },
		{ { 0, 0, 1, { { 0, PAGE + 1 } } }, -EINVAL },
		{ { 0, 0, 1, { { 512, PAGE } } }, -EINVAL },
		{ { 0, 0, 2, { { 0, PAGE }, { 0, 0 } } }, -EINVAL },
		{ { 0, 0, 2, { { 0, -PAGE }, { 0, PAGE } } }, -EINVAL },
		{ { 0, 0, 1, { { 0, UINT64_C(1) << 63 } } }, -EINVAL },
		{ { 0, 0, 1, { { BAR_SIZE, PAGE } } }, -EINVAL },
		{ { 0, 0, 1, { { PAGE, BAR_SIZE } } }, -EINVAL },
		{ { 0, 0, 1, { { -PAGE, PAGE } } }, -EOVERFLOW },
	};
	struct abi_vfio_device_feature bare = { .argsz = sizeof(bare) + 15,
		.flags = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const int fd = export(&cases[i].request);

		cr_expect(cases[i].expected ? fd == cases[i].expected : fd >= 0, "case %zu: %d", i,
			fd);
	}
	cr_expect_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_FEATURE, &bare), -EINVAL);
	cr_expect_eq(set_feature(ABI_VFIO_DEVICE_FEATURE_DMA_BUF), -EINVAL);
}

Test(model_bar, a_dma_buf_is_mapped_by_the_rules_of_the_kernel)
{
	const struct request two = { 0, 0, 2, { { 0, PAGE }, { PAGE, PAGE } } };
	const int fd = export_page(0, 0), in_pieces = export(&two);

	cr_assert_geq(in_pieces, 0);
	cr_expect_eq(map_file(fd, 0, 0, IOVA), -EINVAL);
	cr_expect_eq(map_file(fd, 0, PAGE + 1, IOVA), -EINVAL);
	cr_expect_eq(map_file(fd, PAGE, PAGE, IOVA), -EINVAL);
	cr_expect_eq(map_file(fd, UINT64_MAX, 2, IOVA), -EOVERFLOW);
	cr_expect_eq(map_file(in_pieces, 0, PAGE, IOVA), -EOPNOTSUPP);
	cr_expect_eq(map_file(fd, 0, PAGE, IOVA), 0);
	cr_expect_eq(map_file(fd, 0, PAGE, IOVA), -EEXIST);
}

Test(model_bar, dma_reaches_registers_and_memory)
{
	const int registers = export_page(0, 0), bytes = export_page(MEMORY_BAR, 3 * PAGE);
	unsigned char text[] = "page", read_back[sizeof(text)];
	uint64_t word = 0;

	cr_assert_eq(map_file(registers, 0, PAGE, IOVA), 0);
	cr_assert_eq(map_file(bytes, 0, PAGE, IOVA + PAGE), 0);
	machine_close(&machine, registers);
	machine_close(&machine, bytes);

	cr_assert_eq(dma(IOVA, &word, 4, false), 0);
	cr_expect_eq(le64toh(word), EDU_ID);
	word = htole64(0x12345678);
	cr_assert_eq(dma(IOVA + 4, &word, 4, true), 0);
	cr_assert_eq(region_read(&machine, &word, 4, 4), 4);
	cr_expect_eq((uint32_t)le64toh(word), ~0x12345678u);

	cr_assert_eq(dma(IOVA + PAGE + 7, text, sizeof(text), true), 0);
	cr_assert_eq(region_read(&machine, read_back, sizeof(text), REGION(2) + 3 * PAGE + 7),
		sizeof(text));
	cr_expect_arr_eq(text, read_back, sizeof(text));
}

/* An interrupt that another device raises by a register. */
Test(model_bar, what_is_written_there_acts)
{
	uint32_t bits = htole32(3), status;

	cr_assert_eq(map_file(export_page(0, 0), 0, PAGE, IOVA), 0);
	cr_assert_eq(dma(IOVA + EDU_IRQ_RAISE, &bits, 4, true), 0);
	cr_assert_eq(region_read(&machine, &status, 4, 0x24), 4);
	cr_expect_eq(le32toh(status), 3);
}

static void mapped_is_gone(int fd, bool mappable)
{
	cr_expect_eq(reads(IOVA), -EIO);
	cr_assert_eq(ioas_unmap(&machine, ioas, IOVA, PAGE), 0);
	cr_expect_eq(map_file(fd, 0, PAGE, IOVA), mappable ? 0 : -ENODEV);
	cr_expect_eq(reads(IOVA), mappable ? 0 : -EIO);
}

Test(model_bar, is_taken_back_while_memory_is_off)
{
	const int fd = export_page(0, 0);
	int other;

	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	set_command(&machine, MEMORY | MASTER);
	cr_expect_eq(reads(IOVA), 0);
	cr_expect_gt(translations(), 0);
	set_command(&machine, MASTER);
	cr_expect_eq(translations(), 0);
	other = export_page(0, 0);
	cr_expect_eq(map_file(other, 0, PAGE, IOVA + PAGE), -ENODEV);
	mapped_is_gone(fd, false);
	set_command(&machine, MEMORY);
	cr_expect_eq(map_file(other, 0, PAGE, IOVA + PAGE), 0);
	cr_expect_eq(map_file(fd, 0, PAGE, IOVA), 0);
}

Test(model_bar, is_taken_back_while_its_device_sleeps)
{
	const int fd = export_page(MEMORY_BAR, 0);

	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	cr_assert_eq(reads(IOVA), 0);
	cr_assert_eq(set_feature(ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY), 0);
	mapped_is_gone(fd, false);
	cr_assert_eq(set_feature(ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT), 0);
	cr_expect_eq(map_file(fd, 0, PAGE, IOVA), 0);
}

Test(model_bar, what_was_mapped_before_a_reset_is_gone)
{
	struct abi_vfio_pci_hot_reset bus = { .argsz = sizeof(bus) };
	const int fd = export_page(0, 0);

	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	cr_assert_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_RESET, NULL), 0);
	mapped_is_gone(fd, true);
	cr_assert_eq(call(&machine, machine.devices[0], ABI_VFIO_DEVICE_PCI_HOT_RESET, &bus), 0);
	mapped_is_gone(fd, true);
}

Test(model_bar, ends_with_its_device)
{
	const int fd = export_page(0, 0), closed = export_page(0, 0);

	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	machine_close(&machine, closed);
	machine_close(&machine, machine.devices[0]);
	mapped_is_gone(fd, false);
}

/* Also from one of another iommufd. */
Test(model_bar, is_taken_back_from_every_ioas)
{
	struct abi_vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };
	const int other = machine_open_file(&machine, "/dev/iommu"), fd = export_page(0, 0);
	const int first = machine.iommufd;

	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	machine_close(&machine, machine.devices[1]);
	machine.devices[1] = machine_open_file(&machine, "/dev/vfio/devices/vfio1");
	machine.iommufd = other;
	cr_assert_eq(bind_device(&machine, machine.devices[1], other, &machine.dev_ids[1]), 0);
	ioas = attach.pt_id = ioas_new(&machine);
	cr_assert_eq(
		call(&machine, machine.devices[1], ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), 0);
	cr_assert_eq(machine.transport->write(machine.transport, machine.devices[1],
			     &(uint16_t){ htole16(MEMORY | MASTER) }, 2, COMMAND),
		2);
	cr_assert_eq(map_file(fd, 0, PAGE, IOVA), 0);
	cr_assert_eq(reads(IOVA), 0);
	machine_close(&machine, first);
	set_command(&machine, 0);
	mapped_is_gone(fd, false);
}
