// SPDX-License-Identifier: MIT
#include "relay_fixture.h"

#include <stdlib.h>

#define MANY 5000

static command_words commands[MANY];

static size_t divide_up(size_t count, size_t by)
{
	return (count + by - 1) / by;
}

Test(relay_issue, needs_an_idr_a_whole_number_of_blocks_and_a_granule)
{
	static const struct iommuctl_relay_config bad[] = {
		{ .batch = 0 },
		{ .idr = &able_smmu, .batch = 64 },
		{ .idr = &able_smmu, .batch = IOMMUCTL_RELAY_BATCH_MAX + BLOCK },
		{ .idr = &able_smmu, .fold = true },
		{ .idr = &able_smmu, .fold = true, .fold_granule = 8192 },
	};
	struct iommuctl_relay *relay;
	struct iommuctl *ctx;

	cr_assert_eq(iommuctl_new(NULL, &ctx), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(iommuctl_relay_new(ctx, &bad[i], &relay), -EINVAL, "%zu", i);
	iommuctl_free(ctx);
}

Test(relay_issue, nothing_takes_no_call)
{
	struct relay_test test;
	size_t done = 1;

	relay_start(&test, (struct iommuctl_relay_config){ 0 });
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 0, &done, NULL), 0);
	cr_expect_eq(done, 0);
	cr_expect_eq(test.kernel->calls, 0);
	relay_stop(&test);
}

Test(relay_issue, takes_one_call_for_each_batch_and_keeps_the_order)
{
	static const uint32_t batches[] = { 63, 126, 0 };

	fill_pages(commands, MANY);
	for (size_t i = 0; i < ARRAY_SIZE(batches); i++) {
		const size_t batch = batches[i] ? batches[i] : IOMMUCTL_RELAY_BATCH_MAX;
		struct relay_test test;
		size_t done;

		relay_start(&test, (struct iommuctl_relay_config){ .batch = batches[i] });
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, MANY, &done, NULL), 0);
		cr_expect_eq(done, MANY);
		cr_expect_eq(test.kernel->calls, divide_up(MANY, batch));
		cr_expect(has_issued(test.kernel, commands, MANY));
		cr_expect_eq(counters_of(&test).commands, MANY);
		cr_expect_eq(counters_of(&test).issued, MANY);
		cr_expect_eq(counters_of(&test).calls, test.kernel->calls);
		cr_expect_eq(counters_of(&test).resumed, 0);
		relay_stop(&test);
	}
}

Test(relay_issue, an_illegal_command_anywhere_costs_its_neighbours_nothing)
{
	for (size_t bad = 0; bad < 200; bad++) {
		struct iommuctl_smmuv3_refusal refusal = { 0 };
		struct relay_test test;
		size_t done;

		fill_pages(commands, 200);
		set_opcode(commands[bad], IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
		relay_start(&test, (struct iommuctl_relay_config){ .batch = BLOCK });
		cr_assert_eq(
			iommuctl_relay_issue(test.relay, commands, 200, &done, &refusal), -EIO);
		cr_assert_eq(done, bad);
		cr_assert(has_issued(test.kernel, commands, bad));
		cr_assert_str_eq(refusal.field, "Opcode");
		cr_assert_eq(counters_of(&test).refused, 1);

		cr_assert_eq(iommuctl_relay_issue(
				     test.relay, commands + bad + 1, 200 - bad - 1, &done, NULL),
			0);
		memmove(commands + bad, commands + bad + 1, (199 - bad) * sizeof(*commands));
		cr_assert(has_issued(test.kernel, commands, 199));
		relay_stop(&test);
	}
}

Test(relay_issue, a_command_for_a_stream_that_was_not_added_is_done_without_a_call)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_ATC_INV };

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		struct relay_test test;
		size_t done;

		fill_pages(commands, 3);
		set_opcode(commands[1], opcodes[i]);
		commands[1][0] |= UINT64_C(43) << 32;
		relay_start(&test, (struct iommuctl_relay_config){ 0 });
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 3, &done, NULL), 0);
		cr_expect_eq(done, 3);
		cr_expect_eq(test.kernel->logged, 2);
		cr_expect_eq(counters_of(&test).absent, 1);
		cr_expect_eq(counters_of(&test).commands, 3);
		cr_expect_eq(counters_of(&test).issued, 2);
		cr_expect_eq(counters_of(&test).refused, 0);

		cr_assert_eq(iommuctl_relay_add_stream(test.relay, 43), 0);
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 3, &done, NULL), 0);
		cr_expect_eq(test.kernel->logged, 2 + 3);
		cr_assert_eq(iommuctl_relay_remove_stream(test.relay, 43), 0);
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 3, &done, NULL), 0);
		cr_expect_eq(test.kernel->logged, 2 + 3 + 2);
		cr_expect_eq(counters_of(&test).absent, 2);
		relay_stop(&test);
	}
}

#define GLOBAL (UINT64_C(1) << 9)

/* Without SSV, an SMMU ignores SubstreamID and Global; the kernel refuses both without SSIDSIZE. */
Test(relay_issue, what_an_smmu_ignores_in_an_atc_inv_is_not_sent)
{
	static const struct {
		uint8_t ssidsize;
		uint64_t bits;
		uint64_t sent;
	} cases[] = {
		{ 0, GLOBAL, 0 },
		{ 0, 1 << 12, 0 },
		{ 0, GLOBAL | UINT64_C(0xfffff) << 12, 0 },
		{ 4, GLOBAL | 15 << 12, GLOBAL | 15 << 12 },
		{ 4, GLOBAL | 16 << 12, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_smmuv3_idr idr = { .ats = 1, .ssidsize = cases[i].ssidsize };
		struct relay_test test;
		size_t done;

		fill_pages(commands, 100);
		set_atc_inv(commands[70], PAGE);
		commands[70][0] |= cases[i].bits;
		relay_start(&test, (struct iommuctl_relay_config){ .idr = &idr });
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), 0);
		cr_expect_eq(done, 100);
		set_atc_inv(commands[70], PAGE);
		commands[70][0] |= cases[i].sent;
		cr_expect(has_issued(test.kernel, commands, 100), "%zu", i);
		cr_expect_eq(counters_of(&test).commands, 100);
		cr_expect_eq(counters_of(&test).issued, 100);
		cr_expect_eq(counters_of(&test).absent, 0);
		relay_stop(&test);
	}
}

/* Whether runs are folded or not; the rest of the command is as it was. */
Test(relay_issue, a_level_that_tables_of_16k_do_not_have_is_not_sent)
{
	static const bool folds[] = { false, true };
	static const uint64_t sent = 2 << 10 | 1, level_1 = 1 << 8;

	for (size_t i = 0; i < ARRAY_SIZE(folds); i++) {
		struct relay_test test;
		size_t done;

		fill_pages(commands, 100);
		set_tlbi_va(commands[70], ASID, WINDOW | sent | level_1);
		commands[70][0] |= 3 << 12;
		relay_start(&test,
			(struct iommuctl_relay_config){ .fold = folds[i], .fold_granule = 4096 });
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), 0);
		cr_expect_eq(done, 100);
		commands[70][1] = WINDOW | sent;
		cr_expect(has_issued(test.kernel, commands, 100));
		cr_expect_eq(counters_of(&test).refused, 0);

		commands[70][0] &= ~UINT64_C(0x1f000);
		commands[70][1] |= level_1;
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), -EIO);
		cr_expect_eq(done, 70);
		relay_stop(&test);
	}
}

Test(relay_issue, an_ignored_field_changes_neither_who_has_ats_nor_which_stream_is_gone)
{
	const struct iommuctl_smmuv3_idr idr = { .ats = 1 };
	struct relay_test test;
	size_t done;

	set_atc_inv(commands[0], PAGE);
	commands[0][0] |= GLOBAL;
	relay_start(&test, (struct iommuctl_relay_config){ .idr = &idr });
	cr_assert_eq(iommuctl_relay_set_ats(test.relay, VSID, false), 0);
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 1, &done, NULL), 0);
	cr_expect_eq(counters_of(&test).without_ats, 1);
	cr_expect_eq(test.kernel->calls, 0);

	cr_assert_eq(iommuctl_relay_set_ats(test.relay, VSID, true), 0);
	test.kernel->refused_opcode = IOMMUCTL_SMMUV3_CMD_ATC_INV;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 1, &done, NULL), 0);
	cr_expect_eq(counters_of(&test).absent, 1);
	cr_expect_eq(test.kernel->calls, 1);

	test.kernel->error = ENOMEM;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 1, &done, NULL), -ENOMEM);
	cr_expect_eq(done, 0);
	relay_stop(&test);
}

/* Its vDEVICE went before the relay learned of it, or meanwhile. */
Test(relay_issue, a_stream_that_the_kernel_no_longer_knows_is_no_error)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_ATC_INV };
	static const bool folds[] = { false, true };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(opcodes); i++) {
		struct relay_test test;
		size_t done;

		fill_pages(commands, 200);
		set_opcode(commands[70], opcodes[i / 2]);
		commands[70][0] |= (uint64_t)VSID << 32;
		relay_start(&test, (struct iommuctl_relay_config){
					   .fold = folds[i % 2], .fold_granule = 4096 });
		test.kernel->refused_opcode = opcodes[i / 2];
		cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 200, &done, NULL), 0);
		cr_expect_eq(done, 200);
		cr_expect_eq(test.kernel->logged, 199);
		cr_expect_eq(counters_of(&test).absent, 1);
		cr_expect_eq(counters_of(&test).refused, 0);
		relay_stop(&test);
	}
}

Test(relay_issue, a_command_of_the_callers_is_given_back_when_all_before_is_complete)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 100);
	set_opcode(commands[80], IOMMUCTL_SMMUV3_CMD_SYNC);
	relay_start(&test, (struct iommuctl_relay_config){ 0 });
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), -EINVAL);
	cr_expect_eq(done, 80);
	cr_expect(has_issued(test.kernel, commands, 80));
	cr_expect_eq(counters_of(&test).refused, 0);

	commands[80][0] |= 3 << 12;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands + 80, 1, &done, NULL), -EIO);
	relay_stop(&test);
}

Test(relay_issue, what_only_the_kernel_refuses_is_refused_as_well)
{
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	struct relay_test test;
	size_t done;

	fill_pages(commands, 200);
	relay_start(&test, (struct iommuctl_relay_config){ 0 });
	test.kernel->refused_address = commands[150][1];
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 200, &done, &refusal), -EIO);
	cr_expect_eq(done, 150);
	cr_expect(has_issued(test.kernel, commands, 150));
	cr_expect_str_eq(refusal.field, "Opcode");
	cr_expect_eq(counters_of(&test).resumed, 1);
	cr_expect_eq(counters_of(&test).refused, 1);
	relay_stop(&test);
}

Test(relay_issue, an_error_of_the_call_is_retried_once_and_then_handed_on)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 100);
	relay_start(&test, (struct iommuctl_relay_config){ 0 });
	test.kernel->error = ENOENT;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), -ENOENT);
	cr_expect_eq(done, 0);
	cr_expect_eq(test.kernel->calls, 2);
	cr_expect_eq(counters_of(&test).refused, 0);
	relay_stop(&test);
}

Test(relay_issue, a_kernel_short_of_memory_is_given_single_blocks)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 1000);
	relay_start(&test, (struct iommuctl_relay_config){ 0 });
	test.kernel->most_entries = BLOCK;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 1000, &done, NULL), 0);
	cr_expect_eq(done, 1000);
	cr_expect(has_issued(test.kernel, commands, 1000));
	relay_stop(&test);
}

Test(relay_issue, a_batch_is_issued_twice_where_the_erratum_asks_for_it)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 100);
	relay_start(&test, (struct iommuctl_relay_config){ .batch = BLOCK, .repeat = true });
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 100, &done, NULL), 0);
	cr_expect_eq(done, 100);
	cr_expect_eq(test.kernel->logged, 200);
	cr_expect_arr_eq(test.kernel->log[0], commands[0], BLOCK * sizeof(*commands));
	cr_expect_arr_eq(test.kernel->log[BLOCK], commands[0], BLOCK * sizeof(*commands));
	cr_expect_eq(counters_of(&test).issued, 100);

	for (size_t i = 0; i < BLOCK; i++)
		set_atc_inv(commands[i], i * PAGE);
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, BLOCK, &done, NULL), 0);
	cr_expect_eq(test.kernel->logged, 200 + BLOCK, "ATC_INV needs no repetition");
	relay_stop(&test);
}

Test(relay_issue, a_command_is_done_with_the_erratum_once_its_repetition_is)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 200);
	relay_start(&test, (struct iommuctl_relay_config){ .repeat = true });
	test.kernel->refused_address = commands[70][1];
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 200, &done, NULL), -EIO);
	cr_expect_eq(done, 70);
	cr_expect_eq(test.kernel->logged, 140);
	cr_expect_arr_eq(test.kernel->log[70], commands[0], 70 * sizeof(*commands));
	relay_stop(&test);
}

Test(relay_issue, what_timed_out_is_not_done_by_the_repetition_of_what_did_not)
{
	struct relay_test test;
	size_t done;

	fill_pages(commands, 200);
	relay_start(&test, (struct iommuctl_relay_config){ .repeat = true });
	test.kernel->slow_address = commands[130][1];
	test.kernel->timeouts = 2;
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 200, &done, NULL), -ETIMEDOUT);
	cr_expect_eq(done, 126);
	cr_expect_eq(test.kernel->logged, 2 * 126);
	relay_stop(&test);
}
