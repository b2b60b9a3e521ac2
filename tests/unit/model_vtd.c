// SPDX-License-Identifier: MIT
/* A VT-d unit: nested HWPTs directly on a nesting parent, with the errors of intel/nested.c. */
#include "model_fixture.h"

#include <endian.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <iommuctl/amd.h>
#include <iommuctl/vtd.h>

#include "abi/amd.h"
#include "abi/vtd.h"

#define RAM	  UINT64_C(0x40000000)
#define RAM_SIZE  0x10000
#define PAGE(n)	  (RAM + (n)*UINT64_C(0x1000))
#define TABLE	  UINT64_C(7)
#define LEAF	  UINT64_C(0x67)
#define READ_ONLY UINT64_C(0x65)
#define PASID	  5

static struct machine machine;
static uint64_t *ram;
static uint32_t ioas, parent;

static const struct iommuctl_model_smmu unit = {
	.kind = IOMMUCTL_MODEL_IOMMU_VTD,
	.oas_bits = 48,
	.ssid_bits = 8,
};

static void start_with(const struct iommuctl_model_smmu *config)
{
	static struct iommuctl_model_config all;
	const unsigned char command[2] = { 6 };
	const int64_t offset = (int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << 40 | 4;

	iommuctl_model_default_config(&all);
	all.smmus[0] = *config;
	machine_start(&machine, &all);
	machine_bind(&machine);
	machine.transport->write(machine.transport, machine.devices[0], command, 2, offset);
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(ram, MAP_FAILED);
	ioas = ioas_new(&machine);
	cr_assert_eq(ioas_map(&machine, ioas, ram, RAM_SIZE, RAM), 0);
}

static void set(unsigned int page, unsigned int index, uint64_t entry)
{
	ram[page * 512 + index] = htole64(entry);
}

/* Tables in pages 0 to 3: 0x1000 leads to page 8, 0x2000 to page 9 read-only. */
static void start(void)
{
	start_with(&unit);
	parent = paging_new(&machine, machine.dev_ids[0], ioas,
		ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_ALLOC_PASID);
	for (unsigned int i = 0; i < 3; i++)
		set(i, 0, PAGE(i + 1) | TABLE);
	set(3, 1, PAGE(8) | LEAF);
	set(3, 2, PAGE(9) | READ_ONLY);
	for (unsigned int i = 8; i < 12; i++)
		ram[i * 512] = i;
}

static void stop(void)
{
	machine_stop(&machine);
	munmap(ram, RAM_SIZE);
}

TestSuite(model_vtd, .init = start, .fini = stop);

static int nested(const struct abi_hwpt_vtd_s1 *data, uint32_t flags, uint32_t *id)
{
	return hwpt_alloc(&machine,
		(struct abi_hwpt_alloc){
			.dev_id = machine.dev_ids[0],
			.pt_id = parent,
			.flags = flags,
			.data_type = ABI_HWPT_DATA_VTD_S1,
			.data_len = sizeof(*data),
			.data_uptr = (uintptr_t)data,
		},
		id);
}

static uint32_t nested_at(uint64_t table, uint32_t flags)
{
	const struct abi_hwpt_vtd_s1 data = { .pgtbl_addr = table, .addr_width = 48 };
	uint32_t id = 0;

	cr_assert_eq(nested(&data, flags, &id), 0);
	return id;
}

/* What device 0 reads, or -errno. */
static int64_t dma_read(int ssid, uint64_t iova)
{
	uint64_t value;
	int err = iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){
			.ssid = ssid, .iova = iova, .buffer = &value, .size = sizeof(value) });

	return err ? err : (int64_t)value;
}

static int dma_write(uint64_t iova)
{
	uint64_t value = 77;

	return iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){ .ssid = -1,
			.iova = iova,
			.buffer = &value,
			.size = sizeof(value),
			.write = true });
}

static int invalidate(
	uint32_t hwpt, const struct abi_hwpt_vtd_s1_invalidate *entries, uint32_t *count)
{
	struct abi_hwpt_invalidate args = {
		.size = sizeof(args),
		.hwpt_id = hwpt,
		.data_uptr = (uintptr_t)entries,
		.data_type = ABI_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(*entries),
		.entry_num = *count,
	};
	int err = call(&machine, machine.iommufd, ABI_HWPT_INVALIDATE, &args);

	*count = args.entry_num;
	return err;
}

static int invalidate_one(uint32_t hwpt, struct abi_hwpt_vtd_s1_invalidate entry)
{
	uint32_t count = 1;

	return invalidate(hwpt, &entry, &count);
}

Test(model_vtd, translates_by_both_stages)
{
	cr_assert_eq(attach(&machine, 0, nested_at(PAGE(0), 0)), 0);
	cr_expect_eq(dma_read(-1, 0x1000), 8);
	cr_expect_eq(dma_read(-1, 0x2000), 9);
	cr_expect_eq(dma_read(-1, 0x3000), -EIO);
	cr_expect_eq(dma_read(-1, UINT64_C(1) << 47), -EIO, "no canonical address");
	cr_expect_eq(dma_write(0x2000), -EIO);
	cr_expect_eq(dma_write(0x1000), 0);
	cr_expect_eq(ram[8 * 512], 77);
}

Test(model_vtd, what_has_changed_is_stale_until_it_is_invalidated)
{
	const uint32_t hwpt = nested_at(PAGE(0), 0);

	cr_assert_eq(attach(&machine, 0, hwpt), 0);
	cr_assert_eq(dma_read(-1, 0x1000), 8);
	set(3, 1, PAGE(10) | LEAF);
	cr_expect_eq(dma_read(-1, 0x1000), 8, "stale");
	cr_assert_eq(invalidate_one(hwpt,
			     (struct abi_hwpt_vtd_s1_invalidate){ .addr = 0x4000, .npages = 1 }),
		0);
	cr_expect_eq(dma_read(-1, 0x1000), 8, "another page");
	cr_assert_eq(invalidate_one(hwpt, (struct abi_hwpt_vtd_s1_invalidate){ .addr = 0x1000,
						  .npages = 1,
						  .flags = ABI_VTD_INV_FLAGS_LEAF }),
		0);
	cr_expect_eq(dma_read(-1, 0x1000), 10, "fresh");
	set(3, 1, PAGE(11) | LEAF);
	cr_assert_eq(
		invalidate_one(hwpt, (struct abi_hwpt_vtd_s1_invalidate){ .npages = UINT64_MAX }),
		0);
	cr_expect_eq(dma_read(-1, 0x1000), 11, "all of it is fresh");
}

Test(model_vtd, a_range_becomes_the_power_of_two_around_it)
{
	static const struct {
		uint64_t addr, npages;
		bool fresh;
	} rows[] = {
		{ 0x0000, 1, false },
		{ 0x0000, 2, true },
		{ 0x2000, 2, false },
		{ 0x3000, 2, true }, /* of 0x3000 and 0x4000, eight pages from 0 on */
		{ 0x0000, 0, true }, /* the empty range at 0 ends after everything */
		{ 0x1000, 0, true },
		{ 0x8000, 0, true },
		{ 0xa000, 0, false },
	};
	const uint32_t hwpt = nested_at(PAGE(0), 0);

	cr_assert_eq(attach(&machine, 0, hwpt), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		set(3, 1, PAGE(8) | LEAF);
		cr_assert_eq(invalidate_one(hwpt,
				     (struct abi_hwpt_vtd_s1_invalidate){ .npages = UINT64_MAX }),
			0);
		cr_assert_eq(dma_read(-1, 0x1000), 8);
		set(3, 1, PAGE(10) | LEAF);
		cr_assert_eq(invalidate_one(hwpt,
				     (struct abi_hwpt_vtd_s1_invalidate){
					     .addr = rows[i].addr, .npages = rows[i].npages }),
			0);
		cr_expect_eq(dma_read(-1, 0x1000), rows[i].fresh ? 10 : 8, "%zu", i);
	}
}

Test(model_vtd, what_is_refused_of_an_allocation)
{
	const uint32_t plain = paging_new(&machine, machine.dev_ids[0], ioas, 0);
	struct {
		struct abi_hwpt_vtd_s1 data;
		uint64_t more;
	} padded = { { .addr_width = 48 }, 0 };
	static const struct {
		uint32_t flags, type, len;
		bool more, on_plain;
		int err;
	} rows[] = {
		{ 0, ABI_HWPT_DATA_VTD_S1, 24, false, false, 0 },
		{ 0, ABI_HWPT_DATA_VTD_S1, 32, false, false, -EINVAL },
		{ 0, ABI_HWPT_DATA_VTD_S1, 32, true, false, -EINVAL },
		{ 0, ABI_HWPT_DATA_VTD_S1, 16, false, false, -EINVAL },
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 24, false, false, -EOPNOTSUPP },
		{ 0, ABI_HWPT_DATA_AMD_GUEST, 32, false, false, -EOPNOTSUPP },
		{ 0, ABI_HWPT_DATA_NONE, 24, false, false, -EINVAL },
		{ 0, ABI_HWPT_DATA_NONE, 0, false, false, -EOPNOTSUPP },
		{ ABI_HWPT_ALLOC_PASID, ABI_HWPT_DATA_VTD_S1, 24, false, false, 0 },
		{ ABI_HWPT_ALLOC_NEST_PARENT, ABI_HWPT_DATA_VTD_S1, 24, false, false, -EOPNOTSUPP },
		{ 0, ABI_HWPT_DATA_VTD_S1, 24, false, true, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t id;

		padded.more = rows[i].more;
		cr_expect_eq(hwpt_alloc(&machine,
				     (struct abi_hwpt_alloc){
					     .dev_id = machine.dev_ids[0],
					     .pt_id = rows[i].on_plain ? plain : parent,
					     .flags = rows[i].flags,
					     .data_type = rows[i].type,
					     .data_len = rows[i].len,
					     .data_uptr = (uintptr_t)&padded,
				     },
				     &id),
			rows[i].err, "%zu", i);
	}
}

Test(model_vtd, data_is_judged_when_a_device_is_attached)
{
	static const struct {
		struct abi_hwpt_vtd_s1 data;
		int err;
	} rows[] = {
		{ { .addr_width = 48 }, 0 },
		{ { .addr_width = 48, .flags = ABI_VTD_S1_WPE }, 0 },
		{ { .addr_width = 39 }, -EINVAL },
		{ { .addr_width = 57 }, -EINVAL },
		{ { .addr_width = 48, .flags = ABI_VTD_S1_SRE }, -EINVAL },
		{ { .addr_width = 48, .flags = ABI_VTD_S1_EAFE }, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t id;

		cr_assert_eq(nested(&rows[i].data, 0, &id), 0, "%zu", i);
		cr_expect_eq(attach(&machine, 0, id), rows[i].err, "%zu", i);
	}
}

/* Tables in pages 4 to 7, by which 0x1000 leads to page 9. */
static uint32_t nested_at_other(uint32_t flags)
{
	for (unsigned int i = 4; i < 7; i++)
		set(i, 0, PAGE(i + 1) | TABLE);
	set(7, 1, PAGE(9) | LEAF);
	return nested_at(PAGE(4), flags);
}

/* No unit here has 5 levels, which is found out when a device is attached. */
static uint32_t refused_new(uint32_t flags)
{
	const struct abi_hwpt_vtd_s1 wide = { .pgtbl_addr = PAGE(0), .addr_width = 57 };
	uint32_t id = 0;

	cr_assert_eq(nested(&wide, flags, &id), 0);
	return id;
}

static uint32_t with_faults_new(uint32_t flags)
{
	struct abi_fault_alloc queue = { .size = sizeof(queue) };
	uint32_t id = 0;

	cr_assert_eq(call(&machine, machine.iommufd, ABI_FAULT_QUEUE_ALLOC, &queue), 0);
	cr_assert_eq(hwpt_alloc(&machine,
			     (struct abi_hwpt_alloc){
				     .flags = flags | ABI_HWPT_FAULT_ID_VALID,
				     .dev_id = machine.dev_ids[0],
				     .pt_id = ioas,
				     .fault_id = queue.out_fault_id,
			     },
			     &id),
		0);
	return id;
}

Test(model_vtd, a_device_that_could_not_be_moved_is_blocked)
{
	const uint32_t first = nested_at(PAGE(0), 0), other = nested_at_other(0);

	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_assert_eq(dma_read(-1, 0x1000), 8);
	cr_assert_eq(attach(&machine, 0, refused_new(0)), -EINVAL);
	cr_expect_eq(dma_read(-1, 0x1000), -EIO);
	cr_expect_eq(attach(&machine, 0, first), 0);
	cr_expect_eq(dma_read(-1, 0x1000), -EIO, "for iommufd it is still attached: a no-op");
	cr_expect_eq(attach(&machine, 0, other), 0);
	cr_expect_eq(dma_read(-1, 0x1000), 9, "another HWPT is a way out");
	cr_assert_eq(attach(&machine, 0, with_faults_new(0)), -ENODEV);
	cr_expect_eq(dma_read(-1, 0x1000), -EIO);
	cr_assert_eq(detach(&machine, 0), 0);
	set(7, 1, PAGE(10) | LEAF);
	cr_expect_eq(attach(&machine, 0, other), 0);
	cr_expect_eq(dma_read(-1, 0x1000), 10, "detaching and attaching is one as well");
}

Test(model_vtd, what_iommufd_itself_refuses_blocks_nothing)
{
	const uint32_t first = nested_at(PAGE(0), ABI_HWPT_ALLOC_PASID);

	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_expect_eq(attach(&machine, 0, nested_at_other(0)), -EINVAL, "not beside a PASID");
	cr_expect_eq(dma_read(-1, 0x1000), 8);
}

Test(model_vtd, a_pasid_is_blocked_when_its_data_is_refused)
{
	const uint32_t first = nested_at(PAGE(0), ABI_HWPT_ALLOC_PASID);
	const uint32_t other = nested_at_other(ABI_HWPT_ALLOC_PASID);

	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_assert_eq(attach_pasid(&machine, 0, other, PASID), 0);
	cr_assert_eq(
		attach_pasid(&machine, 0, with_faults_new(ABI_HWPT_ALLOC_PASID), PASID), -ENODEV);
	cr_expect_eq(dma_read(PASID, 0x1000), 9, "that is found before it is touched");
	cr_assert_eq(attach_pasid(&machine, 0, refused_new(ABI_HWPT_ALLOC_PASID), PASID), -EINVAL);
	cr_expect_eq(dma_read(PASID, 0x1000), -EIO);
	cr_expect_eq(dma_read(-1, 0x1000), 8, "the device itself is not");
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_expect_eq(dma_read(PASID, 0x1000), 8);
}

Test(model_vtd, low_bits_of_the_address_set_fields_beside_it)
{
	static const struct {
		uint64_t bits;
		bool refused;
	} rows[] = {
		{ 0, false }, { 1 << 4, false }, /* WPE */
		{ 1 << 0, true },		 /* SRE, which the unit lacks */
		{ 1 << 2, true },		 /* 5 levels, likewise */
		{ 1 << 3, true },		 /* a reserved FSPM */
		{ 1 << 7, true },		 /* EAFE, likewise */
		{ 1 << 11, true },		 /* reserved */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_assert_eq(attach(&machine, 0, nested_at(PAGE(0) | rows[i].bits, 0)), 0);
		cr_expect_eq(dma_read(-1, 0x1000), rows[i].refused ? -EIO : 8, "%zu", i);
	}
}

Test(model_vtd, an_invalidation_counts_exactly_what_it_has_done)
{
	static const struct {
		struct abi_hwpt_vtd_s1_invalidate bad;
		int err;
	} rows[] = {
		{ { .addr = 0x1000, .npages = 1 }, 0 },
		{ { .addr = 0x1008, .npages = 1 }, -EINVAL },
		{ { .addr = 0x1000, .npages = UINT64_MAX }, -EINVAL },
		{ { .addr = 0x1000, .npages = 1, .flags = 2 }, -EOPNOTSUPP },
		{ { .addr = 0x1000, .npages = 1, .reserved = 1 }, -EOPNOTSUPP },
	};
	const uint32_t hwpt = nested_at(PAGE(0), 0);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct abi_hwpt_vtd_s1_invalidate entries[4] = { { .npages = 1 }, { .npages = 1 },
			rows[i].bad, { .npages = 1 } };
		uint32_t count = 4;

		cr_expect_eq(invalidate(hwpt, entries, &count), rows[i].err, "%zu", i);
		cr_expect_eq(count, rows[i].err ? 2 : 4, "%zu", i);
	}
}

Test(model_vtd, an_invalidation_of_another_kind_is_refused)
{
	static unsigned char entry[64];
	const uint32_t hwpt = nested_at(PAGE(0), 0);
	const struct {
		uint32_t id, type, len, count;
		int err;
	} rows[] = {
		{ hwpt, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 24, 1, 0 },
		{ hwpt, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 32, 1, -EINVAL },
		{ hwpt, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 16, 1, -EINVAL },
		{ hwpt, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 0, 0, 0 },
		{ hwpt, ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, 16, 0, -EINVAL },
		{ parent, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 24, 1, -EINVAL },
		{ 99, ABI_HWPT_INVALIDATE_DATA_VTD_S1, 24, 1, -ENOENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct abi_hwpt_invalidate args = {
			.size = sizeof(args),
			.hwpt_id = rows[i].id,
			.data_uptr = (uintptr_t)entry,
			.data_type = rows[i].type,
			.entry_len = rows[i].len,
			.entry_num = rows[i].count,
		};

		cr_expect_eq(call(&machine, machine.iommufd, ABI_HWPT_INVALIDATE, &args),
			rows[i].err, "%zu", i);
		cr_expect_eq(args.entry_num, rows[i].err ? 0 : rows[i].count, "%zu", i);
	}
}

static int map_read_only(void)
{
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)ram,
		.length = 0x1000,
		.iova = 0x80000000,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_MAP, &args);
}

Test(model_vtd, a_nesting_parent_takes_no_read_only_mapping)
{
	cr_expect_eq(map_read_only(), -EINVAL);
	cr_assert_eq(destroy(&machine, parent), 0);
	cr_expect_eq(map_read_only(), 0);
	cr_expect_eq(paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT), -EINVAL);
	cr_expect_gt(paging_alloc(&machine, ioas, 0), 0);
}

Test(model_vtd, a_pasid_has_tables_of_its_own)
{
	const uint32_t first = nested_at(PAGE(0), ABI_HWPT_ALLOC_PASID);
	const uint32_t second = nested_at_other(ABI_HWPT_ALLOC_PASID);
	const uint32_t other = nested_at(PAGE(4), 0);

	cr_expect_eq(attach_pasid(&machine, 0, other, PASID), -EINVAL, "it takes no PASIDs");
	cr_assert_eq(attach(&machine, 0, other), 0);
	cr_expect_eq(
		attach_pasid(&machine, 0, second, PASID), -EINVAL, "that without a PASID does not");
	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_expect_eq(attach_pasid(&machine, 0, second, 256), -EINVAL, "PASIDs have 8 bits");
	cr_expect_eq(dma_read(PASID, 0x1000), -EIO);
	cr_assert_eq(attach_pasid(&machine, 0, second, PASID), 0);
	cr_expect_eq(dma_read(-1, 0x1000), 8);
	cr_expect_eq(dma_read(PASID, 0x1000), 9);
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_expect_eq(dma_read(PASID, 0x1000), 8, "it was replaced");
	cr_assert_eq(detach_pasid(&machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, PASID), 0);
	cr_expect_eq(dma_read(PASID, 0x1000), -EIO);
	cr_expect_eq(dma_read(-1, 0x1000), 8);
}

Test(model_vtd, replacing_leaves_nothing_of_the_tables_before)
{
	const uint32_t first = nested_at(PAGE(0), 0);
	uint32_t second;

	set(4, 0, PAGE(5) | TABLE);
	set(5, 0, PAGE(6) | TABLE);
	set(6, 0, PAGE(7) | TABLE);
	second = nested_at(PAGE(4), 0);
	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_assert_eq(dma_read(-1, 0x1000), 8);
	cr_assert_eq(attach(&machine, 0, second), 0);
	cr_expect_eq(dma_read(-1, 0x1000), -EIO);
	set(3, 1, PAGE(10) | LEAF);
	cr_assert_eq(attach(&machine, 0, first), 0);
	cr_expect_eq(dma_read(-1, 0x1000), 10);
	cr_expect_eq(destroy(&machine, parent), -EBUSY);
}

Test(model_vtd, there_is_no_viommu)
{
	uint32_t id;

	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], parent, &id), -EOPNOTSUPP);
}

static int get_hw_info(uint32_t type, void *data, uint32_t size, struct abi_hw_info *args)
{
	*args = (struct abi_hw_info){
		.size = sizeof(*args),
		.flags = ABI_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = machine.dev_ids[0],
		.in_data_type = type,
		.data_uptr = (uintptr_t)data,
		.data_len = size,
	};
	return call(&machine, machine.iommufd, ABI_GET_HW_INFO, args);
}

Test(model_vtd, shows_its_registers)
{
	struct abi_hw_info_vtd data;
	struct iommuctl_vtd_cap cap;
	struct abi_hw_info args;

	cr_assert_eq(get_hw_info(0, &data, sizeof(data), &args), 0);
	cr_expect_eq(args.out_data_type, ABI_HW_INFO_TYPE_INTEL_VTD);
	cr_expect_eq(args.data_len, sizeof(data));
	cr_expect_eq(args.out_max_pasid_log2, 8);
	cr_expect_eq(data.flags, ABI_HW_INFO_VTD_ERRATA_772415_SPR17);
	iommuctl_vtd_cap_decode(data.cap_reg, data.ecap_reg, &cap);
	cr_expect(cap.smts && cap.nest && cap.fsts && cap.pasid && !cap.srs);
	cr_expect_eq(cap.mgaw, 47);
	cr_expect_eq(cap.pss, 7);
	cr_expect_eq(
		get_hw_info(ABI_HW_INFO_TYPE_ARM_SMMUV3, &data, sizeof(data), &args), -EOPNOTSUPP);
}

TestSuite(model_vtd_less);

Test(model_vtd_less, without_nesting_or_scalable_mode_there_is_no_parent)
{
	const struct iommuctl_model_smmu units[] = {
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD, .no_nesting = true },
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD, .no_scalable_mode = true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		start_with(&units[i]);
		cr_expect_eq(paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT), -EOPNOTSUPP);
		cr_expect_gt(paging_alloc(&machine, ioas, 0), 0);
		stop();
	}
}

Test(model_vtd_less, a_pasid_of_a_unit_without_is_attached_and_has_no_effect)
{
	const struct iommuctl_model_smmu units[] = {
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD },
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD, .ssid_bits = 8, .no_scalable_mode = true },
	};
	struct abi_hw_info_vtd data;
	struct abi_hw_info args;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		uint32_t hwpt;

		start_with(&units[i]);
		cr_assert_eq(get_hw_info(0, &data, sizeof(data), &args), 0);
		cr_expect_eq(args.out_max_pasid_log2, 0, "%zu", i);
		hwpt = paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_PASID);
		cr_assert_eq(attach(&machine, 0, hwpt), 0);
		cr_expect_eq(attach_pasid(&machine, 0, hwpt, 0xfffff), 0, "%zu", i);
		cr_expect_eq(attach_pasid(&machine, 0, hwpt, PASID), 0, "%zu", i);
		cr_expect_lt(dma_read(PASID, RAM), 0, "%zu", i);
		stop();
	}
}

Test(model_vtd_less, dirty_tracking_takes_scalable_mode)
{
	const struct iommuctl_model_smmu units[] = {
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD, .dirty_tracking = true },
		{ .kind = IOMMUCTL_MODEL_IOMMU_VTD,
			.dirty_tracking = true,
			.no_scalable_mode = true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const bool tracks = !units[i].no_scalable_mode;
		struct abi_hw_info_vtd data;
		struct abi_hw_info args;
		int ret;

		start_with(&units[i]);
		ret = paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_DIRTY_TRACKING);
		cr_expect_eq(ret < 0 ? ret : 0, tracks ? 0 : -EOPNOTSUPP);
		cr_assert_eq(get_hw_info(0, &data, sizeof(data), &args), 0);
		cr_expect_eq(!!(args.out_capabilities & ABI_HW_CAP_DIRTY_TRACKING), tracks);
		stop();
	}
}

Test(model_vtd_less, amd_makes_no_hwpt_for_pasids_without_page_requests)
{
	const struct iommuctl_model_smmu amd = {
		.kind = IOMMUCTL_MODEL_IOMMU_AMD,
		.ssid_bits = 16,
		.dirty_tracking = true,
	};
	static const uint32_t with[] = { 0, ABI_HWPT_ALLOC_DIRTY_TRACKING,
		ABI_HWPT_ALLOC_NEST_PARENT };
	struct abi_hw_info_amd data;
	struct abi_hw_info args;

	start_with(&amd);
	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		cr_expect_gt(paging_alloc(&machine, ioas, with[i]), 0);
		cr_expect_eq(
			paging_alloc(&machine, ioas, with[i] | ABI_HWPT_ALLOC_PASID), -EOPNOTSUPP);
	}
	cr_assert_eq(get_hw_info(0, &data, sizeof(data), &args), 0);
	cr_expect_eq(args.out_max_pasid_log2, 15, "65535 of them");
	stop();
}

Test(model_vtd_less, amd_has_parents_and_viommus_and_nothing_on_them)
{
	const struct iommuctl_model_smmu amd = { .kind = IOMMUCTL_MODEL_IOMMU_AMD };
	struct abi_hwpt_amd_guest guest = { .dte = { 0 } };
	struct abi_hwpt_alloc alloc = {
		.data_type = ABI_HWPT_DATA_AMD_GUEST,
		.data_len = sizeof(guest),
		.data_uptr = (uintptr_t)&guest,
	};
	struct abi_hwpt_invalidate invalidation = { .size = sizeof(invalidation) };
	struct abi_viommu_alloc viommu = { .size = sizeof(viommu), .type = 12345 };
	struct abi_hw_info_amd data;
	struct iommuctl_amd_efr efr;
	struct abi_hw_info args;
	uint32_t id;

	start_with(&amd);
	cr_assert_eq(get_hw_info(0, &data, sizeof(data), &args), 0);
	cr_expect_eq(args.out_data_type, ABI_HW_INFO_TYPE_AMD);
	iommuctl_amd_efr_decode(data.efr, data.efr2, &efr);
	cr_expect(efr.gtsup && efr.giosup && efr.gcr3trpmode);
	parent = paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_expect_eq(map_read_only(), 0, "the erratum is of VT-d");
	viommu.dev_id = machine.dev_ids[0];
	viommu.hwpt_id = parent;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_VIOMMU_ALLOC, &viommu), 0);
	alloc.dev_id = machine.dev_ids[0];
	alloc.pt_id = viommu.out_viommu_id;
	cr_expect_eq(hwpt_alloc(&machine, alloc, &id), -EOPNOTSUPP);
	alloc.pt_id = parent;
	cr_expect_eq(hwpt_alloc(&machine, alloc, &id), -EOPNOTSUPP);
	invalidation.hwpt_id = viommu.out_viommu_id;
	cr_expect_eq(
		call(&machine, machine.iommufd, ABI_HWPT_INVALIDATE, &invalidation), -EOPNOTSUPP);
	cr_expect_eq(
		paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_ALLOC_PASID),
		-EOPNOTSUPP);
	stop();
}
