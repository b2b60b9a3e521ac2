// SPDX-License-Identifier: MIT
/* What devices behind a virtio-iommu can access, and the effects of a failed request. */
#include "virtio_fixture.h"

static struct bench bench;

static void set_up(void)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	bench_start(&bench, &config);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_dma, .init = set_up, .fini = tear_down);

Test(virtio_dma, a_mapping_is_read_until_it_is_unmapped)
{
	cr_expect_eq(reads(&bench, 0, RAM), 0);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);

	cr_assert_eq(map(&bench, 1, 0x1000, 0x2fff, RAM + 5 * PAGE, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM + 5 * PAGE);
	cr_expect_eq(reads(&bench, 0, 0x2000), RAM + 6 * PAGE);
	cr_expect_eq(reads(&bench, 0, 0x3000), 0);
	cr_expect_not(writes(&bench, 0, 0x1000));
	cr_expect_eq(reads(&bench, 1, 0x1000), 0);

	cr_assert_eq(unmap(&bench, 1, 0x1000, 0x2fff), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
}

Test(virtio_dma, a_mapping_may_be_written)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ | WRITE), OK);
	cr_expect(writes(&bench, 0, 0x1000));
	cr_expect_eq(((unsigned char *)guest_at(&bench.vmm.ram, RAM))[8], 1);
}

Test(virtio_dma, endpoints_of_a_domain_share_its_mappings)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_expect_eq(reads(&bench, 1, 0x1000), RAM);

	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
	cr_expect_eq(reads(&bench, 1, 0x1000), RAM);
	cr_assert_eq(map(&bench, 1, 0x2000, 0x2fff, RAM + PAGE, READ), OK);
	cr_expect_eq(reads(&bench, 1, 0x2000), RAM + PAGE);
}

Test(virtio_dma, a_domain_ends_with_its_last_endpoint)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(bench_holds(&bench), 0);
	cr_expect_eq(map(&bench, 1, 0x2000, 0x2fff, RAM, READ), NOENT);

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
}

Test(virtio_dma, an_endpoint_changes_from_domain_to_domain)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 2, EP1, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(map(&bench, 2, 0x1000, 0x1fff, RAM + PAGE, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	cr_expect_eq(reads(&bench, 1, 0x1000), RAM + PAGE);

	cr_assert_eq(attach(&bench, 2, EP0, 0), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM + PAGE);
	cr_expect_eq(map(&bench, 1, 0x2000, 0x2fff, RAM, READ), NOENT);
	cr_expect_eq(bench_holds(&bench), 3); /* one IOAS, two attachments */
}

Test(virtio_dma, unmap_takes_only_whole_mappings)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x2fff, RAM, READ), OK);
	cr_assert_eq(map(&bench, 1, 0x3000, 0x3fff, RAM + 2 * PAGE, READ), OK);
	cr_assert_eq(map(&bench, 1, 0x8000, 0x9fff, RAM + 3 * PAGE, READ), OK);

	cr_expect_eq(unmap(&bench, 1, 0x1000, 0x1fff), RANGE);
	cr_expect_eq(unmap(&bench, 1, 0x2000, 0x9fff), RANGE);
	cr_expect_eq(unmap(&bench, 1, 0, 0x8fff), RANGE);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	cr_expect_eq(reads(&bench, 0, 0x3000), RAM + 2 * PAGE);
	cr_expect_eq(reads(&bench, 0, 0x8000), RAM + 3 * PAGE);

	cr_expect_eq(unmap(&bench, 1, 0x4000, 0x7fff), OK);
	cr_expect_eq(unmap(&bench, 1, 0x3000, 0x3fff), OK);
	cr_expect_eq(reads(&bench, 0, 0x3000), 0);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM);
	cr_expect_eq(unmap(&bench, 1, 0, UINT64_MAX), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
	cr_expect_eq(reads(&bench, 0, 0x8000), 0);
	cr_expect_eq(unmap(&bench, 1, 0, UINT64_MAX), OK);
}

Test(virtio_dma, bypass_is_the_identity)
{
	cr_assert_eq(attach(&bench, 7, EP0, BYPASS), OK);
	cr_expect_eq(reads(&bench, 0, RAM + 3 * PAGE), RAM + 3 * PAGE);
	cr_expect_eq(reads(&bench, 1, RAM), 0);
	cr_assert_eq(detach(&bench, 7, EP0), OK);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
}

Test(virtio_dma, bypass_of_the_configuration_is_for_endpoints_in_no_domain)
{
	const size_t at = offsetof(struct abi_virtio_iommu_config, bypass);

	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, at, "\1", 1), 0);
	cr_expect_eq(reads(&bench, 0, RAM), RAM);
	cr_expect_eq(reads(&bench, 1, RAM), 0);
	cr_assert_eq(detach(&bench, 1, EP1), OK);
	cr_expect_eq(reads(&bench, 1, RAM), RAM);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, at, "", 1), 0);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
	cr_expect_eq(reads(&bench, 1, RAM), 0);
}

Test(virtio_dma, a_reset_leaves_no_domain_and_no_feature)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 2, EP1, BYPASS), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(iommuctl_virtio_iommu_reset(bench.viommu), 0);
	cr_expect_eq(bench_holds(&bench), 0);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
	cr_expect_eq(reads(&bench, 1, RAM), 0);
	cr_expect_eq(attach(&bench, 2, EP1, BYPASS), INVAL);
}

Test(virtio_dma, an_endpoint_that_is_removed_reaches_nothing)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP0), 0);
	cr_expect_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP0), -ENOENT);
	cr_expect_eq(reads(&bench, 0, 0x1000), 0);
	cr_expect_eq(bench_holds(&bench), 0);
	cr_expect_eq(attach(&bench, 1, EP0, 0), NOENT);
	cr_expect_eq(attach(&bench, 1, EP1, 0), OK);
}

/* What the guest and its devices can see of the state. */
struct view {
	uint64_t pages[2][4];
	uint8_t domains[3]; /* status of an UNMAP of nothing */
};

static struct view look(struct bench *of)
{
	static const uint64_t iovas[] = { 0x1000, 0x2000, 0x4000, RAM };
	struct view view = { 0 };

	for (unsigned int device = 0; device < 2; device++)
		for (size_t i = 0; i < ARRAY_SIZE(iovas); i++)
			view.pages[device][i] = reads(of, device, iovas[i]);
	for (uint32_t id = 1; id <= 3; id++)
		view.domains[id - 1] = unmap(of, id, 0x100000, 0x100fff);
	return view;
}

static uint8_t first_attach(struct bench *of)
{
	return attach(of, 3, EP1, 0);
}

static uint8_t other_attach(struct bench *of)
{
	return attach(of, 3, EP0, 0);
}

static uint8_t bypass_attach(struct bench *of)
{
	return attach(of, 3, EP0, BYPASS);
}

static uint8_t last_detach(struct bench *of)
{
	return detach(of, 1, EP0);
}

static uint8_t one_map(struct bench *of)
{
	return map(of, 1, 0x4000, 0x4fff, RAM + 9 * PAGE, READ);
}

static uint8_t one_unmap(struct bench *of)
{
	return unmap(of, 1, 0, 0x3fff);
}

static uint8_t bypass_config(struct bench *of)
{
	const size_t at = offsetof(struct abi_virtio_iommu_config, bypass);

	return iommuctl_virtio_iommu_write_config(of->viommu, at, "\1", 1) ? DEVERR : OK;
}

static uint8_t removal(struct bench *of)
{
	return iommuctl_virtio_iommu_remove_endpoint(of->viommu, EP0) ? DEVERR : OK;
}

/* EP0 is in domain 1, with two mappings; EP1 is in none. */
static void prepare(struct bench *of, uint64_t nth)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(of);
	config = config_of(of);
	bench_context(of, nth, EIO);
	cr_assert_eq(iommuctl_virtio_iommu_new(of->ctx, &config, &of->viommu), 0);
	cr_assert_eq(iommuctl_virtio_iommu_accept(
			     of->viommu, iommuctl_virtio_iommu_get_features(of->viommu)),
		0);
	cr_assert_eq(bench_add(of, 0, EP0), 0);
	cr_assert_eq(bench_add(of, 1, EP1), 0);
	cr_assert_eq(attach(of, 1, EP0, 0), OK);
	cr_assert_eq(map(of, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_assert_eq(map(of, 1, 0x2000, 0x2fff, RAM + PAGE, READ), OK);
}

/*
 * Fails each call that @act makes. A request that is answered with an error has changed nothing;
 * one that succeeds anyway has done all of it. Afterwards it works, and nothing is left over.
 */
static void fail_each_call(uint8_t (*act)(struct bench *))
{
	struct view before, after;
	uint64_t first, last;
	struct bench of;

	prepare(&of, 0);
	before = look(&of);
	first = iommuctl_transport_ledger_get_calls(of.vmm.ledger) + 1;
	cr_assert_eq(act(&of), OK);
	last = iommuctl_transport_ledger_get_calls(of.vmm.ledger);
	after = look(&of);
	bench_close(&of);
	cr_assert_geq(last, first);

	for (uint64_t nth = first; nth <= last; nth++) {
		struct view now;
		uint8_t status;

		prepare(&of, nth);
		status = act(&of);
		now = look(&of);
		cr_expect_eq(memcmp(&now, status == OK ? &after : &before, sizeof(now)), 0,
			"call %zu, status %u", (size_t)(nth - first), status);
		if (status != OK) {
			cr_expect_eq(status, DEVERR);
			cr_expect_eq(iommuctl_last_error(of.ctx)->code, EIO);
			cr_expect_eq(act(&of), OK);
			now = look(&of);
			cr_expect_eq(memcmp(&now, &after, sizeof(now)), 0);
		}
		iommuctl_virtio_iommu_free(of.viommu);
		of.viommu = NULL;
		cr_expect_eq(bench_holds(&of), 0, "%zu left", bench_holds(&of));
		bench_close(&of);
	}
}

Test(virtio_dma_faults, a_request_that_fails_changes_nothing)
{
	static uint8_t (*const acts[])(struct bench *) = {
		first_attach,
		other_attach,
		bypass_attach,
		last_detach,
		one_map,
		one_unmap,
		bypass_config,
		removal,
	};

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		fail_each_call(acts[i]);
}

Test(virtio_dma_faults, an_endpoint_that_cannot_be_added_is_not)
{
	struct iommuctl_virtio_iommu_config config;
	struct bench of;

	bench_open(&of);
	config = config_of(&of);
	config.bypass = true;
	bench_context(&of, 1, EIO);
	cr_assert_eq(iommuctl_virtio_iommu_new(of.ctx, &config, &of.viommu), 0);
	cr_expect_eq(bench_add(&of, 0, EP0), -EIO);
	cr_expect_eq(attach(&of, 1, EP0, 0), NOENT);
	cr_expect_eq(bench_add(&of, 0, EP0), 0);
	cr_expect_eq(reads(&of, 0, RAM), RAM);
	bench_close(&of);
}

/* Nothing is attached, and the call @nth of what follows fails. */
static void start_failing(
	struct bench *of, struct iommuctl_virtio_iommu_config *config, uint64_t nth)
{
	bench_context(of, nth, EIO);
	cr_assert_eq(iommuctl_virtio_iommu_new(of->ctx, config, &of->viommu), 0);
	cr_assert_eq(iommuctl_virtio_iommu_accept(
			     of->viommu, iommuctl_virtio_iommu_get_features(of->viommu)),
		0);
	cr_assert_eq(bench_add(of, 0, EP0), 0);
	cr_assert_eq(bench_add(of, 1, EP1), 0);
}

Test(virtio_dma_faults, bypass_is_for_all_endpoints_or_for_none)
{
	struct iommuctl_virtio_iommu_config config;
	struct bench of;

	bench_open(&of);
	config = config_of(&of);
	config.input_end = IOVA_LAST;
	config.page_size_mask = -PAGE;
	start_failing(&of, &config, 6); /* two endpoints, the first attachment */
	cr_expect_eq(bypass_config(&of), DEVERR);
	cr_expect_eq(reads(&of, 0, RAM), 0);
	cr_expect_eq(reads(&of, 1, RAM), 0);
	cr_expect_eq(bypass_config(&of), OK);
	cr_expect_eq(reads(&of, 0, RAM), RAM);
	cr_expect_eq(reads(&of, 1, RAM), RAM);
	bench_close(&of);
}

Test(virtio_dma_faults, an_ioas_that_did_not_go_gets_another_chance)
{
	struct iommuctl_virtio_iommu_config config;
	struct bench of;

	bench_open(&of);
	config = config_of(&of);
	config.domains_max = 1;
	config.input_end = IOVA_LAST;
	config.page_size_mask = -PAGE;
	start_failing(&of, &config, 8); /* two endpoints, IOAS, attach, detach */
	cr_assert_eq(attach(&of, 1, EP0, 0), OK);
	cr_assert_eq(detach(&of, 1, EP0), OK);
	cr_expect_eq(bench_holds(&of), 1);
	cr_expect_eq(unmap(&of, 1, 0, 1), NOENT);
	cr_expect_eq(attach(&of, 2, EP0, 0), OK);
	cr_expect_eq(bench_holds(&of), 2);
	bench_close(&of);
}

Test(virtio_dma, what_the_kernel_has_lost_can_be_unmapped)
{
	const struct iommuctl_ledger_entry *entries;
	size_t count;

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	entries = iommuctl_transport_ledger_get_entries(bench.vmm.ledger, &count);
	cr_assert_eq(entries[0].kind, IOMMUCTL_LEDGER_OBJECT);
	cr_assert_eq(iommuctl_ioas_unmap(bench.vmm.ctx, bench.vmm.iommufd, (uint32_t)entries[0].id,
			     0x1000, 0x1000, NULL),
		0);
	cr_expect_eq(unmap(&bench, 1, 0x1000, 0x1fff), OK);
	cr_expect_eq(map(&bench, 1, 0x1000, 0x1fff, RAM + PAGE, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x1000), RAM + PAGE);
}
