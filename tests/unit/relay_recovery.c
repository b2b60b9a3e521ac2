// SPDX-License-Identifier: MIT
/* What is left in a TLB after failures half-way: a guest on the model, through a kernel that fails.
 */
#include "relay_fixture.h"

#include <iommuctl/iommuctl.h>
#include <iommuctl/model.h>

#include "window.h"

#define COUNT	    200
#define TLB_ENTRIES 1024

struct recovery {
	struct iommuctl_model *model;
	struct relay_kernel *kernel;
	struct vmm vmm;
	struct iommuctl_relay *relay;
	command_words commands[COUNT];
	bool cached[COUNT];
};

static struct recovery test;

static void start(void)
{
	struct iommuctl_relay_config config = { .idr = &able_smmu };
	struct iommuctl_model_config machine;
	struct iommuctl_transport *transport;

	iommuctl_model_default_config(&machine);
	machine.smmus[0].tlb_entries = TLB_ENTRIES;
	cr_assert_eq(iommuctl_model_new(&machine, &test.model), 0);
	cr_assert_eq(iommuctl_model_transport_new(test.model, &transport), 0);
	test.vmm.ctx = relay_kernel_context(transport, &test.kernel);
	window_open(&test.vmm, "/dev/vfio/devices/vfio0");
	config.iommufd = test.vmm.iommufd;
	config.viommu_id = iommuctl_nest_get_viommu_id(test.vmm.nest);
	cr_assert_eq(iommuctl_relay_new(test.vmm.ctx, &config, &test.relay), 0);
	for (size_t i = 0; i < COUNT; i++)
		set_tlbi_va(test.commands[i], WINDOW_ASID, WINDOW_IOVA + i * GUEST_PAGE);
}

static void stop(void)
{
	iommuctl_relay_free(test.relay);
	window_close(&test.vmm);
	iommuctl_model_free(test.model);
}

static void warm(void)
{
	uint32_t word;

	for (size_t i = 0; i < COUNT; i++)
		cr_assert_eq(iommuctl_model_dma(test.model,
				     &(struct iommuctl_model_access){ .ssid = -1,
					     .iova = WINDOW_IOVA + i * GUEST_PAGE,
					     .buffer = &word,
					     .size = sizeof(word) }),
			0);
	test.kernel->logged = 0;
}

static void look(void)
{
	static struct iommuctl_model_tlb_entry entries[TLB_ENTRIES];
	size_t count = TLB_ENTRIES;

	memset(test.cached, 0, sizeof(test.cached));
	cr_assert_eq(iommuctl_model_get_tlb(test.model, 0, entries, &count), 0);
	for (size_t i = 0; i < count; i++) {
		const uint64_t page = (entries[i].iova - WINDOW_IOVA) / GUEST_PAGE;

		if (!entries[i].stage2_only && page < COUNT)
			test.cached[page] = true;
	}
}

/* True if all pages of [first, last) are in the TLB, or none is. */
static bool all_are(bool cached, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		if (test.cached[i] != cached)
			return false;
	return true;
}

static size_t times_issued(size_t index)
{
	size_t times = 0;

	for (size_t i = 0; i < test.kernel->logged; i++)
		times += !memcmp(test.kernel->log[i], test.commands[index], sizeof(command_words));
	return times;
}

Test(relay_recovery, a_warm_tlb_holds_all_pages_until_they_are_invalidated, .init = start,
	.fini = stop)
{
	size_t done;

	warm();
	look();
	cr_expect(all_are(true, 0, COUNT));
	cr_expect_eq(iommuctl_relay_issue(test.relay, test.commands, COUNT, &done, NULL), 0);
	look();
	cr_expect(all_are(false, 0, COUNT));
	cr_expect_eq(test.kernel->calls, 1);
}

Test(relay_recovery, a_refused_command_loses_none_before_it_and_runs_none_after_it, .init = start,
	.fini = stop)
{
	for (size_t bad = 0; bad < COUNT; bad++) {
		size_t done;

		warm();
		test.kernel->refused_address = test.commands[bad][1];
		cr_assert_eq(
			iommuctl_relay_issue(test.relay, test.commands, COUNT, &done, NULL), -EIO);
		look();
		cr_assert_eq(done, bad);
		cr_assert(all_are(false, 0, bad), "a command before %zu was lost", bad);
		cr_assert(all_are(true, bad, COUNT), "a command from %zu on was issued", bad);
		cr_assert(has_issued(test.kernel, test.commands, bad),
			"commands before %zu were issued twice or out of order", bad);
	}
}

Test(relay_recovery, a_block_that_times_out_once_is_issued_again_and_no_other, .init = start,
	.fini = stop)
{
	for (size_t slow = 0; slow < 2 * COUNT; slow++) {
		const size_t at = slow / 2, block = at - at % BLOCK;
		size_t done;

		warm();
		test.kernel->slow_address = test.commands[at][1];
		test.kernel->slow_block_runs = slow & 1;
		test.kernel->timeouts = 1;
		cr_assert_eq(
			iommuctl_relay_issue(test.relay, test.commands, COUNT, &done, NULL), 0);
		look();
		cr_assert_eq(done, COUNT);
		cr_assert(all_are(false, 0, COUNT));
		for (size_t i = 0; i < COUNT; i++)
			cr_assert_eq(times_issued(i),
				(slow & 1) && i >= block && i < block + BLOCK ? 2 : 1);
	}
}

Test(relay_recovery, a_block_that_times_out_twice_is_where_it_ends, .init = start, .fini = stop)
{
	for (size_t slow = 0; slow < 2 * COUNT; slow++) {
		const size_t at = slow / 2, block = at - at % BLOCK;
		const size_t behind = block + BLOCK < COUNT ? block + BLOCK : COUNT;
		size_t done;

		warm();
		test.kernel->slow_address = test.commands[at][1];
		test.kernel->slow_block_runs = slow & 1;
		test.kernel->timeouts = 2;
		cr_assert_eq(iommuctl_relay_issue(test.relay, test.commands, COUNT, &done, NULL),
			-ETIMEDOUT);
		look();
		cr_assert_eq(done, block);
		cr_assert(all_are(false, 0, block));
		cr_assert(all_are(!(slow & 1), block, behind));
		cr_assert(all_are(true, behind, COUNT));

		cr_assert_eq(iommuctl_relay_issue(
				     test.relay, test.commands + done, COUNT - done, &done, NULL),
			0);
		look();
		cr_assert(all_are(false, 0, COUNT));
	}
}

Test(relay_recovery, a_timeout_before_a_refusal_costs_neither_its_exactness, .init = start,
	.fini = stop)
{
	for (size_t slow = 0; slow < COUNT; slow += 7) {
		for (size_t bad = 0; bad < COUNT; bad += 11) {
			size_t done;

			warm();
			test.kernel->slow_address = test.commands[slow][1];
			test.kernel->slow_block_runs = slow & 1;
			test.kernel->timeouts = 1;
			test.kernel->refused_address = test.commands[bad][1];
			cr_assert_eq(
				iommuctl_relay_issue(test.relay, test.commands, COUNT, &done, NULL),
				-EIO);
			look();
			cr_assert_eq(done, bad);
			cr_assert(all_are(false, 0, bad));
			cr_assert(all_are(true, bad, COUNT));
		}
	}
}
