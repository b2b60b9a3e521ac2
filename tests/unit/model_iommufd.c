// SPDX-License-Identifier: MIT
/* How iommufd handles ioctls in general, and the ioctls that do not concern mappings. */
#include "model_fixture.h"

#include <sys/mman.h>

static struct machine machine;

static void start(void)
{
	machine_start(&machine, NULL);
	machine_bind_first(&machine);
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_iommufd, .init = start, .fini = stop);

Test(model_iommufd, an_ioctl_that_iommufd_does_not_have_is_no_ioctl)
{
	uint32_t args[32] = { sizeof(args) };

	cr_assert_eq(call(&machine, machine.iommufd, _IO(';', 0x7f), args), -ENOTTY);
	cr_assert_eq(call(&machine, machine.iommufd, _IO(';', 0x96), args), -ENOTTY);
	cr_assert_eq(call(&machine, machine.iommufd, _IO(':', 0x81), args), -ENOTTY);
	cr_assert_eq(call(&machine, machine.iommufd, _IOWR(';', 0x81, uint32_t), args), -ENOTTY);
}

Test(model_iommufd, a_struct_must_have_what_the_first_kernel_knew)
{
	struct abi_ioas_alloc args = { .size = sizeof(args) - 1 };

	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_ALLOC, &args), -EINVAL);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_ALLOC, NULL), -EFAULT);
}

Test(model_iommufd, an_older_struct_is_filled_up_with_zeros)
{
	struct abi_hwpt_alloc args = {
		.size = offsetof(struct abi_hwpt_alloc, data_type),
		.dev_id = machine.dev_ids[0],
		.pt_id = ioas_new(&machine),
		.data_type = UINT32_MAX,
		.fault_id = UINT32_MAX,
	};

	cr_assert_eq(call(&machine, machine.iommufd, ABI_HWPT_ALLOC, &args), 0);
	cr_assert_eq(args.out_hwpt_id, 3);
	cr_assert_eq(args.data_type, UINT32_MAX);
}

Test(model_iommufd, a_newer_struct_must_be_zero_where_it_is_not_known)
{
	struct {
		struct abi_ioas_alloc known;
		unsigned char news[8192];
	} args = { .known.size = sizeof(args) };

	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_ALLOC, &args), 0);
	args.news[sizeof(args.news) - 1] = 1;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_ALLOC, &args), -E2BIG);
}

Test(model_iommufd, a_struct_that_reaches_beyond_memory_is_a_fault)
{
	uint32_t *page =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap((char *)page + 4096, 4096);
	page[0] = UINT32_MAX;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_ALLOC, page), -EFAULT);
	munmap(page, 4096);
}

Test(model_iommufd, an_ioctl_that_fails_writes_nothing_back)
{
	struct abi_hw_info info = {
		.size = sizeof(info),
		.dev_id = 77,
		.in_data_type = 99,
		.out_max_pasid_log2 = 98,
		.out_capabilities = 97,
	};
	const struct abi_hw_info before = info;

	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &info), -ENOENT);
	cr_assert_eq(memcmp(&info, &before, sizeof(info)), 0);
}

static int option(uint32_t id, uint16_t op, uint32_t object, uint64_t *value)
{
	struct abi_option args = {
		.size = sizeof(args),
		.option_id = id,
		.op = op,
		.object_id = object,
		.val64 = *value,
	};
	int ret = call(&machine, machine.iommufd, ABI_OPTION, &args);

	*value = args.val64;
	return ret;
}

Test(model_iommufd, the_rlimit_mode_is_chosen_before_there_is_any_object)
{
	struct machine empty = machine;
	uint64_t value = 1;

	cr_assert_eq(option(ABI_OPTION_RLIMIT_MODE, ABI_OPTION_OP_SET, 0, &value), -EBUSY);
	machine.iommufd = machine_open_file(&empty, "/dev/iommu");
	value = 2;
	cr_assert_eq(option(ABI_OPTION_RLIMIT_MODE, ABI_OPTION_OP_SET, 0, &value), -EINVAL);
	value = 1;
	cr_assert_eq(option(ABI_OPTION_RLIMIT_MODE, ABI_OPTION_OP_SET, 0, &value), 0);
	value = 7;
	cr_assert_eq(option(ABI_OPTION_RLIMIT_MODE, ABI_OPTION_OP_GET, 0, &value), 0);
	cr_assert_eq(value, 1);
	cr_assert_eq(option(ABI_OPTION_RLIMIT_MODE, ABI_OPTION_OP_GET, 1, &value), -EOPNOTSUPP);
}

Test(model_iommufd, huge_pages_are_an_option_of_an_ioas_with_no_hwpt_over_a_mapping)
{
	static _Alignas(4096) char page[4096];
	uint32_t ioas = ioas_new(&machine);
	uint64_t value = 5;

	cr_assert_eq(option(ABI_OPTION_HUGE_PAGES, ABI_OPTION_OP_GET, ioas, &value), 0);
	cr_assert_eq(value, 1);
	cr_assert_eq(option(ABI_OPTION_HUGE_PAGES, ABI_OPTION_OP_GET, 99, &value), -ENOENT);
	cr_assert_eq(ioas_map(&machine, ioas, page, 4096, 0x1000), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	value = 0;
	cr_assert_eq(option(ABI_OPTION_HUGE_PAGES, ABI_OPTION_OP_SET, ioas, &value), -EINVAL);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0x1000, 4096), 0);
	cr_assert_eq(option(ABI_OPTION_HUGE_PAGES, ABI_OPTION_OP_SET, ioas, &value), 0);
	cr_assert_eq(option(ABI_OPTION_HUGE_PAGES, ABI_OPTION_OP_GET, ioas, &value), 0);
	cr_assert_eq(value, 0);
}

static int vfio_ioas(uint16_t op, uint32_t *ioas)
{
	struct abi_vfio_ioas args = { .size = sizeof(args), .op = op, .ioas_id = *ioas };
	int ret = call(&machine, machine.iommufd, ABI_VFIO_IOAS, &args);

	*ioas = args.ioas_id;
	return ret;
}

Test(model_iommufd, the_ioas_of_the_container_is_forgotten_when_it_goes)
{
	uint32_t ioas = ioas_new(&machine);
	uint32_t found = 0;

	cr_assert_eq(vfio_ioas(ABI_VFIO_IOAS_GET, &found), -ENODEV);
	cr_assert_eq(vfio_ioas(ABI_VFIO_IOAS_SET, &ioas), 0);
	cr_assert_eq(vfio_ioas(ABI_VFIO_IOAS_GET, &found), 0);
	cr_assert_eq(found, ioas);
	cr_assert_eq(destroy(&machine, ioas), 0);
	cr_assert_eq(vfio_ioas(ABI_VFIO_IOAS_GET, &found), -ENODEV);
	cr_assert_eq(vfio_ioas(3, &found), -EOPNOTSUPP);
}

Test(model_iommufd, hw_info_is_cut_or_filled_up_to_the_room_there_is)
{
	unsigned char data[64];
	struct abi_hw_info args = {
		.size = sizeof(args),
		.dev_id = machine.dev_ids[0],
		.data_uptr = (uintptr_t)data,
	};

	memset(data, 0xee, sizeof(data));
	args.data_len = 12;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &args), 0);
	cr_assert_eq(args.data_len, sizeof(struct abi_hw_info_arm_smmuv3));
	cr_assert_eq(args.out_data_type, ABI_HW_INFO_TYPE_ARM_SMMUV3);
	cr_assert_eq(data[12], 0xee);
	args.data_len = 60;
	args.in_data_type = 0;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &args), 0);
	cr_assert_eq(data[59], 0);
	cr_assert_eq(data[60], 0xee);
	args.data_uptr = 0;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &args), -EFAULT);
}

Test(model_iommufd, hw_info_of_another_kind_of_iommu_is_not_supported)
{
	struct abi_hw_info args = {
		.size = sizeof(args),
		.flags = ABI_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = machine.dev_ids[0],
		.in_data_type = ABI_HW_INFO_TYPE_TEGRA241_CMDQV,
	};

	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &args), -EOPNOTSUPP);
	args.in_data_type = ABI_HW_INFO_TYPE_ARM_SMMUV3;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_GET_HW_INFO, &args), 0);
}

static const struct {
	const char *what;
	struct abi_hwpt_alloc args;
	int result;
} hwpts[] = {
	{ "an unknown device", { .dev_id = 9, .pt_id = 2 }, -ENOENT },
	{ "an unknown page table", { .dev_id = 1, .pt_id = 9 }, -EINVAL },
	{ "a device as page table", { .dev_id = 1, .pt_id = 1 }, -EINVAL },
	{ "a reserved field", { .dev_id = 9, .pt_id = 2, .reserved = 1 }, -EOPNOTSUPP },
	{ "data without type", { .dev_id = 1, .pt_id = 2, .data_len = 16 }, -EINVAL },
	{ "type without data", { .dev_id = 9, .pt_id = 2, .data_type = 2 }, -EINVAL },
	{ "data for a paging HWPT", { .dev_id = 1, .pt_id = 2, .data_type = 2, .data_len = 16 },
		-EOPNOTSUPP },
	{ "an unknown flag", { .dev_id = 1, .pt_id = 2, .flags = 1 << 4 }, -EOPNOTSUPP },
	{ "dirty tracking", { .dev_id = 1, .pt_id = 2, .flags = ABI_HWPT_ALLOC_DIRTY_TRACKING },
		-EOPNOTSUPP },
	{ "a parent with PASIDs",
		{ .dev_id = 1,
			.pt_id = 2,
			.flags = ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_ALLOC_PASID },
		-EOPNOTSUPP },
	{ "a parent with faults",
		{ .dev_id = 1,
			.pt_id = 2,
			.flags = ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_FAULT_ID_VALID },
		-EOPNOTSUPP },
	{ "an unknown fault queue",
		{ .dev_id = 1, .pt_id = 2, .flags = ABI_HWPT_FAULT_ID_VALID, .fault_id = 9 },
		-ENOENT },
	{ "a parent", { .dev_id = 1, .pt_id = 2, .flags = ABI_HWPT_ALLOC_NEST_PARENT }, 0 },
	{ "one for PASIDs", { .dev_id = 1, .pt_id = 2, .flags = ABI_HWPT_ALLOC_PASID }, 0 },
};

Test(model_iommufd, hwpt_alloc_refuses_what_the_kernel_refuses)
{
	ioas_new(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(hwpts); i++) {
		struct abi_hwpt_alloc args = hwpts[i].args;

		args.size = sizeof(args);
		cr_expect_eq(call(&machine, machine.iommufd, ABI_HWPT_ALLOC, &args),
			hwpts[i].result, "%s", hwpts[i].what);
	}
	cr_assert_eq(ioas_new(&machine), 5, "what failed left an id behind");
}

Test(model_iommufd, an_smmu_without_nesting_has_no_parents)
{
	const struct iommuctl_model_config config = {
		.smmu_count = 1,
		.smmus = { { .no_nesting = true } },
		.device_count = 2,
		.devices = { { .pci = "0000:00:01.0" }, { .pci = "0000:00:02.0" } },
	};
	struct machine plain;
	uint32_t ioas;

	machine_start(&plain, &config);
	machine_bind_first(&plain);
	ioas = ioas_new(&plain);
	cr_assert_eq(paging_alloc(&plain, ioas, ABI_HWPT_ALLOC_NEST_PARENT), -EOPNOTSUPP);
	cr_assert_gt(paging_alloc(&plain, ioas, 0), 0);
	machine_stop(&plain);
}

static const struct {
	struct abi_hwpt_get_dirty_bitmap args;
	int result;
} bitmaps[] = {
	{ { .hwpt_id = 3, .flags = 2, .length = 4096, .page_size = 4096 }, -EOPNOTSUPP },
	{ { .hwpt_id = 2, .length = 4096, .page_size = 4096 }, -ENOENT },
	{ { .hwpt_id = 3, .page_size = 4096 }, -EINVAL },
	{ { .hwpt_id = 3, .iova = UINT64_MAX, .length = 2, .page_size = 4096 }, -EOVERFLOW },
	{ { .hwpt_id = 3, .iova = 1, .length = 4096, .page_size = 4096 }, -EINVAL },
	{ { .hwpt_id = 3, .length = 4097, .page_size = 4096 }, -EINVAL },
	{ { .hwpt_id = 3, .length = 4096 }, -EINVAL },
	{ { .hwpt_id = 3, .length = 4096, .page_size = 8192 }, -EINVAL },
	{ { .hwpt_id = 3, .length = 4096, .page_size = 4096 }, -EOPNOTSUPP },
};

Test(model_iommufd, an_smmu_of_qemu_does_not_track_dirty_pages)
{
	struct abi_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = ABI_HWPT_DIRTY_TRACKING_ENABLE,
		.hwpt_id = 2,
	};

	paging_alloc(&machine, ioas_new(&machine), 0);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_HWPT_SET_DIRTY_TRACKING, &set), -ENOENT);
	set.hwpt_id = 3;
	cr_assert_eq(
		call(&machine, machine.iommufd, ABI_HWPT_SET_DIRTY_TRACKING, &set), -EOPNOTSUPP);
	for (size_t i = 0; i < ARRAY_SIZE(bitmaps); i++) {
		struct abi_hwpt_get_dirty_bitmap get = bitmaps[i].args;

		get.size = sizeof(get);
		cr_expect_eq(call(&machine, machine.iommufd, ABI_HWPT_GET_DIRTY_BITMAP, &get),
			bitmaps[i].result, "row %zu", i);
	}
}
