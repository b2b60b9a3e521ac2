// SPDX-License-Identifier: MIT
/* What a guest of the example's VMM sees of a function's configuration space. */
#include <criterion/criterion.h>

#include <string.h>

#include "array.h"
#include "kvm_function.h"
#include "passthrough_option.h"

static void make(struct kvm_function *function)
{
	function_make(function);
	function_power_on(function);
}

/* The IDs of a list of capabilities, in its order, as digits of a number. */
static uint64_t walk_standard(const struct kvm_function *function)
{
	uint64_t ids = 0;

	for (uint32_t at = function_read(function, 0x34, 1); at;
		at = function_read(function, at + 1, 1))
		ids = ids << 8 | function_read(function, at, 1);
	return ids;
}

static uint64_t walk_extended(const struct kvm_function *function)
{
	uint64_t ids = 0;

	for (uint32_t at = 0x100; at; at = function_read(function, at, 4) >> 20)
		ids = ids << 16 | (function_read(function, at, 4) & 0xffff);
	return ids;
}

Test(kvm_config_space, shows_the_ids_and_hides_interrupt_pin_rom_and_other_functions)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(function_read(&function, 0, 4), 0x10c98086);
	cr_expect_eq(function_read(&function, 8, 4), 0x02000001);
	cr_expect_eq(function_read(&function, 0x0e, 1), 0);
	cr_expect_eq(function_read(&function, 0x30, 4), 0);
	cr_expect_eq(function_read(&function, 0x3d, 1), 0);
	config_space_write(&function.space, 0x30, 4, UINT32_MAX);
	cr_expect_eq(function_read(&function, 0x30, 4), 0);
}

Test(kvm_config_space, links_what_a_guest_sees_and_hides_the_rest)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(walk_standard(&function), 0x051110);
	cr_expect_eq(walk_extended(&function), 0x00000003);
	/* Power management with all up to the next capability; AER; SR-IOV. */
	cr_expect_eq(function_read(&function, AT_POWER, 4), 0);
	cr_expect_eq(function_read(&function, AT_MSI - 4, 4), 0);
	cr_expect_eq(function_read(&function, AT_AER + 4, 4), 0);
	cr_expect_eq(function_read(&function, AT_SERIAL + 4, 4), 0xdeadbeef);
	cr_expect_eq(function_read(&function, AT_SRIOV, 4), 0);
	cr_expect_not(config_space_is_passed(&function.space, AT_POWER + 4, 2));
	cr_expect(config_space_is_passed(&function.space, AT_SERIAL + 4, 4));
}

Test(kvm_config_space, is_an_endpoint_without_a_port_above)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(function_read(&function, AT_PCIE + 2, 1), 0x92);
	function_put(&function, AT_PCIE + 2, 0x42, 1);
	function_power_on(&function);
	cr_expect_eq(function_read(&function, AT_PCIE + 2, 1), 0x42);
}

Test(kvm_config_space, ends_lists_that_go_in_circles_or_lead_out)
{
	struct kvm_function function;

	make(&function);
	function_put(&function, AT_PCIE + 1, AT_MSI, 1);
	function_put(&function, AT_SERIAL, 0x14010003, 4);
	function_power_on(&function);
	cr_expect_eq(walk_standard(&function), 0x051110);
	cr_expect_eq(walk_extended(&function), 0x00000003);
	function_put(&function, AT_PCIE + 1, 0x3c, 1);
	function_put(&function, AT_SERIAL, 0x08010003, 4);
	function_power_on(&function);
	cr_expect_eq(walk_standard(&function), 0x051110);
	cr_expect_eq(walk_extended(&function), 0x00000003);
	function_put(&function, 0x34, 0, 1);
	function_put(&function, 0x100, UINT32_MAX, 4);
	function_power_on(&function);
	cr_expect_eq(walk_standard(&function), 0);
	cr_expect_eq(walk_extended(&function), 0);
}

Test(kvm_config_space, hides_a_capability_without_room)
{
	struct kvm_function function;

	make(&function);
	function_put(&function, AT_PCIE + 1, 0xf0, 1);
	function_put(&function, 0xf0, 0xf405, 2);
	function_put(&function, 0xf4, 0x0011, 2);
	function_power_on(&function);
	cr_expect_eq(walk_standard(&function), 0x05111011);
	cr_expect_eq(function.space.msi, AT_MSI);
	cr_expect_eq(function.space.msix, 0xf4);
}

Test(kvm_config_space, ends_where_the_function_does)
{
	struct kvm_function function;

	function_make(&function);
	config_space_init(
		&function.space, function.image, CONFIG_SPACE_STANDARD_SIZE, function.bars);
	cr_expect_eq(function_read(&function, 0xfc, 4), 0);
	cr_expect_eq(function_read(&function, 0x100, 4), UINT32_MAX);
	cr_expect_eq(function_read(&function, 0xffc, 4), UINT32_MAX);
	cr_expect_not(config_space_is_passed(&function.space, 0x100, 4));
}

Test(kvm_config_space, sizes_bars_as_hardware_does)
{
	struct kvm_function function;

	make(&function);
	for (uint32_t at = PCI_REGISTER_BARS; at < 0x28; at += 4)
		config_space_write(&function.space, at, 4, UINT32_MAX);
	cr_expect_eq(function_read(&function, 0x10, 4), 0xfffe0000);
	cr_expect_eq(function_read(&function, 0x14, 4), 0x0000000c);
	cr_expect_eq(function_read(&function, 0x18, 4), 0xfffffffe);
	cr_expect_eq(function_read(&function, 0x1c, 4), 0xffffc000);
	cr_expect_eq(function_read(&function, 0x20, 4), 0);
	cr_expect_eq(function_read(&function, 0x24, 4), 0);
	cr_expect_eq(config_space_bar_address(&function.space, 1), UINT64_C(0xfffffffe00000000));
}

Test(kvm_config_space, places_bars_by_bytes_as_well)
{
	struct kvm_function function;

	make(&function);
	config_space_write(&function.space, 0x12, 2, 0x2002);
	config_space_write(&function.space, 0x10, 1, 0xff);
	cr_expect_eq(config_space_bar_address(&function.space, 0), 0x20020000);
	config_space_write(&function.space, 0x18, 4, 0x6);
	cr_expect_eq(config_space_bar_address(&function.space, 1), UINT64_C(0x600000000));
}

Test(kvm_config_space, has_no_64_bit_bar_in_its_last_register)
{
	struct kvm_function function;

	function_make(&function);
	function.bars[5] = (struct bar){ .size = 0x1000, .is_64 = true };
	function_power_on(&function);
	config_space_write(&function.space, 0x24, 4, UINT32_MAX);
	cr_expect_eq(function_read(&function, 0x24, 4), 0xfffff000);
	cr_expect_eq(config_space_bar_address(&function.space, 5), 0xfffff000);
}

Test(kvm_config_space, keeps_what_of_the_command_register_there_is)
{
	struct kvm_function function;

	make(&function);
	cr_expect_eq(function_read(&function, 4, 2), 0);
	cr_expect_eq(function_read(&function, 6, 2), 0x0010);
	config_space_write(&function.space, 4, 4, UINT32_MAX);
	cr_expect_eq(function_read(&function, 4, 2), 0x0546);
	cr_expect_eq(function_read(&function, 6, 2), 0x0010);
}

Test(kvm_config_space, bears_any_write_and_any_image)
{
	struct kvm_function function;
	uint32_t random = 1;

	for (int round = 0; round < 200; round++) {
		function_make(&function);
		for (uint32_t at = 0; at < CONFIG_SPACE_SIZE; at++) {
			random = random * 1103515245 + 12345;
			if (round % 2 || random >> 28 == 0)
				function.image[at] = (uint8_t)(random >> 16);
		}
		function_power_on(&function);
		for (uint32_t at = 0; at < CONFIG_SPACE_SIZE; at += 4) {
			random = random * 1103515245 + 12345;
			config_space_write(&function.space, at, 4, random);
			cr_assert_eq(config_space_read(&function.space, at, 4, 0) &
					     config_space_read(&function.space, at, 4, UINT32_MAX),
				config_space_read(&function.space, at, 4, 0));
		}
		if (msi_init(&function.msi, &function.space, function.image))
			cr_assert_leq(msi_get_count(&function.msi, &function.space), MAX_VECTORS);
	}
}

Test(kvm_config_space, reads_the_option_of_a_device)
{
	static const char *const bad[] = { "", "0000:00:03", "0000:00:03.8", "000:00:03.0",
		"0000:00:03.0,", "0000:00:03.0,bus=", "0000:00:03.0,bus=4", "0000:00:03.0,bus=12",
		"0000:00:03.0x", "0000:00:0A.0", "0000:00:03.0,bus=1,no-msi-windows" };
	struct passthrough_option option;

	cr_expect_eq(passthrough_parse("0000:0a:03.7,no-msi-window,bus=3", &option), 0);
	cr_expect_str_eq(option.address, "0000:0a:03.7");
	cr_expect_eq(option.bus, 3);
	cr_expect(option.no_msi_window);
	cr_expect_eq(passthrough_parse("0000:00:03.0", &option), 0);
	cr_expect_eq(option.bus, 0);
	cr_expect_not(option.no_msi_window);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_lt(passthrough_parse(bad[i], &option), 0, "%s", bad[i]);
}
