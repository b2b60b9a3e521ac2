// SPDX-License-Identifier: MIT
/* Two endpoints in one IOMMU group: attaching either makes the kernel attach both. */
#include "failures.h"
#include "transport.h"
#include "virtio_fixture.h"

static struct bench bench;

static void open_group(void)
{
	struct iommuctl_model_config machine;

	iommuctl_model_default_config(&machine);
	machine.devices[0].group = machine.devices[1].group = 7;
	bench_open_on(&bench, &machine);
}

/* @known: the transport reports groups, as the kernel's does if sysfs is mounted. */
static void start(bool known, bool bypass)
{
	struct iommuctl_virtio_iommu_config config;

	open_group();
	config = config_of(&bench);
	config.bypass = bypass;
	bench_context(&bench, 0, 0);
	if (!known)
		bench.vmm.script->base.device_group = NULL;
	bench_fill(&bench, &config);
}

static void tear_down(void)
{
	bench_close(&bench);
}

static void set_up_known(void)
{
	start(true, false);
}

static void set_up_unknown(void)
{
	start(false, false);
}

TestSuite(virtio_groups, .init = set_up_known, .fini = tear_down);
TestSuite(virtio_groups_unknown, .init = set_up_unknown, .fini = tear_down);

static void expect_reads(uint64_t iova, uint64_t both)
{
	cr_expect_eq(reads(&bench, 0, iova), both);
	cr_expect_eq(reads(&bench, 1, iova), both);
}

Test(virtio_groups, reach_a_domain_once_all_of_them_are_in_it)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	expect_reads(0x1000, 0);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	expect_reads(0x1000, RAM);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	expect_reads(0x1000, 0);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	expect_reads(0x1000, RAM);
}

Test(virtio_groups, reach_nothing_in_two_domains)
{
	static const uint32_t flags[] = { 0, BYPASS };

	for (uint32_t i = 0; i < ARRAY_SIZE(flags); i++) {
		cr_assert_eq(attach(&bench, 10 + i, EP0, 0), OK);
		cr_assert_eq(map(&bench, 10 + i, 0x1000, 0x1fff, RAM, READ), OK);
		cr_assert_eq(attach(&bench, 20 + i, EP1, flags[i]), OK);
		expect_reads(0x1000, 0);
		expect_reads(RAM, 0);
	}
}

/* As a driver with the same groups does: one after the other. */
Test(virtio_groups, go_from_domain_to_domain)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(attach(&bench, 2, EP0, 0), OK);
	cr_assert_eq(map(&bench, 2, 0x1000, 0x1fff, RAM + PAGE, READ), OK);
	expect_reads(0x1000, 0);
	cr_assert_eq(attach(&bench, 2, EP1, 0), OK);
	expect_reads(0x1000, RAM + PAGE);
	cr_expect_eq(map(&bench, 1, 0x2000, 0x2fff, RAM, READ), NOENT);
	cr_expect_eq(bench_holds(&bench), 3);
}

Test(virtio_groups, bypass_together)
{
	const size_t at = offsetof(struct abi_virtio_iommu_config, bypass);

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, at, "\1", 1), 0);
	expect_reads(RAM, 0);
	cr_assert_eq(attach(&bench, 2, EP0, BYPASS), OK);
	expect_reads(RAM, RAM);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, at, "", 1), 0);
	expect_reads(RAM, 0);
	cr_assert_eq(iommuctl_virtio_iommu_reset(bench.viommu), 0);
	expect_reads(RAM, 0);
}

Test(virtio_groups, are_those_that_have_been_added)
{
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	cr_assert_eq(bench_add(&bench, 1, EP1), 0);
	expect_reads(0x1000, 0);
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
}

/* EP0 is in domain 1, which has a page, and EP1 in none; call @nth of all fails. */
static void prepare(uint64_t nth)
{
	struct iommuctl_virtio_iommu_config config;

	bench_close(&bench);
	open_group();
	config = config_of(&bench);
	bench_context(&bench, nth, EIO);
	bench_fill(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
}

Test(virtio_groups, are_attached_all_or_none)
{
	uint64_t first, last;

	prepare(0);
	first = iommuctl_transport_ledger_get_calls(bench.vmm.ledger) + 1;
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	last = iommuctl_transport_ledger_get_calls(bench.vmm.ledger);
	cr_assert_eq(last, first + 1);
	for (uint64_t nth = first; nth <= last; nth++) {
		prepare(nth);
		cr_expect_eq(attach(&bench, 1, EP1, 0), DEVERR);
		expect_reads(0x1000, 0);
		cr_expect_eq(attach(&bench, 1, EP1, 0), OK);
		expect_reads(0x1000, RAM);
	}
}

static void prepare_alone(uint64_t nth)
{
	prepare(nth);
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_assert_eq(reads(&bench, 0, 0x1000), RAM);
}

/*
 * On VT-d the failure has blocked it, and attaching it to where it still counts as attached does
 * nothing.
 */
Test(virtio_groups, one_whose_move_fails_is_detached_and_attached_again)
{
	uint64_t first, last, moves = 0;

	prepare_alone(0);
	first = iommuctl_transport_ledger_get_calls(bench.vmm.ledger) + 1;
	cr_assert_eq(attach(&bench, 2, EP0, 0), OK);
	last = iommuctl_transport_ledger_get_calls(bench.vmm.ledger);
	for (uint64_t nth = first; nth <= last; nth++) {
		unsigned int attaches, detaches;
		uint8_t status;

		prepare_alone(nth);
		attaches = bench.vmm.attaches;
		detaches = bench.vmm.detaches;
		status = attach(&bench, 2, EP0, 0);
		if (strcmp(bench.vmm.failed_call, "VFIO_DEVICE_ATTACH_IOMMUFD_PT"))
			continue;
		moves++;
		cr_expect_eq(status, DEVERR);
		cr_expect_eq(bench.vmm.detaches - detaches, 1);
		cr_expect_eq(bench.vmm.attaches - attaches, 2);
		cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	}
	cr_expect_eq(moves, 1);
}

Test(virtio_groups_unknown, may_share_a_domain)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	expect_reads(0x1000, RAM);
}

/* An unknown group and an attachment elsewhere are valid answers. */
Test(virtio_groups_unknown, come_in_without_a_failure)
{
	unsigned int failures;

	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	failures_count(bench.ctx, &failures);
	cr_assert_eq(bench_add(&bench, 1, EP1), 0);
	cr_expect_eq(failures, 0);
}

Test(virtio_groups_unknown, cannot_be_in_two_domains)
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

/* A second attach in the kernel would move the other one too. */
Test(virtio_groups_unknown, do_not_follow_one_that_changes_its_domain)
{
	static const uint32_t flags[] = { 0, BYPASS };

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		cr_expect_eq(attach(&bench, 2, EP1, flags[i]), UNSUPP);
		expect_reads(0x1000, RAM);
		expect_reads(RAM, 0);
	}
	cr_expect_eq(detach(&bench, 2, EP1), INVAL);
	cr_expect_eq(detach(&bench, 1, EP1), OK);
	cr_expect_eq(attach(&bench, 2, EP0, 0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
}

Test(virtio_groups_unknown, leave_bypass_together)
{
	bench_close(&bench);
	start(false, true);
	cr_expect_eq(attach(&bench, 1, EP0, 0), UNSUPP);
	expect_reads(RAM, RAM);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, 36, "", 1), 0);
	cr_expect_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(bench.viommu, 36, "\1", 1), -EINVAL);
	expect_reads(RAM, 0);
}
