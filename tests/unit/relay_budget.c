// SPDX-License-Identifier: MIT
/* How much one run of a guest's command queue does, and how it continues. */
#include <stdlib.h>

#include "relay_ring.h"

static struct ring_test test;

static void start(void)
{
	ring_start(&test, (struct iommuctl_relay_config){ 0 });
}

static void stop(void)
{
	ring_stop(&test);
}

TestSuite(relay_budget, .init = start, .fini = stop);

/* Runs until the queue is through or stops; how many it took, all but the last with -EAGAIN. */
static unsigned int run_to_end(uint32_t prod, int last)
{
	unsigned int runs = 1;
	int ret;

	while ((ret = iommuctl_cmdq_consume(&test.cmdq, prod)) == -EAGAIN) {
		cr_assert_eq(iommuctl_cmdq_get_error(&test.cmdq), IOMMUCTL_CERROR_NONE);
		cr_assert_lt(runs++, 2 * RING_SIZE, "it does not get on");
	}
	cr_assert_eq(ret, last);
	return runs;
}

/* With a budget for four steps and a bit, the fifth is the one that uses it up. */
Test(relay_budget, what_a_step_costs_is_as_documented)
{
	static const struct {
		uint8_t opcodes[2];
		uint32_t cost;
	} steps[] = {
		{ { IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, IOMMUCTL_SMMUV3_CMD_SYNC },
			IOMMUCTL_CMDQ_COST_CALL + IOMMUCTL_CMDQ_COST_COMMAND +
				IOMMUCTL_CMDQ_COST_SYNC },
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_SYNC }, /* absent */
			IOMMUCTL_CMDQ_COST_COMMAND + IOMMUCTL_CMDQ_COST_SYNC },
		{ { IOMMUCTL_SMMUV3_CMD_SYNC, IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG },
			IOMMUCTL_CMDQ_COST_SYNC + IOMMUCTL_CMDQ_COST_OWNER },
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_STE, IOMMUCTL_SMMUV3_CMD_RESUME },
			2 * IOMMUCTL_CMDQ_COST_OWNER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		test.cmdq.cons = 0;
		test.cmdq.budget = 4 * steps[i].cost + 1;
		for (size_t at = 0; at < 20; at++)
			ring_put_opcode(&test, at, steps[i].opcodes[at % 2]);
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 20), -EAGAIN, "case %zu", i);
		cr_expect_eq((test.cmdq.cons - 1) / 2, 4, "case %zu: %u", i, test.cmdq.cons);
		test.cmdq.cons = 0;
		test.cmdq.budget = 4 * steps[i].cost;
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 20), -EAGAIN, "case %zu", i);
		cr_expect_eq(test.cmdq.cons, 8, "case %zu: %u", i, test.cmdq.cons);
	}
}

Test(relay_budget, a_run_ends_when_it_is_used_up_and_the_next_one_goes_on)
{
	static const uint32_t budgets[] = { 1, 81, 1000, 5000 };

	for (size_t b = 0; b < ARRAY_SIZE(budgets); b++) {
		const size_t calls = test.relay.kernel->calls, noted = test.noted;
		const uint32_t pair = IOMMUCTL_CMDQ_COST_CALL + IOMMUCTL_CMDQ_COST_COMMAND +
				      IOMMUCTL_CMDQ_COST_SYNC;
		const uint32_t pairs = (budgets[b] + pair - 1) / pair;
		unsigned int runs;

		test.cmdq.cons = 0;
		test.cmdq.budget = budgets[b];
		ring_fill(&test, 0, RING_SIZE);
		for (size_t i = 1; i < RING_SIZE; i += 2)
			ring_put_opcode(&test, i, IOMMUCTL_SMMUV3_CMD_SYNC);
		runs = run_to_end(RING_SIZE, 0);
		cr_expect_eq(test.cmdq.cons, RING_SIZE);
		cr_expect_eq(test.relay.kernel->calls - calls, RING_SIZE / 2);
		cr_expect_eq(test.noted - noted, RING_SIZE / 2);
		cr_expect_eq(runs, (RING_SIZE / 2 + pairs - 1) / pairs, "%u", runs);
	}
}

/* A batch of commands is one step, so the calls are no more than without a budget. */
Test(relay_budget, is_no_reason_for_smaller_batches)
{
	test.cmdq.budget = 1;
	ring_fill(&test, 0, RING_SIZE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), 0);
	cr_expect_eq(test.relay.kernel->calls, 1);
}

Test(relay_budget, the_last_step_of_a_queue_leaves_nothing_for_later)
{
	test.cmdq.budget = 1;
	ring_put_opcode(&test, 0, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), 0);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), 0);
}

Test(relay_budget, a_later_error_stops_the_queue_when_its_turn_comes)
{
	test.cmdq.budget = 100;
	for (size_t i = 0; i < 50; i++)
		ring_put_opcode(&test, i, IOMMUCTL_SMMUV3_CMD_SYNC);
	ring_put_opcode(&test, 50, IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
	cr_expect_gt(run_to_end(60, -EIO), 5);
	cr_expect_eq(test.cmdq.cons, IOMMUCTL_CERROR_ILL << 24 | 50);
	cr_expect_eq(test.noted, 50);
}

Test(relay_budget, prod_may_have_moved_on_by_the_next_run)
{
	test.cmdq.budget = 64;
	for (size_t i = 0; i < 100; i++)
		ring_put_opcode(&test, i, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 50), -EAGAIN);
	cr_expect_eq(test.cmdq.cons, 4);
	test.cmdq.budget = 0;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 100), 0);
	cr_expect_eq(test.noted, 100);
}

/* The owner charges what it does itself, and is asked again for what it left. */
static unsigned int left_over;

static int slow_command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
	while (left_over)
		if (left_over--, !iommuctl_relay_charge(test.relay.relay, 100))
			return left_over ? -EAGAIN : 0;
	return 0;
}

Test(relay_budget, counts_what_the_owner_charges)
{
	static const struct iommuctl_cmdq_ops ops = { slow_command, ring_sync };

	test.cmdq.ops = &ops;
	test.cmdq.budget = 1000;
	left_over = 35;
	ring_put_opcode(&test, 0, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), -EAGAIN);
	cr_expect_eq(left_over, 25);
	cr_expect_eq(test.cmdq.cons, 0);
	cr_expect_eq(run_to_end(1, 0) + 1, 4);
	cr_expect_eq(test.cmdq.cons, 1);
}

Test(relay_budget, nothing_is_charged_outside_of_a_run)
{
	for (int i = 0; i < 1000; i++)
		cr_assert(iommuctl_relay_charge(test.relay.relay, UINT32_MAX));
}

#define LARGE_LOG2 19
#define LARGE	   (1u << LARGE_LOG2)
#define ENDPOINTS  8

/* Endpoints that do not answer, each of which takes the kernel a second to find out. */
Test(relay_budget, a_large_queue_waits_for_an_endpoint_once_a_run_and_once_in_all)
{
	command_words *ring = aligned_alloc(4096, LARGE * sizeof(*ring));
	const struct iommuctl_guest_range range = { RING_IPA, LARGE * sizeof(*ring), ring };
	const struct iommuctl_guest_memory memory = { &range, 1 };
	size_t calls, timed_out;
	int ret;

	cr_assert_not_null(ring);
	for (uint32_t i = 1; i < ENDPOINTS; i++)
		cr_assert_eq(iommuctl_relay_add_stream(test.relay.relay, VSID + i), 0);
	for (size_t i = 0; i < LARGE; i++) {
		const uint64_t vsid = VSID + i / 64 % ENDPOINTS;

		ring[i][1] = 0;
		ring[i][0] = htole64(IOMMUCTL_SMMUV3_CMD_ATC_INV | vsid << 32);
		if (i % 63 == 0)
			ring[i][0] = htole64(IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL);
	}
	test.cmdq.memory = &memory;
	cr_assert_eq(iommuctl_cmdq_init(&test.cmdq, RING_IPA | LARGE_LOG2), 0);
	test.relay.kernel->slow_opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV;
	do {
		calls = test.relay.kernel->calls;
		timed_out = test.relay.kernel->timed_out;
		ret = iommuctl_cmdq_consume(&test.cmdq, LARGE);
		cr_assert_leq(test.relay.kernel->timed_out - timed_out, 1);
		cr_assert_leq(test.relay.kernel->calls - calls,
			IOMMUCTL_CMDQ_BUDGET_DEFAULT / IOMMUCTL_CMDQ_COST_CALL + 3);
	} while (ret == -EAGAIN);
	cr_expect_eq(ret, 0);
	cr_expect_eq(test.cmdq.cons, LARGE);
	cr_expect_leq(test.relay.kernel->timed_out, ENDPOINTS);
	free(ring);
}
