// SPDX-License-Identifier: MIT
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

Test(relay_cmdq, needs_a_relay_memory_and_an_owner)
{
	static const struct iommuctl_cmdq_ops no_command = { NULL, ring_sync };
	static const struct iommuctl_cmdq_ops no_sync = { ring_command, NULL };
	const struct iommuctl_guest_memory memory = { 0 };
	struct relay_test relay;
	struct iommuctl_cmdq good, bad;

	relay_start(&relay, (struct iommuctl_relay_config){ 0 });
	good = (struct iommuctl_cmdq){ .relay = relay.relay, .memory = &memory, .ops = &ring_ops };
	bad = good;
	bad.relay = NULL;
	cr_expect_eq(iommuctl_cmdq_init(&bad, 0), -EINVAL);
	bad = good;
	bad.memory = NULL;
	cr_expect_eq(iommuctl_cmdq_init(&bad, 0), -EINVAL);
	bad = good;
	bad.ops = &no_command;
	cr_expect_eq(iommuctl_cmdq_init(&bad, 0), -EINVAL);
	bad.ops = &no_sync;
	cr_expect_eq(iommuctl_cmdq_init(&bad, 0), -EINVAL);
	bad = good;
	bad.log2size_max = 20;
	cr_expect_eq(iommuctl_cmdq_init(&bad, 0), -EINVAL);
	cr_expect_eq(iommuctl_cmdq_init(&good, 0), 0);
	relay_stop(&relay);
}

Test(relay_cmdq, base_is_read_as_the_register_is, .init = start, .fini = stop)
{
	static const struct {
		uint64_t base;
		uint8_t most;
		uint64_t ipa;
		uint8_t log2size;
	} cases[] = {
		{ UINT64_C(0x80000000) | 8, 0, UINT64_C(0x80000000), 8 },
		{ UINT64_C(1) << 62 | UINT64_C(0x80000000) | 8, 0, UINT64_C(0x80000000), 8 },
		{ UINT64_C(0x80000fe0) | 8, 0, UINT64_C(0x80000000), 8 },
		{ UINT64_C(0x80000fe0), 0, UINT64_C(0x80000fe0), 0 },
		{ UINT64_C(0x80800000) | 31, 0, UINT64_C(0x80800000), 19 },
		{ UINT64_C(0x80800000) | 31, 10, UINT64_C(0x80800000), 10 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		test.cmdq.log2size_max = cases[i].most;
		cr_assert_eq(iommuctl_cmdq_init(&test.cmdq, cases[i].base), 0);
		cr_expect_eq(test.cmdq.base, cases[i].ipa, "%zu", i);
		cr_expect_eq(test.cmdq.log2size, cases[i].log2size, "%zu", i);
	}
}

Test(relay_cmdq, an_empty_queue_takes_no_call, .init = start, .fini = stop)
{
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 0), 0);
	cr_expect_eq(test.relay.kernel->calls, 0);
}

Test(relay_cmdq, commands_up_to_prod_are_issued_in_one_call, .init = start, .fini = stop)
{
	ring_fill(&test, 0, 200);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 150), 0);
	cr_expect_eq(test.cmdq.cons, 150);
	cr_expect_eq(test.relay.kernel->calls, 1);
	cr_expect(ring_has_issued(&test, 0, 150));
}

Test(relay_cmdq, the_wrap_bit_tells_a_full_queue_from_an_empty_one, .init = start, .fini = stop)
{
	ring_fill(&test, 0, RING_SIZE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), 0);
	cr_expect_eq(test.cmdq.cons, RING_SIZE);
	cr_expect(ring_has_issued(&test, 0, RING_SIZE));
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), 0);
	cr_expect(ring_has_issued(&test, 0, RING_SIZE));
}

/* Three times around, in steps that end everywhere. */
Test(relay_cmdq, wraps_at_its_end_and_at_the_end_of_its_indices, .init = start, .fini = stop)
{
	uint32_t prod = 0;

	while (prod < 6 * RING_SIZE) {
		ring_fill(&test, prod, 101);
		prod += 101;
		cr_assert_eq(iommuctl_cmdq_consume(&test.cmdq, prod & (2 * RING_SIZE - 1)), 0);
		cr_assert_eq(test.cmdq.cons, prod & (2 * RING_SIZE - 1));
		cr_assert(ring_has_issued(&test, 0, prod));
	}
}

Test(relay_cmdq, no_prod_has_more_than_one_queue_consumed, .init = start, .fini = stop)
{
	static const uint32_t prods[] = { RING_SIZE + 1, 2 * RING_SIZE - 1, UINT32_MAX,
		UINT32_C(0x80000000) - 5, UINT32_C(0x7fffff01) };

	ring_fill(&test, 0, RING_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(prods); i++) {
		test.cmdq.cons = 0;
		test.relay.kernel->logged = 0;
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, prods[i]), 0);
		cr_expect_eq(test.relay.kernel->logged, RING_SIZE, "%zu", i);
		cr_expect_eq(test.cmdq.cons, RING_SIZE);
	}
}

Test(relay_cmdq, a_sync_comes_when_all_before_it_is_complete_and_nothing_after_it_has_begun,
	.init = start, .fini = stop)
{
	static const command_words sync = {
		IOMMUCTL_SMMUV3_CMD_SYNC | 1 << 12 | UINT64_C(0xcafe) << 32, UINT64_C(0x08020040)
	};

	ring_fill(&test, 0, 200);
	ring_put(&test, 10, sync);
	ring_put(&test, 11, sync);
	ring_put(&test, 150, sync);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), 0);
	cr_assert_eq(test.noted, 3);
	cr_expect_eq(test.notes[0].issued, 10);
	cr_expect_eq(test.notes[1].issued, 10);
	cr_expect_eq(test.notes[2].issued, 148);
	cr_expect_eq(test.notes[0].cons, 10);
	cr_expect_eq(test.notes[2].cons, 150);
	cr_expect_eq(test.notes[0].cmd.cs, IOMMUCTL_SMMUV3_SYNC_CS_IRQ);
	cr_expect_eq(test.notes[0].cmd.msidata, 0xcafe);
	cr_expect_eq(test.notes[0].cmd.msiaddress, 0x08020040);
	cr_expect_eq(test.relay.kernel->logged, 197);
	cr_expect_eq(test.cmdq.cons, 200);
	cr_expect_eq(counters_of(&test.relay).commands, 200);
}

/* What guests mostly write has a way of its own: at every index, and whatever befalls it. */
Test(relay_cmdq, a_command_and_its_sync_are_a_queue_like_any_other, .init = start, .fini = stop)
{
	static const command_words sync = { IOMMUCTL_SMMUV3_CMD_SYNC, UINT64_C(0x1004) };

	for (uint32_t prod = 1; prod < 6 * RING_SIZE; prod += 2) {
		const size_t round = prod / 2;

		ring_fill(&test, prod - 1, 1);
		ring_put(&test, prod, sync);
		cr_assert_eq(
			iommuctl_cmdq_consume(&test.cmdq, (prod + 1) & (2 * RING_SIZE - 1)), 0);
		cr_assert_eq(test.cmdq.cons, (prod + 1) & (2 * RING_SIZE - 1));
		cr_assert_eq(test.relay.kernel->logged, round + 1);
		cr_assert_eq(test.relay.kernel->log[round][1], WINDOW + 2 * (prod - 1) * PAGE);
		cr_assert_eq(test.noted, round + 1);
		cr_assert_eq(test.notes[round % NOTES_MAX].cons, prod & (2 * RING_SIZE - 1));
		cr_assert_eq(test.notes[round % NOTES_MAX].cmd.msiaddress, 0x1004);
		cr_assert_eq(counters_of(&test.relay).commands, 2 * (round + 1));
		cr_assert_eq(counters_of(&test.relay).issued, round + 1);
		cr_assert_eq(counters_of(&test.relay).calls, round + 1);
		ring_put_opcode(&test, prod, 0); /* nobody reads it again */
	}
}

Test(relay_cmdq, a_command_and_its_sync_at_the_end_of_the_queue_are_not_side_by_side, .init = start,
	.fini = stop)
{
	test.cmdq.cons = RING_SIZE - 1;
	ring_fill(&test, RING_SIZE - 1, 1);
	ring_put_opcode(&test, 0, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE + 1), 0);
	cr_expect_eq(test.relay.kernel->logged, 1);
	cr_expect_eq(test.noted, 1);
	cr_expect_eq(test.cmdq.cons, RING_SIZE + 1);
}

Test(relay_cmdq, a_command_that_fails_before_its_sync_fails_as_any_other, .init = start,
	.fini = stop)
{
	static const struct {
		int error;
		int ret;
		uint32_t cons;
		size_t calls;
	} cases[] = {
		{ ETIMEDOUT, -ETIMEDOUT, 0, 2 },
		{ ENOENT, -ENOENT, 0, 2 },
		{ EIO, -EIO, IOMMUCTL_CERROR_ILL << 24, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const size_t before = test.relay.kernel->calls;

		test.cmdq.cons = 0;
		ring_fill(&test, 0, 1);
		ring_put_opcode(&test, 1, IOMMUCTL_SMMUV3_CMD_SYNC);
		test.relay.kernel->error = cases[i].error;
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 2), cases[i].ret, "%zu", i);
		cr_expect_eq(test.cmdq.cons, cases[i].cons, "%zu", i);
		cr_expect_eq(test.relay.kernel->calls - before, cases[i].calls, "%zu", i);
		cr_expect_eq(test.noted, i);

		test.relay.kernel->error = 0;
		iommuctl_cmdq_acknowledge(&test.cmdq);
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 2), 0);
		cr_expect_eq(test.noted, i + 1);
	}
}

Test(relay_cmdq, a_command_and_its_sync_are_repeated_where_the_erratum_asks_for_it, .fini = stop)
{
	ring_start(&test, (struct iommuctl_relay_config){ .repeat = true });
	ring_fill(&test, 0, 1);
	ring_put_opcode(&test, 1, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 2), 0);
	cr_expect_eq(test.relay.kernel->logged, 2);
	cr_expect_eq(test.noted, 1);
	cr_expect_eq(counters_of(&test.relay).commands, 2);
	cr_expect_eq(counters_of(&test.relay).issued, 1);
}

Test(relay_cmdq, what_is_the_owners_comes_in_its_place, .init = start, .fini = stop)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG,
		IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR, IOMMUCTL_SMMUV3_CMD_RESUME,
		IOMMUCTL_SMMUV3_CMD_STALL_TERM, IOMMUCTL_SMMUV3_CMD_PRI_RESP };

	ring_fill(&test, 0, 8 * ARRAY_SIZE(opcodes));
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++)
		ring_put(&test, 8 * i + 7, (command_words){ opcodes[i] | UINT64_C(42) << 32, 0 });
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 8 * ARRAY_SIZE(opcodes)), 0);
	cr_assert_eq(test.noted, ARRAY_SIZE(opcodes));
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		cr_expect_eq(test.notes[i].cmd.opcode, opcodes[i]);
		cr_expect_eq(test.notes[i].cmd.streamid, 42);
		cr_expect_eq(test.notes[i].issued, 7 * (i + 1));
		cr_expect_eq(test.notes[i].cons, 8 * i + 7);
	}
}

/* What changes the queue while the kernel has a batch, as a guest on another processor may. */
static void rewrite(void *data)
{
	struct ring_test *ring = data;

	for (size_t i = 0; i < RING_SIZE; i++)
		ring_put_opcode(ring, i, IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
}

Test(relay_cmdq, what_the_guest_changes_after_it_was_read_changes_nothing, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, RING_SIZE);
	ring_put_opcode(&test, 100, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->at_call = rewrite;
	test.relay.kernel->data = &test;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), 0);
	cr_expect_eq(test.noted, 1);
	cr_expect_eq(test.relay.kernel->logged, 199);
	for (size_t i = 0; i < 199; i++)
		cr_assert_eq(test.relay.kernel->log[i][0] & 0xff, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA);
	cr_expect_eq(test.cmdq.cons, 200);
}

Test(relay_cmdq, a_queue_larger_than_a_batch_takes_one_call_for_each, .fini = stop)
{
	ring_start(&test, (struct iommuctl_relay_config){ .batch = BLOCK });
	ring_fill(&test, 0, RING_SIZE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), 0);
	cr_expect_eq(test.relay.kernel->calls, 5);
	cr_expect(ring_has_issued(&test, 0, RING_SIZE));
}

Test(relay_cmdq, a_queue_in_two_pieces_of_memory_is_one_queue, .init = start, .fini = stop)
{
	const size_t half = RING_SIZE / 2 * sizeof(command_words);
	const struct iommuctl_guest_range ranges[] = {
		{ RING_IPA + half, half, test.ring },
		{ RING_IPA, half, test.ring + RING_SIZE / 2 },
	};
	const struct iommuctl_guest_memory memory = { ranges, 2 };

	ring_fill(&test, RING_SIZE / 2, RING_SIZE);
	test.cmdq.memory = &memory;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), 0);
	cr_expect_eq(test.cmdq.cons, RING_SIZE);
	cr_assert_eq(test.relay.kernel->logged, RING_SIZE);
	for (size_t i = 0; i < RING_SIZE; i++) {
		command_words command;

		ring_get(&test, i + RING_SIZE / 2, command);
		cr_assert_arr_eq(test.relay.kernel->log[i], command, sizeof(command));
	}
}

/* At once or in pairs; a StreamID that nobody has is the owner's as well. */
Test(relay_cmdq, the_owner_learns_what_is_relayed_before_cons_passes_it, .init = start,
	.fini = stop)
{
	static const size_t steps[] = { 200, 2 };

	test.cmdq.ops = &ring_told_ops;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		size_t at = 0;

		ring_fill(&test, 0, RING_SIZE);
		for (size_t j = 1; j < RING_SIZE; j += 2)
			ring_put_opcode(&test, j, IOMMUCTL_SMMUV3_CMD_SYNC);
		ring_put(&test, 50,
			(command_words){ IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL | UINT64_C(43) << 32, 0 });
		ring_put_opcode(&test, 60, IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG);
		ring_put_opcode(&test, 100, IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
		test.cmdq.cons = 0;
		test.told_count = test.noted = 0;
		while (iommuctl_cmdq_get_error(&test.cmdq) == IOMMUCTL_CERROR_NONE)
			iommuctl_cmdq_consume(&test.cmdq, test.cmdq.cons + steps[i]);
		iommuctl_cmdq_acknowledge(&test.cmdq);

		cr_expect_eq(test.cmdq.cons, 100);
		cr_assert_eq(test.told_count, 49, "%zu", test.told_count);
		for (size_t j = 0; j < test.told_count; j++, at += 2) {
			command_words command;

			at += at == 60 ? 2 : 0;
			ring_get(&test, at, command);
			cr_expect_arr_eq(test.told[j], command, sizeof(command), "%zu", at);
		}
	}
}

Test(relay_cmdq, the_owner_does_not_learn_of_what_the_kernel_did_not_do, .init = start,
	.fini = stop)
{
	test.cmdq.ops = &ring_told_ops;
	test.told_count = 0;
	ring_fill(&test, 0, 3);
	ring_put_opcode(&test, 1, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->error = ENOMEM;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 2), -ENOMEM);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 3), -ENOMEM);
	cr_expect_eq(test.told_count, 0);
	test.relay.kernel->error = 0;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 2), 0);
	cr_expect_eq(test.told_count, 1);
}
