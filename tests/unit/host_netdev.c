// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "host/netdev.h"

Test(host_netdev, that_is_not_there_is_ENODEV)
{
	static const char *const cases[] = { "", "no-such-netdev", "../../../../etc", "a/b",
		"a-name-that-is-longer-than-the-kernel-allows" };
	struct netdev netdev = { .virtual_functions = 7 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(netdev_read(cases[i], &netdev), -ENODEV, "%s", cases[i]);
	cr_expect_eq(netdev.virtual_functions, 7);
}

Test(host_netdev, without_a_device_below_it_is_ENOTSUP)
{
	struct netdev netdev;

	cr_expect_eq(netdev_read("lo", &netdev), -ENOTSUP);
}
