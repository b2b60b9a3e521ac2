// SPDX-License-Identifier: MIT
/*
 * MSI and MSI-X as a guest of the example's VMM sees them, and the parts of a BAR that are mapped
 * around them.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "array.h"
#include "bar_areas.h"
#include "kvm_function.h"

#define PAGE UINT64_C(0x1000)

static void make(struct kvm_function *function)
{
	function_make(function);
	function_power_on(function);
	cr_assert(msi_init(&function->msi, &function->space, function->image));
}

static void write_config(struct kvm_function *function, uint32_t at, uint32_t size, uint32_t value)
{
	config_space_write(&function->space, at, size, value);
}

static void write_bar(struct kvm_function *function, uint64_t offset, uint64_t size, uint64_t value)
{
	const struct msi_range access = { 3, offset, size };

	cr_assert(msi_owns(&function->msi, 3, offset, (unsigned int)size));
	msi_write(&function->msi, &access, value);
}

static uint64_t read_bar(
	const struct kvm_function *function, uint64_t offset, uint64_t size, uint64_t pending)
{
	const struct msi_range access = { 3, offset, size };

	return msi_read(&function->msi, &access, pending);
}

Test(kvm_msi, is_off_after_a_reset)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(msi_get_kind(&function.msi, &function.space), MSI_OFF);
	cr_expect_eq(msi_get_count(&function.msi, &function.space), 0);
	/* The device's own are on. */
	cr_expect_eq(function_read(&function, AT_MSI + 2, 2), 0x0184);
	cr_expect_eq(function_read(&function, AT_MSIX + 2, 2), 9);
	cr_expect_eq(read_bar(&function, 12, 4, 0), 1);
}

Test(kvm_msi, plain_vectors_share_address_and_data)
{
	struct kvm_function function;
	struct msi_vector vector;

	make(&function);
	write_config(&function, AT_MSI + 4, 4, 0x0a030043);
	write_config(&function, AT_MSI + 8, 4, 0x1);
	write_config(&function, AT_MSI + 12, 2, 0x1235);
	write_config(&function, AT_MSI + 16, 4, UINT32_MAX);
	write_config(&function, AT_MSI + 2, 2, 0x0021);
	cr_expect_eq(function_read(&function, AT_MSI + 4, 4), 0x0a030040);
	cr_expect_eq(function_read(&function, AT_MSI + 2, 2), 0x01a5);
	cr_expect_eq(function_read(&function, AT_MSI + 16, 4), 0xf);
	cr_expect_eq(msi_get_kind(&function.msi, &function.space), MSI_PLAIN);
	cr_expect_eq(msi_get_count(&function.msi, &function.space), 4);
	vector = msi_get_vector(&function.msi, &function.space, 2);
	cr_expect_eq(vector.data, 0x1236);
	cr_expect(vector.masked);
	write_config(&function, AT_MSI + 16, 4, 0xb);
	cr_expect_not(msi_get_vector(&function.msi, &function.space, 2).masked);
	msi_set_pending(&function.msi, &function.space, 0x8);
	cr_expect_eq(function_read(&function, AT_MSI + 20, 4), 0x8);
	write_config(&function, AT_MSI + 20, 4, 0);
	cr_expect_eq(function_read(&function, AT_MSI + 20, 4), 0x8);
}

Test(kvm_msi, a_guest_gets_no_more_plain_vectors_than_there_are)
{
	struct kvm_function function;

	make(&function);
	write_config(&function, AT_MSI + 2, 2, UINT16_MAX);
	cr_expect_eq(msi_get_count(&function.msi, &function.space), 4);
}

Test(kvm_msi, without_64_bits_and_masks_registers_are_elsewhere)
{
	struct kvm_function function;

	function_make(&function);
	function_put(&function, AT_MSI + 2, 0x0000, 2);
	function_put(&function, AT_MSI + 12, 0x11223344, 4);
	function_power_on(&function);
	cr_assert(msi_init(&function.msi, &function.space, function.image));
	write_config(&function, AT_MSI + 8, 2, 0x77);
	write_config(&function, AT_MSI + 2, 2, 1);
	cr_expect_eq(msi_get_vector(&function.msi, &function.space, 0).data, 0x77);
	cr_expect_not(msi_get_vector(&function.msi, &function.space, 0).masked);
	cr_expect_eq(function_read(&function, AT_MSI + 12, 4), 0x11223344);
}

Test(kvm_msi, entries_are_written_in_any_size)
{
	struct kvm_function function;
	struct msi_vector vector;

	make(&function);
	write_config(&function, AT_MSIX + 2, 2, 0x8000);
	cr_expect_eq(msi_get_kind(&function.msi, &function.space), MSI_X);
	cr_expect_eq(msi_get_count(&function.msi, &function.space), 10);
	write_bar(&function, 9 * 16, 8, UINT64_C(0x10a030040));
	write_bar(&function, 9 * 16 + 8, 4, 0x1122);
	write_bar(&function, 9 * 16 + 9, 1, 0x33);
	vector = msi_get_vector(&function.msi, &function.space, 9);
	cr_expect_eq(vector.data, 0x3322);
	cr_expect(vector.masked);
	write_bar(&function, 9 * 16 + 12, 4, 0xfffffffe);
	cr_expect_not(msi_get_vector(&function.msi, &function.space, 9).masked);
	write_config(&function, AT_MSIX + 2, 2, 0xc000);
	cr_expect(msi_get_vector(&function.msi, &function.space, 9).masked);
	/* Half of it is beyond. */
	write_bar(&function, 9 * 16 + 12, 8, UINT64_MAX);
	cr_expect_eq(read_bar(&function, 9 * 16 + 12, 8, 0), UINT32_MAX);
	cr_expect_not(msi_owns(&function.msi, 3, 10 * 16, 8));
	cr_expect_not(msi_owns(&function.msi, 0, 0, 8));
}

Test(kvm_msi, pending_bits_are_read_only)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(read_bar(&function, 0x2000, 8, 0x201), 0x201);
	cr_expect_eq(read_bar(&function, 0x2001, 1, 0x201), 0x2);
	write_bar(&function, 0x2000, 8, 0);
	cr_expect_eq(read_bar(&function, 0x2000, 8, 0x201), 0x201);
	cr_expect_not(msi_owns(&function.msi, 3, 0x2008, 4));
}

Test(kvm_msi, a_large_table_is_shown_smaller)
{
	struct kvm_function function;

	function_make(&function);
	function_put(&function, AT_MSIX + 2, 199, 2);
	function_power_on(&function);
	cr_assert(msi_init(&function.msi, &function.space, function.image));
	cr_expect_eq(function_read(&function, AT_MSIX + 2, 2), MAX_VECTORS - 1);
	/* The rest of the device's table belongs to neither the guest nor the VMM. */
	cr_expect(msi_owns(&function.msi, 3, 199 * 16, 4));
	write_bar(&function, 199 * 16, 4, 7);
	cr_expect_eq(read_bar(&function, 199 * 16, 4, 0), 0);
	cr_expect(msi_owns(&function.msi, 3, 0x2018, 8));
	cr_expect_eq(read_bar(&function, 0x2018, 8, UINT64_MAX), 0);
}

Test(kvm_msi, a_table_outside_of_a_bar_is_ignored)
{
	static const uint32_t tables[] = { 0x00000004, 0x00000007, 0x00003ff3, 0x00010003 };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct kvm_function function;

		function_make(&function);
		function_put(&function, AT_MSIX + 4, tables[i], 4);
		function_power_on(&function);
		cr_expect_not(msi_init(&function.msi, &function.space, function.image));
		cr_expect_eq(function.msi.x_count, 0);
	}
}

struct carving {
	struct iommuctl_vfio_region_area areas[2];
	struct iommuctl_vfio_region_area holes[2];
	struct iommuctl_vfio_region_area parts[4];
	size_t count;
};

static const struct carving carvings[] = {
	{ .areas = { { 0, 0x4000 } }, .parts = { { 0, 0x4000 } }, .count = 1 },
	{ .areas = { { 0, 0x80 } } },
	{ .areas = { { 0x800, 0x2000 } }, .parts = { { 0x1000, 0x1000 } }, .count = 1 },
	{ .areas = { { 0, 0x4000 } },
		.holes = { { 0, 0xa0 }, { 0x2000, 8 } },
		.parts = { { 0x1000, 0x1000 }, { 0x3000, 0x1000 } },
		.count = 2 },
	{ .areas = { { 0, 0x4000 } },
		.holes = { { 0x1ff0, 0x20 }, { 0x2800, 8 } },
		.parts = { { 0, 0x1000 }, { 0x3000, 0x1000 } },
		.count = 2 },
	{ .areas = { { 0, 0x1000 }, { 0x3000, 0x2000 } },
		.holes = { { 0x3000, 0x10 } },
		.parts = { { 0, 0x1000 }, { 0x4000, 0x1000 } },
		.count = 2 },
	{ .areas = { { 0, 0x1000 } }, .holes = { { 0, 0x1000 } } },
};

Test(kvm_msi, whole_pages_around_the_table_are_mapped)
{
	for (size_t i = 0; i < ARRAY_SIZE(carvings); i++) {
		const struct carving *carving = &carvings[i];
		struct iommuctl_vfio_region_area parts[4] = { 0 };

		cr_expect_eq(bar_areas_carve(carving->areas, 2, carving->holes, PAGE, parts, 4),
			carving->count, "%zu", i);
		cr_expect_eq(memcmp(parts, carving->parts, sizeof(parts)), 0, "%zu", i);
		cr_expect_leq(
			bar_areas_carve(carving->areas, 2, carving->holes, PAGE, parts, 1), 1);
	}
}
