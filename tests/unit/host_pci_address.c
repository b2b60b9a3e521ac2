// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include "array.h"
#include "host/pci_address.h"

Test(host_pci_address, is_brought_into_the_form_of_sysfs)
{
	static const struct {
		const char *text;
		const char *address;
	} cases[] = {
		{ "0000:00:01.0", "0000:00:01.0" },
		{ "00:01.0", "0000:00:01.0" },
		{ "ff:1f.7", "0000:ff:1f.7" },
		{ "ABCD:EF:1A.3", "abcd:ef:1a.3" },
		{ "10000:e1:00.0", "10000:e1:00.0" },
		{ "00000001:00:00.0", "0001:00:00.0" },
		{ "ffffffff:ff:1f.7", "ffffffff:ff:1f.7" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char address[PCI_ADDRESS_SIZE];

		cr_expect_eq(pci_address_normalise(cases[i].text, address), 0, "%s", cases[i].text);
		cr_expect_str_eq(address, cases[i].address);
	}
}

Test(host_pci_address, refuses_everything_else_and_writes_nothing)
{
	static const char *const cases[] = {
		"",
		":",
		".",
		"0",
		"eth0",
		"00:01",
		"00:01.",
		"00:01.0.",
		"00:01.0 ",
		" 00:01.0",
		"00:01.8",
		"00:20.0",
		"0:01.0",
		"00:1.0",
		"000:00:01.0",
		"000000000:00:01.0",
		"100000000:00:01.0",
		"0000:00:01.00",
		"0000:000:01.0",
		"0000:00:001.0",
		"0x00:01.0",
		"-0:01.0",
		"+1:01.0",
		"0000:00:01.0/..",
		"../../../etc",
		"0000:00:01.0\n",
		"0000-00-01.0",
		"0000:00.01.0",
		"0000::01.0",
		"\xff\xfe:01.0",
		"%s%n:01.0",
		"00:01.g",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char address[PCI_ADDRESS_SIZE] = "untouched";

		cr_expect_eq(pci_address_normalise(cases[i], address), -EINVAL, "%s", cases[i]);
		cr_expect_str_eq(address, "untouched");
	}
}
