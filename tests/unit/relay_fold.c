// SPDX-License-Identifier: MIT
#include "relay_fixture.h"

#include <stdlib.h>

#define NUM_LSB	  12
#define SCALE_LSB 20
#define TTL_LSB	  8
#define TG_LSB	  10

#define PAGES_MAX 8192
#define MANY	  6000

static command_words commands[MANY];

static struct relay_test start_with(uint32_t granule, uint32_t batch)
{
	struct relay_test test;

	relay_start(&test, (struct iommuctl_relay_config){
				   .fold = true, .fold_granule = granule, .batch = batch });
	return test;
}

static void fill_run(size_t first, size_t count, uint64_t address, uint64_t granule)
{
	for (size_t i = 0; i < count; i++)
		set_tlbi_va(commands[first + i], ASID, address + i * granule);
}

static void set_range(command_words command, uint64_t address, unsigned int tg, unsigned int num,
	unsigned int scale)
{
	set_tlbi_va(command, ASID, address);
	command[0] |= (uint64_t)num << NUM_LSB | (uint64_t)scale << SCALE_LSB;
	command[1] |= (uint64_t)tg << TG_LSB;
}

static void issue(struct relay_test *test, size_t count)
{
	size_t done;

	test->kernel->logged = 0;
	cr_assert_eq(iommuctl_relay_issue(test->relay, commands, count, &done, NULL), 0);
	cr_assert_eq(done, count);
}

/* What commands invalidate, page by page: one bit for each of the invalidations that differ. */
static uint8_t before[PAGES_MAX], after[PAGES_MAX];

static bool is_by_va(const uint64_t *command)
{
	const uint8_t opcode = (uint8_t)command[0];

	return (opcode == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA ||
		       opcode == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA) &&
	       !(command[1] >> TTL_LSB & 3);
}

static void mark(uint8_t *pages, const uint64_t *command, uint32_t granule)
{
	const unsigned int kind = (command[0] >> 48 & 1) | (command[1] & 1) << 1 |
				  ((uint8_t)command[0] == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA) << 2;
	const uint64_t first = ((command[1] & ~UINT64_C(0xfff)) - WINDOW) / granule;
	uint64_t count = 1;

	if (command[1] >> TG_LSB & 3)
		count = ((command[0] >> NUM_LSB & 31) + 1) << (command[0] >> SCALE_LSB & 63);
	for (uint64_t i = 0; i < count; i++) {
		cr_assert_lt(first + i, PAGES_MAX, "a page far away");
		pages[first + i] |= 1u << kind;
	}
}

/* Marks up to the first command that is not by VA; its index, or @count. */
static size_t mark_part(uint8_t *pages, const command_words *from, size_t count, uint32_t granule)
{
	size_t i = 0;

	memset(pages, 0, PAGES_MAX);
	for (; i < count && is_by_va(from[i]); i++)
		mark(pages, from[i], granule);
	return i;
}

/* Between any two other commands the same pages, and these in their order. */
static void compare(const struct relay_kernel *kernel, size_t count, uint32_t granule)
{
	const command_words *issued = (const command_words *)kernel->log;
	size_t a = 0, b = 0;

	for (;;) {
		a += mark_part(before, commands + a, count - a, granule);
		b += mark_part(after, issued + b, kernel->logged - b, granule);
		cr_assert_arr_eq(before, after, PAGES_MAX, "pages before command %zu", a);
		if (a == count || b == kernel->logged)
			break;
		cr_assert_arr_eq(commands[a], issued[b], sizeof(*commands), "command %zu", a);
		a++;
		b++;
	}
	cr_assert_eq(a, count);
	cr_assert_eq(b, kernel->logged);
}

Test(relay_fold, pages_in_a_row_become_one_command)
{
	struct relay_test test = start_with(4096, 0);

	fill_run(0, 512, WINDOW, PAGE);
	issue(&test, 512);
	cr_expect_eq(test.kernel->calls, 1);
	cr_expect_eq(test.kernel->logged, 1);
	compare(test.kernel, 512, 4096);
	cr_expect_eq(counters_of(&test).commands, 512);
	cr_expect_eq(counters_of(&test).issued, 1);
	relay_stop(&test);
}

/* The fewest that can be: every sum of (NUM + 1) << SCALE is tried. */
Test(relay_fold, every_length_takes_as_few_commands_as_there_can_be)
{
	static size_t fewest[4200];

	for (size_t pages = 1; pages < ARRAY_SIZE(fewest); pages++) {
		struct relay_test test = start_with(4096, 0);

		fewest[pages] = pages;
		for (size_t unit = 1; unit <= pages; unit *= 2)
			for (size_t num = 1; num <= 32 && num * unit <= pages; num++)
				if (fewest[pages - num * unit] + 1 < fewest[pages])
					fewest[pages] = fewest[pages - num * unit] + 1;
		fill_run(0, pages, WINDOW, PAGE);
		issue(&test, pages);
		cr_assert_eq(test.kernel->logged, fewest[pages], "%zu pages", pages);
		compare(test.kernel, pages, 4096);
		relay_stop(&test);
	}
}

Test(relay_fold, no_made_command_is_reserved)
{
	struct relay_test test = start_with(4096, 0);

	for (size_t pages = 1; pages < 300; pages++) {
		fill_run(0, pages, WINDOW, PAGE);
		issue(&test, pages);
		for (size_t i = 0; i < test.kernel->logged; i++)
			cr_assert_eq(
				iommuctl_smmuv3_cmd_validate(test.kernel->log[i], &able_smmu, NULL),
				0);
	}
	relay_stop(&test);
}

static unsigned int roll(uint64_t *state, unsigned int sides)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned int)((*state >> 20) % sides);
}

static void roll_other(uint64_t *state, command_words command)
{
	switch (roll(state, 5)) {
	case 0: set_opcode(command, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL); return;
	case 1: set_atc_inv(command, WINDOW + roll(state, 100) * PAGE); return;
	case 2:
		set_opcode(command, IOMMUCTL_SMMUV3_CMD_CFGI_CD);
		command[0] |= (uint64_t)VSID << 32;
		return;
	case 3:
		set_opcode(command, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID);
		command[0] |= (uint64_t)ASID << 48;
		return;
	default:
		set_range(command, WINDOW, IOMMUCTL_SMMUV3_TLBI_TG_4K, 1, 0);
		command[1] |= (1 + roll(state, 3)) << TTL_LSB;
		return;
	}
}

/* Runs of pages and ranges that continue, break off, repeat or change in one property. */
static void roll_commands(uint64_t *state, size_t count, uint32_t granule, unsigned int tg)
{
	uint64_t page = 0, pages = 1;
	uint64_t asid = ASID, leaf = 0, vaa = 0;

	for (size_t i = 0; i < count; i++) {
		const unsigned int event = roll(state, 40);
		unsigned int num = 0, scale = 0;

		page += pages;
		if (event == 0 || page > PAGES_MAX - 200)
			page = roll(state, PAGES_MAX - 200);
		asid ^= event == 1;
		leaf ^= event == 2;
		vaa ^= event == 3;
		pages = 1;
		if (event == 4) {
			roll_other(state, commands[i]);
			pages = 0;
			continue;
		}
		if (event == 5 || event == 6) {
			num = roll(state, 32);
			scale = num ? roll(state, 3) : 1;
			pages = (num + UINT64_C(1)) << scale;
			if (page + pages > PAGES_MAX)
				page = 0;
		}
		set_range(commands[i], WINDOW + page * granule, pages > 1 ? tg : 0, num, scale);
		commands[i][0] = (commands[i][0] & ~(UINT64_C(0xffff) << 48)) + vaa;
		commands[i][0] |= vaa ? 0 : asid << 48;
		commands[i][1] |= leaf;
	}
}

static void fold_at_random(uint32_t granule, unsigned int tg, uint32_t batch, uint64_t state)
{
	struct relay_test test = start_with(granule, batch);
	size_t issued = 0, given = 0;

	for (int round = 0; round < 40; round++) {
		const size_t count = 1 + roll(&state, 2000);

		roll_commands(&state, count, granule, tg);
		issue(&test, count);
		compare(test.kernel, count, granule);
		cr_assert_leq(test.kernel->logged, count);
		issued += test.kernel->logged;
		given += count;
	}
	cr_expect_lt(issued * 2, given, "hardly anything was folded");
	relay_stop(&test);
}

Test(relay_fold, random_streams_invalidate_the_same_pages_between_the_same_commands)
{
	fold_at_random(4096, IOMMUCTL_SMMUV3_TLBI_TG_4K, 0, 1);
	fold_at_random(4096, IOMMUCTL_SMMUV3_TLBI_TG_4K, BLOCK, 2);
	fold_at_random(16384, IOMMUCTL_SMMUV3_TLBI_TG_16K, 0, 3);
	fold_at_random(65536, IOMMUCTL_SMMUV3_TLBI_TG_64K, BLOCK, 4);
}

Test(relay_fold, what_does_not_continue_is_left_as_it_is)
{
	struct relay_test test = start_with(16384, 0);

	fill_run(0, 100, WINDOW, 4096);			 /* pages of another granule */
	fill_run(100, 100, WINDOW + 0x1000, 16384);	 /* not at a page's start */
	fill_run(200, 100, WINDOW + 100 * 16384, 32768); /* gaps */
	for (size_t i = 0; i < 100; i++)		 /* descending */
		set_tlbi_va(commands[300 + i], ASID, WINDOW + (300 - i) * 16384);
	for (size_t i = 0; i < 100; i++) /* the same again and again */
		set_tlbi_va(commands[400 + i], ASID, WINDOW);
	issue(&test, 500);
	cr_expect(has_issued(test.kernel, commands, 500));
	relay_stop(&test);
}

Test(relay_fold, ranges_of_another_granule_or_with_a_hint_are_left_as_they_are)
{
	struct relay_test test = start_with(4096, 0);

	for (size_t i = 0; i < 10; i++) {
		set_range(commands[i], WINDOW + i * 0x20000, IOMMUCTL_SMMUV3_TLBI_TG_64K, 1, 0);
		set_range(
			commands[10 + i], WINDOW + i * 2 * PAGE, IOMMUCTL_SMMUV3_TLBI_TG_4K, 1, 0);
		commands[10 + i][1] |= 3 << TTL_LSB;
		set_range(
			commands[20 + i], WINDOW + i * 2 * PAGE, IOMMUCTL_SMMUV3_TLBI_TG_64K, 1, 0);
	}
	issue(&test, 30);
	cr_expect(has_issued(test.kernel, commands, 30));
	relay_stop(&test);
}

Test(relay_fold, ranges_and_pages_that_follow_each_other_become_one_range)
{
	struct relay_test test = start_with(4096, 0);

	set_range(commands[0], WINDOW, IOMMUCTL_SMMUV3_TLBI_TG_4K, 30, 0);
	set_tlbi_va(commands[1], ASID, WINDOW + 31 * PAGE);
	set_range(commands[2], WINDOW + 32 * PAGE, IOMMUCTL_SMMUV3_TLBI_TG_4K, 0, 5);
	issue(&test, 3);
	cr_expect_eq(test.kernel->logged, 1);
	compare(test.kernel, 3, 4096);
	relay_stop(&test);
}

/* One command has 2^36 pages at most. */
Test(relay_fold, huge_ranges_are_joined_as_far_as_a_range_goes)
{
	const struct iommuctl_smmuv3_idr idr = { .ril = 1, .ds = 1, .vax = IOMMUCTL_SMMUV3_VAX_52 };
	struct relay_test test;

	relay_start(&test,
		(struct iommuctl_relay_config){ .idr = &idr, .fold = true, .fold_granule = 4096 });
	for (size_t i = 0; i < 4; i++) {
		set_range(
			commands[i], (uint64_t)i << (35 + 12), IOMMUCTL_SMMUV3_TLBI_TG_4K, 15, 31);
		commands[i][0] &= UINT32_MAX;
	}
	issue(&test, 4);
	cr_assert_eq(test.kernel->logged, 2);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(test.kernel->log[i][0] >> NUM_LSB & 31, 31);
		cr_expect_eq(test.kernel->log[i][0] >> SCALE_LSB & 63, 31);
		cr_expect_eq(test.kernel->log[i][1] & ~UINT64_C(0xfff), (uint64_t)i << (36 + 12));
	}
	relay_stop(&test);
}

Test(relay_fold, a_run_at_the_end_of_a_batch_is_not_cut_by_it)
{
	struct relay_test test = start_with(4096, BLOCK);

	fill_pages(commands, BLOCK - 1);
	fill_run(BLOCK - 1, 32, WINDOW + 400 * PAGE, PAGE);
	issue(&test, BLOCK - 1 + 32);
	cr_expect_eq(test.kernel->logged, BLOCK);
	cr_expect_eq(test.kernel->calls, 1);
	relay_stop(&test);
}

Test(relay_fold, no_range_leaves_the_half_of_the_address_space_it_began_in)
{
	static const uint64_t ends[] = { 0, UINT64_C(1) << 48, UINT64_C(0xffff) << 48 };
	struct relay_test test = start_with(4096, 0);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		fill_run(0, 16, ends[i] - 8 * PAGE, PAGE);
		issue(&test, 16);
		cr_assert_eq(test.kernel->logged, 2);
		for (size_t n = 0; n < 2; n++) {
			cr_expect_eq(test.kernel->log[n][0] >> NUM_LSB & 31, 0);
			cr_expect_eq(test.kernel->log[n][0] >> SCALE_LSB & 63, 3);
		}
		cr_expect_eq(test.kernel->log[0][1] & ~UINT64_C(0xfff), ends[i] - 8 * PAGE);
		cr_expect_eq(test.kernel->log[1][1] & ~UINT64_C(0xfff), ends[i]);
	}
	relay_stop(&test);
}

Test(relay_fold, without_ril_nothing_changes)
{
	const struct iommuctl_smmuv3_idr idr = { .asid16 = 1 };
	struct relay_test test;

	relay_start(&test,
		(struct iommuctl_relay_config){ .idr = &idr, .fold = true, .fold_granule = 4096 });
	fill_run(0, 300, WINDOW, PAGE);
	issue(&test, 300);
	cr_expect(has_issued(test.kernel, commands, 300));
	relay_stop(&test);
}

Test(relay_fold, a_guest_without_ril_on_hardware_with_it_is_folded)
{
	const struct iommuctl_smmuv3_idr idr = { .asid16 = 1 };
	struct relay_test test;

	relay_start(&test,
		(struct iommuctl_relay_config){
			.idr = &idr, .hardware = &able_smmu, .fold = true, .fold_granule = 4096 });
	fill_run(0, 300, WINDOW, PAGE);
	issue(&test, 300);
	cr_expect_eq(test.kernel->logged, 2);
	compare(test.kernel, 300, 4096);
	relay_stop(&test);
}

/* As a kernel does whose SMMU was said to have RIL, but has not. */
Test(relay_fold, a_kernel_that_refuses_ranges_gets_the_guests_own_commands)
{
	struct relay_test test = start_with(4096, BLOCK);
	size_t done;

	test.kernel->no_ranges = true;
	fill_pages(commands, 100);
	fill_run(100, 300, WINDOW + 400 * PAGE, PAGE);
	set_opcode(commands[400], IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);
	cr_expect_eq(iommuctl_relay_issue(test.relay, commands, 401, &done, NULL), -EIO);
	cr_expect_eq(done, 400);
	compare(test.kernel, 400, 4096);
	cr_expect_eq(counters_of(&test).refused, 1);
	relay_stop(&test);
}

Test(relay_fold, what_is_done_counts_the_guests_commands_when_one_is_refused)
{
	for (size_t bad = 0; bad < 20; bad++) {
		struct relay_test test = start_with(4096, BLOCK);
		size_t done;

		/* Runs of 33 pages, two commands each, followed by a single page. */
		for (size_t i = 0; i < 100; i++) {
			fill_run(34 * i, 33, WINDOW + 50 * i * PAGE, PAGE);
			set_tlbi_va(commands[34 * i + 33], ASID, WINDOW + (50 * i + 40) * PAGE);
		}
		test.kernel->refused_address = commands[34 * (5 * bad) + 33][1];
		cr_assert_eq(iommuctl_relay_issue(test.relay, commands, 3400, &done, NULL), -EIO);
		cr_assert_eq(done, 34 * (5 * bad) + 33);
		compare(test.kernel, done, 4096);
		relay_stop(&test);
	}
}

Test(relay_fold, what_is_done_is_exact_inside_a_run_that_two_batches_share)
{
	struct relay_test test = start_with(4096, BLOCK);
	size_t done;

	for (size_t i = 0; i < BLOCK - 1; i++)
		set_tlbi_va(commands[i], ASID, WINDOW + (1000 - 2 * i) * PAGE);
	fill_run(BLOCK - 1, 33, WINDOW + 400 * PAGE, PAGE); /* 1 page, then 32 */
	test.kernel->slow_address = WINDOW + 401 * PAGE;
	test.kernel->timeouts = 2;
	cr_assert_eq(
		iommuctl_relay_issue(test.relay, commands, BLOCK + 32, &done, NULL), -ETIMEDOUT);
	cr_expect_eq(done, BLOCK);
	compare(test.kernel, done, 4096);
	cr_assert_eq(
		iommuctl_relay_issue(test.relay, commands + done, BLOCK + 32 - done, &done, NULL),
		0);
	compare(test.kernel, BLOCK + 32, 4096);
	relay_stop(&test);
}
