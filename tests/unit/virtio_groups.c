// SPDX-License-Identifier: MIT
/* Two endpoints in one IOMMU group, of which the kernel attaches both whenever it attaches one. */
#include "virtio_fixture.h"

static struct bench bench;

static void start(bool bypass)
{
	struct iommuctl_model_config machine;
	struct iommuctl_virtio_iommu_config config;

	iommuctl_model_default_config(&machine);
	machine.devices[0].group = machine.devices[1].group = 7;
	bench_open_on(&bench, &machine);
	config = config_of(&bench);
	config.bypass = bypass;
	bench_start(&bench, &config);
}

static void set_up(void)
{
	start(false);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_groups, .init = set_up, .fini = tear_down);

Test(virtio_groups, may_share_a_domain)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	cr_expect_eq(reads(&bench, 1, 0x1000), RAM);
}

Test(virtio_groups, cannot_be_in_two_domains)
{
	static const uint32_t flags[] = { 0, BYPASS };

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		cr_expect_eq(attach(&bench, 2, EP1, flags[i]), UNSUPP);
		cr_expect_eq(map(&bench, 2, 0x1000, 0x1fff, RAM + PAGE, READ), NOENT);
		cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
		cr_expect_eq(reads(&bench, 0, RAM), 0);
	}
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(attach(&bench, 2, EP1, 0), OK);
}

/* A second attach of the kernel's would take the other one along. */
Test(virtio_groups, do_not_follow_one_that_changes_its_domain)
{
	static const uint32_t flags[] = { 0, BYPASS };

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		cr_expect_eq(attach(&bench, 2, EP1, flags[i]), UNSUPP);
		cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
		cr_expect_eq(reads(&bench, 1, 0x1000), RAM);
		cr_expect_eq(reads(&bench, 0, RAM), 0);
	}
	cr_expect_eq(detach(&bench, 2, EP1), INVAL);
	cr_expect_eq(detach(&bench, 1, EP1), OK);
	cr_expect_eq(attach(&bench, 2, EP0, 0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
}

Test(virtio_groups, leave_bypass_together)
{
	bench_close(&bench);
	start(true);
	cr_expect_eq(attach(&bench, 1, EP0, 0), UNSUPP);
	cr_expect_eq(reads(&bench, 0, RAM), RAM);
	cr_expect_eq(reads(&bench, 1, RAM), RAM);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, 36, "", 1), 0);
	cr_expect_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(bench.viommu, 36, "\1", 1), -EINVAL);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
}
