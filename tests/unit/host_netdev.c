// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "host/netdev.h"

Test(host_netdev, a_missing_interface_is_ENODEV)
{
	static const char *const cases[] = { "", "no-such-netdev", "../../../../etc", "a/b",
		"a-name-that-is-longer-than-the-kernel-allows" };
	char pci[PCI_ADDRESS_SIZE] = "as before";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(
			netdev_find_pci(&sysfs_of_host, cases[i], pci), -ENODEV, "%s", cases[i]);
	cr_expect_str_eq(pci, "as before");
}

Test(host_netdev, without_a_device_below_it_is_EOPNOTSUPP)
{
	char pci[PCI_ADDRESS_SIZE];

	cr_expect_eq(netdev_find_pci(&sysfs_of_host, "lo", pci), -EOPNOTSUPP);
}
