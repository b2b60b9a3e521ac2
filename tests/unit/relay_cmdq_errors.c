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

static void expect_stopped(enum iommuctl_cerror error, uint32_t index)
{
	cr_expect_eq(iommuctl_cmdq_get_error(&test.cmdq), error);
	cr_expect_eq(test.cmdq.cons, (uint32_t)error << 24 | index);
}

Test(relay_cmdq_errors, an_illegal_command_stops_the_queue_at_it_until_the_guest_acknowledges,
	.init = start, .fini = stop)
{
	ring_fill(&test, 0, 200);
	ring_put_opcode(&test, 120, IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ILL, 120);
	cr_expect(ring_has_issued(&test, 0, 120));

	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), -EBUSY);
	expect_stopped(IOMMUCTL_CERROR_ILL, 120);
	cr_expect(ring_has_issued(&test, 0, 120));

	ring_fill(&test, 120, 1);
	iommuctl_cmdq_acknowledge(&test.cmdq);
	cr_expect_eq(iommuctl_cmdq_get_error(&test.cmdq), IOMMUCTL_CERROR_NONE);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), 0);
	cr_expect_eq(test.cmdq.cons, 200);
	cr_expect(ring_has_issued(&test, 0, 200));
}

Test(relay_cmdq_errors, an_acknowledged_command_that_is_still_illegal_stops_it_again, .init = start,
	.fini = stop)
{
	ring_put_opcode(&test, 0, 0);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), -EIO);
	iommuctl_cmdq_acknowledge(&test.cmdq);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ILL, 0);
}

Test(relay_cmdq_errors, reserved_bits_stop_what_the_kernel_carries_out_and_are_ignored_otherwise,
	.init = start, .fini = stop)
{
	static const struct {
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
		int err;
	} rows[] = {
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_STE, 0xaa }, 0 },
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_STE | UINT64_C(1) << 11 }, 0 },
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, 31 | 1 << 7 }, 0 },
		{ { IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG, 1 << 6 }, 0 },
		{ { IOMMUCTL_SMMUV3_CMD_SYNC | 1 << 8, 1 }, 0 },
		{ { IOMMUCTL_SMMUV3_CMD_CFGI_STE | 1 << 10 }, -EIO }, /* SSec */
		{ { IOMMUCTL_SMMUV3_CMD_SYNC | 3 << 12 }, -EIO },     /* CS */
		{ { IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, 1 }, -EIO },
		{ { IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL | 1 << 8 }, -EIO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ring_put(&test, i, rows[i].words);
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, (uint32_t)i + 1), rows[i].err,
			"row %zu", i);
		if (!rows[i].err)
			continue;
		iommuctl_cmdq_acknowledge(&test.cmdq);
		ring_put_opcode(&test, i, IOMMUCTL_SMMUV3_CMD_SYNC);
		cr_assert_eq(iommuctl_cmdq_consume(&test.cmdq, (uint32_t)i + 1), 0);
	}
}

Test(relay_cmdq_errors, the_wrap_bit_stays_beside_an_error, .init = start, .fini = stop)
{
	test.cmdq.cons = RING_SIZE + 3;
	ring_put_opcode(&test, 3, 0xff);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE + 4), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ILL, RING_SIZE + 3);
}

Test(relay_cmdq_errors, an_illegal_sync_and_an_illegal_command_of_the_owners_stop_it, .init = start,
	.fini = stop)
{
	static const command_words bad[] = {
		{ IOMMUCTL_SMMUV3_CMD_SYNC | 3 << 12, 0 },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_STE | 1 << 10, 0 },
		{ IOMMUCTL_SMMUV3_CMD_PRI_RESP, 3 << 12 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		test.cmdq.cons = 0;
		ring_put(&test, 0, bad[i]);
		cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), -EIO);
		expect_stopped(IOMMUCTL_CERROR_ILL, 0);
	}
	cr_expect_eq(test.noted, 0);
}

Test(relay_cmdq_errors, what_the_owner_finds_illegal_stops_it, .init = start, .fini = stop)
{
	ring_fill(&test, 0, 10);
	ring_put_opcode(&test, 5, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	test.answer = -EIO;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 10), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ILL, 5);
	cr_expect(ring_has_issued(&test, 0, 5));
}

Test(relay_cmdq_errors, what_the_owner_cannot_do_now_is_taken_up_again, .init = start, .fini = stop)
{
	ring_fill(&test, 0, 10);
	ring_put_opcode(&test, 5, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	test.answer = -ENOMEM;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 10), -ENOMEM);
	expect_stopped(IOMMUCTL_CERROR_NONE, 5);

	test.answer = 0;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 10), 0);
	cr_expect_eq(test.noted, 2);
	cr_expect_eq(test.cmdq.cons, 10);
	cr_expect_eq(test.relay.kernel->logged, 9);
}

Test(relay_cmdq_errors, a_stream_without_a_vdevice_does_not_stop_it, .init = start, .fini = stop)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_ATC_INV };
	static const uint32_t absent[] = { 43, UINT32_MAX };

	ring_fill(&test, 0, 8);
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++)
		for (size_t j = 0; j < ARRAY_SIZE(absent); j++)
			ring_put(&test, 1 + 2 * i + j,
				(command_words){ opcodes[i] | (uint64_t)absent[j] << 32 });
	ring_put_opcode(&test, 8, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 9), 0);
	expect_stopped(IOMMUCTL_CERROR_NONE, 9);
	cr_expect_eq(test.relay.kernel->logged, 2);
	cr_expect_eq(test.noted, 1);
	cr_expect_eq(counters_of(&test.relay).absent, 6);
	cr_expect_eq(counters_of(&test.relay).commands, 9);
}

Test(relay_cmdq_errors, a_stream_whose_vdevice_has_just_gone_does_not_stop_it, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, 100);
	ring_put(&test, 70, (command_words){ IOMMUCTL_SMMUV3_CMD_CFGI_CD | (uint64_t)VSID << 32 });
	test.relay.kernel->refused_opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 100), 0);
	expect_stopped(IOMMUCTL_CERROR_NONE, 100);
	cr_expect_eq(test.relay.kernel->logged, 99);
	cr_expect_eq(counters_of(&test.relay).absent, 1);
	cr_expect_eq(counters_of(&test.relay).refused, 0);
}

/* A guest may write CMDQ_PROD before CMDQ_BASE. */
Test(relay_cmdq_errors, a_queue_that_was_not_initialised_is_refused, .init = start, .fini = stop)
{
	struct iommuctl_cmdq zeroes = { 0 }, filled = test.cmdq;

	filled.ready = false;
	for (uint32_t prod = 0; prod < 4; prod++) {
		cr_expect_eq(iommuctl_cmdq_consume(&zeroes, prod), -EINVAL);
		cr_expect_eq(iommuctl_cmdq_consume(&filled, prod), -EINVAL);
	}
	cr_expect_eq(iommuctl_cmdq_get_error(&zeroes), IOMMUCTL_CERROR_NONE);
	cr_expect_eq(iommuctl_cmdq_init(&zeroes, RING_BASE), -EINVAL);
	cr_expect_eq(iommuctl_cmdq_consume(&zeroes, 1), -EINVAL);
	cr_expect_eq(test.relay.kernel->calls, 0);
}

Test(relay_cmdq_errors, a_queue_outside_of_memory_aborts, .init = start, .fini = stop)
{
	cr_assert_eq(iommuctl_cmdq_init(&test.cmdq, (RING_IPA + 0x100000) | RING_LOG2SIZE), 0);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 1), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ABT, 0);
	cr_expect_eq(test.relay.kernel->calls, 0);
}

Test(relay_cmdq_errors, a_queue_that_leaves_memory_aborts_where_it_does, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, RING_SIZE);
	test.ram.range.size = 100 * sizeof(command_words) + 8;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ABT, 100);
	cr_expect(ring_has_issued(&test, 0, 100));
}

Test(relay_cmdq_errors, an_error_of_the_kernel_leaves_the_queue_able_to_go_on, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, 200);
	test.relay.kernel->slow_address = WINDOW + 2 * 130 * PAGE;
	test.relay.kernel->timeouts = 2;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), -ETIMEDOUT);
	expect_stopped(IOMMUCTL_CERROR_NONE, 126);
	cr_expect(ring_has_issued(&test, 0, 126));

	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), 0);
	cr_expect(ring_has_issued(&test, 0, 200));
	cr_expect_eq(counters_of(&test.relay).commands, 200);
}

Test(relay_cmdq_errors, what_only_the_kernel_refuses_is_illegal, .init = start, .fini = stop)
{
	ring_fill(&test, 0, 200);
	test.relay.kernel->refused_address = WINDOW + 2 * 130 * PAGE;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ILL, 130);
	cr_expect(ring_has_issued(&test, 0, 130));
}

static void put_atc_inv(size_t index, uint64_t address)
{
	command_words command;

	set_atc_inv(command, address);
	ring_put(&test, index, command);
}

static bool was_issued(uint64_t address)
{
	for (size_t i = 0; i < test.relay.kernel->logged; i++)
		if (test.relay.kernel->log[i][1] == address)
			return true;
	return false;
}

#define DEAD UINT64_C(0x7000)

Test(relay_cmdq_errors, an_atc_inv_that_times_out_is_what_the_next_sync_stops_with, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, 100);
	put_atc_inv(50, DEAD);
	ring_put_opcode(&test, 80, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	ring_put_opcode(&test, 90, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->slow_address = DEAD;
	test.relay.kernel->timeouts = UINT32_MAX;
	test.cmdq.ops = &ring_told_ops;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 100), -EAGAIN);
	expect_stopped(IOMMUCTL_CERROR_NONE, 63);
	cr_expect_eq(test.told_count, 63);
	cr_expect_eq(test.relay.kernel->timed_out, 1);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 100), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ATC_INV_SYNC, 90);
	for (size_t i = 0; i < 90; i++)
		if (i != 50 && i != 80)
			cr_expect(was_issued(WINDOW + 2 * i * PAGE), "%zu", i);
	cr_expect_eq(test.noted, 1);

	iommuctl_cmdq_acknowledge(&test.cmdq);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 100), 0);
	cr_expect_eq(test.cmdq.cons, 100);
	cr_expect_eq(test.noted, 2);
	cr_expect_eq(counters_of(&test.relay).commands, 100);
}

/* Such an ATC_INV goes to the kernel alone. */
Test(relay_cmdq_errors, an_atc_inv_with_ignored_fields_times_out_as_any_other, .fini = stop)
{
	const struct iommuctl_smmuv3_idr idr = { .ats = 1 };

	ring_start(&test, (struct iommuctl_relay_config){ .idr = &idr });
	ring_fill(&test, 0, 10);
	ring_put(&test, 5,
		(command_words){
			IOMMUCTL_SMMUV3_CMD_ATC_INV | (uint64_t)VSID << 32 | 1 << 9, DEAD });
	ring_put_opcode(&test, 8, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->slow_address = DEAD;
	test.relay.kernel->timeouts = UINT32_MAX;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 10), -EAGAIN);
	expect_stopped(IOMMUCTL_CERROR_NONE, 6);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 10), -EIO);
	expect_stopped(IOMMUCTL_CERROR_ATC_INV_SYNC, 8);
	cr_expect_eq(test.relay.kernel->timed_out, 1);
	cr_expect_eq(test.relay.kernel->logged, 7);
}

/* An endpoint that never answers: whatever the queue holds, it is waited for once a run. */
Test(relay_cmdq_errors, an_endpoint_that_does_not_answer_is_not_asked_again_before_the_sync,
	.init = start, .fini = stop)
{
	static const uint8_t dead = IOMMUCTL_SMMUV3_CMD_ATC_INV;

	ring_fill(&test, 0, RING_SIZE);
	for (size_t i = 0; i < RING_SIZE; i++)
		if (i % 63)
			put_atc_inv(i, i * PAGE);
	ring_put_opcode(&test, RING_SIZE - 1, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->slow_opcode = dead;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), -EAGAIN);
	cr_expect_eq(test.relay.kernel->timed_out, 1);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE), -EIO);
	cr_expect_eq(test.relay.kernel->timed_out, 1);
	expect_stopped(IOMMUCTL_CERROR_ATC_INV_SYNC, RING_SIZE - 1);
	for (size_t i = 0; i < RING_SIZE - 1; i += 63)
		cr_expect(was_issued(WINDOW + 2 * i * PAGE), "the TLBI at %zu", i);
	cr_expect_eq(counters_of(&test.relay).without_ats, 188);

	/* The guest has got the error, and tries again. */
	iommuctl_cmdq_acknowledge(&test.cmdq);
	put_atc_inv(RING_SIZE, 0);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, RING_SIZE + 1), 0);
	cr_expect_eq(test.relay.kernel->timed_out, 2);
	cr_expect(test.cmdq.atc_timeout);
}

Test(relay_cmdq_errors, an_endpoint_that_answers_is_asked_beside_one_that_does_not, .init = start,
	.fini = stop)
{
	cr_assert_eq(iommuctl_relay_add_stream(test.relay.relay, VSID + 1), 0);
	put_atc_inv(0, DEAD);
	ring_put_opcode(&test, 1, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	put_atc_inv(2, DEAD);
	ring_put(&test, 3,
		(command_words){ IOMMUCTL_SMMUV3_CMD_ATC_INV | (VSID + UINT64_C(1)) << 32, PAGE });
	test.relay.kernel->slow_address = DEAD;
	test.relay.kernel->timeouts = UINT32_MAX;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 4), -EAGAIN);
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 4), 0);
	cr_expect_eq(test.relay.kernel->timed_out, 1);
	cr_expect(was_issued(PAGE));
}

/* Of those that do not answer, as many are known as there may be commands in a block. */
Test(relay_cmdq_errors, one_endpoint_more_than_can_be_remembered_is_asked_each_time, .init = start,
	.fini = stop)
{
	for (uint32_t i = 0; i <= BLOCK; i++) {
		if (i)
			cr_assert_eq(iommuctl_relay_add_stream(test.relay.relay, VSID + i), 0);
		ring_put(&test, i,
			(command_words){
				IOMMUCTL_SMMUV3_CMD_ATC_INV | (VSID + (uint64_t)i) << 32, DEAD });
	}
	test.relay.kernel->slow_opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV;
	for (unsigned int asked = 2; asked < 5; asked++) {
		while (iommuctl_cmdq_consume(&test.cmdq, BLOCK + asked - 1) == -EAGAIN)
			;
		cr_expect_eq(test.cmdq.cons, BLOCK + asked - 1);
		cr_expect_eq(test.relay.kernel->timed_out, asked);
		ring_put(&test, BLOCK + asked - 1,
			(command_words){
				IOMMUCTL_SMMUV3_CMD_ATC_INV | (VSID + (uint64_t)BLOCK) << 32,
				DEAD });
	}
}

/* Then it is not the ATC_INV's doing. */
Test(relay_cmdq_errors, a_timeout_of_other_commands_as_well_is_the_owners, .init = start,
	.fini = stop)
{
	ring_fill(&test, 0, 50);
	put_atc_inv(10, DEAD);
	ring_put_opcode(&test, 49, IOMMUCTL_SMMUV3_CMD_SYNC);
	test.relay.kernel->slow_address = WINDOW + 2 * 20 * PAGE;
	test.relay.kernel->timeouts = UINT32_MAX;
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 50), -ETIMEDOUT);
	expect_stopped(IOMMUCTL_CERROR_NONE, 0);
	cr_expect_eq(test.noted, 0);
}
