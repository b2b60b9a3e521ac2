// SPDX-License-Identifier: MIT
/* Which pages devices have written: kept by HWPT, forgotten as they are read or unmapped. */
#include "model_fixture.h"

#include <errno.h>

#define K	      UINT64_C(1024)
#define IOVA	      UINT64_C(0x40000000)
#define CONFIG_REGION ((int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << 40)

static struct machine machine;
static uint32_t ioas;
static int hwpt;
static _Alignas(4096) unsigned char memory[64 * 1024];

static void start(void)
{
	static struct iommuctl_model_config config;
	const uint16_t command = htole16(6);

	iommuctl_model_default_config(&config);
	config.smmus[0].dirty_tracking = true;
	machine_start(&machine, &config);
	machine_bind_first(&machine);
	cr_assert_eq(machine.transport->write(machine.transport, machine.devices[0], &command,
			     sizeof(command), CONFIG_REGION + 4),
		sizeof(command));
	ioas = ioas_new(&machine);
	cr_assert_eq(ioas_map(&machine, ioas, memory, 32 * K, IOVA), 0);
	cr_assert_eq(ioas_map(&machine, ioas, memory + 32 * K, 32 * K, IOVA + 32 * K), 0);
	hwpt = paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_DIRTY_TRACKING);
	cr_assert_gt(hwpt, 0);
	cr_assert_eq(attach(&machine, 0, (uint32_t)hwpt), 0);
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_dirty, .init = start, .fini = stop);

static int dma(uint64_t iova, size_t size, bool write)
{
	static unsigned char buffer[64 * 1024];

	return iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){
			.ssid = -1, .iova = iova, .buffer = buffer, .size = size, .write = write });
}

static int set_tracking(bool on)
{
	struct abi_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = on ? ABI_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = (uint32_t)hwpt,
	};

	return call(&machine, machine.iommufd, ABI_HWPT_SET_DIRTY_TRACKING, &set);
}

/* The bits that are added to the present ones, or an error. */
static int get_bitmap(
	uint64_t iova, uint64_t length, uint64_t page_size, uint32_t flags, uint64_t *bits)
{
	struct abi_hwpt_get_dirty_bitmap get = {
		.size = sizeof(get),
		.hwpt_id = (uint32_t)hwpt,
		.flags = flags,
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.data = (uintptr_t)bits,
	};

	return call(&machine, machine.iommufd, ABI_HWPT_GET_DIRTY_BITMAP, &get);
}

static void expect_bits(uint64_t iova, uint64_t length, uint64_t page_size, uint64_t expected)
{
	uint64_t bits = 0;

	cr_expect_eq(
		get_bitmap(iova, length, page_size, ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, &bits), 0);
	cr_expect_eq(bits, expected, "0x%jx at 0x%jx", (uintmax_t)bits, (uintmax_t)iova);
}

Test(model_dirty, a_write_makes_its_pages_dirty_and_a_read_none)
{
	cr_expect_eq(dma(IOVA + 8 * K, 4 * K, false), 0);
	cr_expect_eq(dma(IOVA + 4 * K - 1, 2, true), 0);
	cr_expect_eq(dma(IOVA + 60 * K, 8 * K, true), -EIO);
	expect_bits(IOVA, 64 * K, 4 * K, 1 << 0 | 1 << 1 | 1 << 15);
	expect_bits(IOVA, 64 * K, 16 * K, 1 << 0 | 1 << 3);
	expect_bits(IOVA + 4 * K, 8 * K, 4 * K, 1 << 0);
	expect_bits(IOVA, 8 * K, 1 * K, 0xff);
}

Test(model_dirty, bits_are_added_and_what_was_read_is_forgotten)
{
	uint64_t bits = 1 << 5;

	cr_expect_eq(dma(IOVA, 12 * K, true), 0);
	cr_expect_eq(get_bitmap(IOVA, 8 * K, 4 * K, 0, &bits), 0);
	cr_expect_eq(bits, 1 << 0 | 1 << 1 | 1 << 5);
	expect_bits(IOVA, 64 * K, 4 * K, 1 << 2);
	cr_expect_eq(dma(IOVA, 1, true), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 1 << 0 | 1 << 2);
}

Test(model_dirty, turning_it_on_forgets_and_turning_it_off_does_not)
{
	cr_expect_eq(dma(IOVA, 1, true), 0);
	cr_expect_eq(set_tracking(false), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 1 << 0);
	cr_expect_eq(set_tracking(true), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 0);
}

/* As Linux 7.3 does, without reporting it. */
Test(model_dirty, a_gap_ends_the_reading_after_what_was_mapped_before_it)
{
	uint64_t bits = 0;

	cr_expect_eq(dma(IOVA, 64 * K, true), 0);
	cr_expect_eq(ioas_unmap(&machine, ioas, IOVA + 32 * K, 32 * K), 0);
	cr_expect_eq(get_bitmap(IOVA, 64 * K, 4 * K, 0, &bits), 0);
	cr_expect_eq(bits, 0xff);
	expect_bits(IOVA, 32 * K, 4 * K, 0);
}

/* Nor does it report this. */
Test(model_dirty, what_a_bitmap_cannot_take_is_lost)
{
	cr_expect_eq(dma(IOVA, 64 * K, true), 0);
	cr_expect_eq(get_bitmap(IOVA, 64 * K, 4 * K, ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, NULL), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 0xffff);
	cr_expect_eq(get_bitmap(IOVA, 64 * K, 4 * K, 0, NULL), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 0);
}

Test(model_dirty, what_is_mapped_anew_is_clean)
{
	cr_expect_eq(dma(IOVA + 32 * K, 4 * K, true), 0);
	cr_expect_eq(ioas_unmap(&machine, ioas, IOVA + 32 * K, 32 * K), 0);
	cr_expect_eq(ioas_map(&machine, ioas, memory + 32 * K, 32 * K, IOVA + 32 * K), 0);
	expect_bits(IOVA, 64 * K, 4 * K, 0);
}

Test(model_dirty, the_smmu_says_so_and_a_nesting_parent_does_not_track)
{
	uint32_t parent = ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_ALLOC_DIRTY_TRACKING;
	struct abi_hw_info_arm_smmuv3 smmu;
	struct abi_hw_info info = {
		.size = sizeof(info),
		.dev_id = 1,
		.data_len = sizeof(smmu),
		.data_uptr = (uintptr_t)&smmu,
	};
	uint64_t bits;

	cr_expect_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &info), 0);
	cr_expect(info.out_capabilities & ABI_HW_CAP_DIRTY_TRACKING);
	cr_expect_eq(smmu.idr[0] >> 6 & 3, 2);
	cr_expect_eq(paging_alloc(&machine, ioas, parent), -EOPNOTSUPP);
	hwpt = paging_alloc(&machine, ioas, 0);
	cr_expect_eq(get_bitmap(IOVA, 4 * K, 4 * K, 0, &bits), -EOPNOTSUPP);
}
