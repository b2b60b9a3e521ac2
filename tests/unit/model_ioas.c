// SPDX-License-Identifier: MIT
/* What is mapped, reserved and allowed in an IOAS. */
#include <iommuctl/msi.h>

#include "model_ioas_fixture.h"

TestSuite(model_ioas, .init = start, .fini = stop);

static int map_anywhere(const void *host, uint64_t length, uint64_t *iova)
{
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = RW,
		.ioas_id = ioas,
		.user_va = (uintptr_t)host,
		.length = length,
	};
	int err = call(&machine, machine.iommufd, ABI_IOAS_MAP, &args);

	*iova = args.iova;
	return err;
}

static int allow(const struct abi_iova_range *ranges, uint32_t count)
{
	struct abi_ioas_allow_iovas args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.num_iovas = count,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_ALLOW_IOVAS, &args);
}

static int get_ranges(struct abi_iova_range *ranges, uint32_t *count, uint64_t *alignment)
{
	struct abi_ioas_iova_ranges args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.num_iovas = *count,
		.allowed_iovas = (uintptr_t)ranges,
	};
	int err = call(&machine, machine.iommufd, ABI_IOAS_IOVA_RANGES, &args);

	*count = args.num_iovas;
	*alignment = args.out_iova_alignment;
	return err;
}

/* 16K at 64K are mapped, with a HWPT. */
static const struct {
	const char *what;
	struct abi_ioas_map args;
	int result;
} maps[] = {
	{ "an unknown flag", { .flags = FIXED_RW | 8, .iova = UINT64_MAX }, -EOPNOTSUPP },
	{ "a reserved field", { .flags = FIXED_RW, .length = 4 * K, .reserved = 1 }, -EOPNOTSUPP },
	{ "the last IOVA", { .length = 4 * K, .iova = UINT64_MAX }, -EOVERFLOW },
	{ "the largest length", { .flags = FIXED_RW, .length = UINT64_MAX }, -EOVERFLOW },
	{ "no access", { .flags = ABI_IOAS_MAP_FIXED_IOVA, .length = 4 * K, .ioas_id = 9 },
		-EINVAL },
	{ "an unknown IOAS", { .flags = FIXED_RW, .ioas_id = 9 }, -ENOENT },
	{ "a HWPT", { .flags = FIXED_RW, .ioas_id = 3, .length = 4 * K }, -ENOENT },
	{ "memory beyond all addresses",
		{ .flags = FIXED_RW, .user_va = UINT64_MAX, .length = 4 * K }, -EOVERFLOW },
	{ "no length", { .flags = FIXED_RW, .iova = 1 }, -EINVAL },
	{ "half a page", { .flags = FIXED_RW, .length = 2 * K }, -EINVAL },
	{ "an IOVA within a page", { .flags = FIXED_RW, .length = 4 * K, .iova = 1 }, -EINVAL },
	{ "an IOVA that overflows",
		{ .flags = FIXED_RW, .length = 8 * K, .iova = UINT64_MAX - 4 * K + 1 },
		-EOVERFLOW },
	{ "the end of the aperture",
		{ .flags = FIXED_RW, .length = 4 * K, .iova = PAGING_APERTURE }, -EINVAL },
	{ "the end of a mapping", { .flags = FIXED_RW, .length = 4 * K, .iova = 76 * K }, -EEXIST },
	{ "all around a mapping", { .flags = FIXED_RW, .length = 64 * K, .iova = 32 * K },
		-EEXIST },
	{ "memory within a page", { .flags = FIXED_RW, .user_va = 0x20001, .length = 4 * K },
		-EINVAL },
	{ "NULL", { .flags = FIXED_RW, .length = 4 * K }, -EFAULT },
	{ "NULL to anywhere", { .flags = RW, .length = 4 * K }, -EFAULT },
};

Test(model_ioas, map_refuses_what_the_kernel_refuses)
{
	cr_assert_eq(map(64 * K, 16 * K), 0);
	cr_assert_eq(paging_alloc(&machine, ioas, 0), 3);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct abi_ioas_map args = maps[i].args;

		args.size = sizeof(args);
		args.ioas_id = args.ioas_id ? args.ioas_id : ioas;
		cr_expect_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &args), maps[i].result,
			"%s", maps[i].what);
	}
}

Test(model_ioas, neighbours_can_be_mapped)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(60 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 4 * K), 0);
}

Test(model_ioas, without_a_hwpt_any_byte_can_be_mapped)
{
	cr_assert_eq(map(1, 1), 0);
	cr_assert_eq(map(2, 7), 0);
	cr_assert_eq(map(8, 1), -EEXIST);
	cr_assert_eq(paging_alloc(&machine, ioas, 0), -EADDRINUSE);
}

Test(model_ioas, an_iova_is_chosen_from_the_second_page_on)
{
	uint64_t iova;

	cr_assert_eq(map_anywhere(memory, 8 * K, &iova), 0);
	cr_assert_eq(iova, 4 * K);
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), 0);
	cr_assert_eq(iova, 12 * K);
	cr_assert_eq(ioas_unmap(&machine, ioas, 4 * K, 8 * K), 0);
	cr_assert_eq(map_anywhere(memory, 12 * K, &iova), 0);
	cr_assert_eq(iova, 16 * K);
	cr_assert_eq(map_anywhere(memory + 7, 4 * K, &iova), 0);
	cr_assert_eq(iova, 4 * K + 7, "the place in the page is kept");
}

Test(model_ioas, an_iova_is_chosen_where_it_is_allowed)
{
	static const struct abi_iova_range allowed[] = {
		{ 64 * K, 68 * K - 1 },
		{ 68 * K, 72 * K - 1 },
		{ 128 * K, 256 * K - 1 },
	};
	uint64_t iova;

	cr_assert_eq(allow(allowed, 3), 0);
	cr_assert_eq(map_anywhere(memory, 8 * K, &iova), 0);
	cr_assert_eq(iova, 64 * K, "ranges that touch each other are one");
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), 0);
	cr_assert_eq(iova, 128 * K);
	cr_assert_eq(map(0, 4 * K), 0, "a fixed IOVA may be elsewhere");
	cr_assert_eq(allow(allowed, 1), 0);
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), -ENOSPC);
}

Test(model_ioas, allowed_ranges_are_in_order_disjoint_and_not_reserved)
{
	static const struct abi_iova_range backwards = { 8 * K, 4 * K };
	static const struct abi_iova_range overlapping[] = {
		{ 64 * K, 72 * K },
		{ 4 * K, 8 * K },
		{ 72 * K, 80 * K },
	};
	static const struct abi_iova_range beyond = { 0, PAGING_APERTURE };

	cr_assert_eq(allow(&backwards, 1), -EINVAL);
	cr_assert_eq(allow(overlapping, 3), -EINVAL);
	cr_assert_eq(allow(NULL, 1), -EFAULT);
	cr_assert_eq(allow(NULL, 0), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(allow(&beyond, 1), -EADDRINUSE);
}

Test(model_ioas, what_is_allowed_cannot_become_reserved)
{
	static const struct abi_iova_range window = { IOMMUCTL_MSI_WINDOW_START,
		IOMMUCTL_MSI_WINDOW_START + 4 * K };

	cr_assert_eq(allow(&window, 1), 0);
	cr_assert_eq(attach(&machine, 0, ioas), -EADDRINUSE);
}

Test(model_ioas, only_whole_mappings_are_unmapped)
{
	cr_assert_eq(map(64 * K, 16 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 12 * K), -ENOENT);
	cr_assert_eq(ioas_unmap(&machine, ioas, 68 * K, 12 * K), -ENOENT);
	cr_assert_eq(ioas_unmap(&machine, ioas, 60 * K, 64 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 60 * K, 64 * K), -ENOENT);
}

Test(model_ioas, an_unmap_that_cuts_a_mapping_takes_those_before_it)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 8 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 8 * K), -ENOENT);
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 8 * K), -EEXIST);
}

Test(model_ioas, unmap_tells_how_much_there_was)
{
	struct abi_ioas_unmap args = { .size = sizeof(args), .ioas_id = ioas, .length = 1024 * K };

	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(128 * K, 8 * K), 0);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_UNMAP, &args), 0);
	cr_assert_eq(args.length, 12 * K);
}

Test(model_ioas, everything_can_be_unmapped_even_if_it_is_nothing)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, UINT64_MAX), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, UINT64_MAX), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 1, UINT64_MAX), -EOVERFLOW);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, 0), -EINVAL);
	cr_assert_eq(ioas_unmap(&machine, ioas, UINT64_MAX - 1, 3), -EOVERFLOW);
}

Test(model_ioas, the_ranges_of_an_ioas_are_what_is_not_reserved)
{
	struct abi_iova_range ranges[4];
	uint32_t count = 4;
	uint64_t alignment;

	cr_assert_eq(get_ranges(ranges, &count, &alignment), 0);
	cr_assert_eq(count, 1);
	cr_assert_eq(ranges[0].start, 0);
	cr_assert_eq(ranges[0].last, UINT64_MAX);
	cr_assert_eq(alignment, 1);
	paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	count = 4;
	cr_assert_eq(get_ranges(ranges, &count, &alignment), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(ranges[0].last, IOMMUCTL_MSI_WINDOW_START - 1);
	cr_assert_eq(ranges[1].start, IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE);
	cr_assert_eq(ranges[1].last, PARENT_APERTURE - 1, "the narrowest HWPT");
	cr_assert_eq(alignment, 4 * K);
}

Test(model_ioas, too_short_an_array_of_ranges_is_filled_and_the_full_length_returned)
{
	struct abi_iova_range ranges[2] = { { 7, 7 }, { 7, 7 } };
	uint32_t count = 1;
	uint64_t alignment;

	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(get_ranges(ranges, &count, &alignment), -EMSGSIZE);
	cr_assert_eq(count, 2);
	cr_assert_eq(ranges[0].last, IOMMUCTL_MSI_WINDOW_START - 1);
	cr_assert_eq(ranges[1].last, 7);
	count = 1;
	cr_assert_eq(get_ranges(NULL, &count, &alignment), -EFAULT);
}

Test(model_ioas, what_a_hwpt_reserved_is_free_again_without_it)
{
	int hwpt = paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT);

	cr_assert_eq(map(PARENT_APERTURE, 4 * K), -EINVAL);
	cr_assert_eq(destroy(&machine, (uint32_t)hwpt), 0);
	cr_assert_eq(map(PARENT_APERTURE, 4 * K), 0);
	cr_assert_eq(paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT), -EADDRINUSE);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
}

Test(model_ioas, the_msi_window_is_reserved_while_a_device_is_attached)
{
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(map(IOMMUCTL_MSI_WINDOW_START, 4 * K), -EINVAL);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_assert_eq(map(IOMMUCTL_MSI_WINDOW_START, 4 * K), 0);
	cr_assert_eq(attach(&machine, 0, ioas), -EADDRINUSE);
}
