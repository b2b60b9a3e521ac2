// SPDX-License-Identifier: MIT
/*
 * A guest's commands by its registers: when they run, how they stop, and how they are answered.
 *
 * One write runs the queue once, up to its budget: see IOMMUCTL_CMDQ_COST_CALL and its like.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "failures.h"
#include "vsmmuv3_guest.h"

#define DOORBELL UINT64_C(0x8020040)
#define SYNC	 IOMMUCTL_SMMUV3_CMD_SYNC
#define TLBI	 IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL
#define ERR(n)	 (UINT32_C(n) << 24)

static struct guest_smmu guest;

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .budget = 0 });
	guest_enable_cmdq(&guest);
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_commands, .init = set_up, .fini = tear_down);

static struct iommuctl_vsmmuv3_counters counters(void)
{
	struct iommuctl_vsmmuv3_counters now;

	iommuctl_vsmmuv3_get_counters(guest.smmu, &now);
	return now;
}

static void put_sync(uint8_t cs, uint64_t address, uint32_t data)
{
	guest_put(&guest,
		(struct iommuctl_smmuv3_cmd){
			.opcode = SYNC, .cs = cs, .msiaddress = address, .msidata = data });
}

Test(vsmmuv3_commands, run_when_prod_is_written)
{
	guest_put_opcode(&guest, TLBI);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_NONE, 0, 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 2);
	cr_expect_eq(counters().syncs, 1);
	cr_expect_eq(counters().interrupts, 0);
}

Test(vsmmuv3_commands, wait_for_cmdqen)
{
	wr(&guest, CR0, 0);
	guest_put_opcode(&guest, TLBI);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
	wr(&guest, CR0, CMDQEN);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1);
}

Test(vsmmuv3_commands, go_on_where_the_guest_wants_them_to)
{
	wr(&guest, CR0, 0);
	for (uint32_t i = 0; i < 40; i++)
		guest_put_opcode(&guest, TLBI);
	/* 38 with its wrap bit; the bits above do not belong to this queue. */
	wr(&guest, CMDQ_CONS, ERR(1) | 0x80 | 38);
	wr(&guest, CMDQ_PROD, 0x80 | guest.prod);
	wr(&guest, CR0, CMDQEN);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 40);
	wr(&guest, CR0, 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 40);
	guest_enable_cmdq(&guest);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
}

static void use_queue(uint64_t base)
{
	wr(&guest, CR0, 0);
	wr64(&guest, CMDQ_BASE, base);
	wr(&guest, CMDQ_PROD, 0);
	wr(&guest, CMDQ_CONS, 0);
	guest.prod = 0;
	wr(&guest, CR0, CMDQEN);
}

Test(vsmmuv3_commands, go_round_the_queue)
{
	const uint32_t entries = 1u << QUEUE_LOG2, lap = 2 * entries;
	uint32_t commands = 0;

	/* Full, empty, and all between. */
	for (uint32_t count = 1; count <= entries; count++) {
		for (uint32_t i = 0; i < count; i++)
			guest_put_opcode(&guest, i % 3 ? TLBI : SYNC);
		cr_expect_eq(guest_go(&guest), 0);
		commands += count;
		cr_expect_eq(rd(&guest, CMDQ_CONS), commands % lap, "%u", count);
	}
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), commands % lap, "nothing is consumed twice");
	cr_expect_gt(commands, 8 * lap);
}

/* No guest may do that. What is consumed then is no more than the queue holds, and it ends at PROD. */
Test(vsmmuv3_commands, senseless_indices_cost_no_more_than_a_queue)
{
	for (uint32_t i = 0; i < 1u << QUEUE_LOG2; i++)
		guest_put_opcode(&guest, SYNC);
	cr_expect_eq(try_wr(&guest, CMDQ_PROD, 0x3f), 0);
	cr_expect_eq(counters().syncs, 1u << QUEUE_LOG2);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1u << QUEUE_LOG2);
}

/* IDR1.CMDQS, and the alignment of a queue to its size. */
Test(vsmmuv3_commands, lie_where_the_queue_is_as_it_is_shown)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);
	static const uint64_t bases[] = {
		QUEUE | 0x1f,		    /* a size of 2^31 */
		QUEUE | 0x1e0 | QUEUE_LOG2, /* below the alignment */
		UINT64_C(0xbf) << 56 | QUEUE | QUEUE_LOG2,
	};

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[1] = (identity.idr[1] & ~(31u << 21)) | (uint32_t)QUEUE_LOG2 << 21;
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		use_queue(bases[i]);
		guest_put_opcode(&guest, SYNC);
		cr_expect_eq(guest_go(&guest), 0);
		cr_expect_eq(rd(&guest, CMDQ_CONS), 1, "row %zu", i);
	}
	cr_expect_eq(counters().syncs, ARRAY_SIZE(bases));
}

Test(vsmmuv3_commands, queue_is_cut_to_what_is_shown)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[1] = (identity.idr[1] & ~(31u << 21));
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	guest_enable_cmdq(&guest);
	guest_put_opcode(&guest, TLBI);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1);
	wr(&guest, CMDQ_PROD, 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0, "one entry, and a wrap bit");
}

Test(vsmmuv3_commands, stop_at_an_error_until_it_is_acknowledged)
{
	wr(&guest, IRQ_CTRL, 1);
	guest_put_words64(&guest, 0xee, 0);
	guest_put_opcode(&guest, TLBI);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1));
	cr_expect_eq(rd(&guest, GERROR), CMDQ_ERR);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 1);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));

	/* Neither another write, nor disabling and enabling it, nor a wrong acknowledgement. */
	cr_expect_eq(guest_go(&guest), 0);
	wr(&guest, CR0, 0);
	wr(&guest, CR0, CMDQEN);
	wr(&guest, GERRORN, 0x1fc);
	cr_expect_eq(rd(&guest, GERRORN), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1));

	guest_put_words(&guest.vmm.ram, QUEUE, (uint64_t[]){ TLBI, 0 }, 2);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 2);
	cr_expect_eq(rd(&guest, GERRORN), rd(&guest, GERROR));
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 1);

	guest_put_words64(&guest, 0xee, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, GERROR), 0, "the next error is the other edge");
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 2);
	cr_expect_eq(counters().errors, 2);
}

/* Each is the guest's error, and reported only to the guest. */
Test(vsmmuv3_commands, illegal_commands_are_reported_and_replaced)
{
	static const uint64_t rows[][2] = {
		{ 0, 0 },					/* no opcode */
		{ SYNC | 3 << 12, 0 },				/* CS */
		{ IOMMUCTL_SMMUV3_CMD_CFGI_STE | 1u << 10, 0 }, /* SSec */
		{ IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL, 0 },
		{ IOMMUCTL_SMMUV3_CMD_TLBI_S12_VMALL, 0 },
		{ IOMMUCTL_SMMUV3_CMD_PRI_RESP, 0 },
		{ IOMMUCTL_SMMUV3_CMD_RESUME, 0 },
		{ IOMMUCTL_SMMUV3_CMD_STALL_TERM, 0 },
		{ 0xff, UINT64_MAX },
	};
	unsigned int failures;

	failures_count(guest.vmm.ctx, &failures);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint32_t at = guest.prod;

		guest_put_words64(&guest, rows[i][0], rows[i][1]);
		guest_put_opcode(&guest, SYNC);
		cr_expect_eq(guest_go(&guest), 0);
		cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1) | at, "row %zu: 0x%x", i,
			rd(&guest, CMDQ_CONS));
		cr_expect_eq(rd(&guest, GERROR) ^ rd(&guest, GERRORN), CMDQ_ERR);
		cr_expect_eq(counters().syncs, i);
		guest.prod = at;
		guest_put_opcode(&guest, TLBI);
		guest_put_opcode(&guest, SYNC);
		wr(&guest, GERRORN, rd(&guest, GERROR));
		cr_expect_eq(rd(&guest, CMDQ_CONS), guest.prod);
		cr_expect_eq(counters().syncs, i + 1);
	}
	cr_expect_eq(counters().errors, ARRAY_SIZE(rows));
	cr_expect_eq(failures, 0);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
}

/* While it is stopped, a guest may take back what was not consumed (IHI 0070, 7.1). */
Test(vsmmuv3_commands, are_taken_back_after_an_error)
{
	guest_put_opcode(&guest, TLBI);
	guest_put_words64(&guest, 0xee, 0);
	guest_put_opcode(&guest, SYNC);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1) | 1);
	wr(&guest, CMDQ_PROD, 1);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1);
	cr_expect_eq(counters().syncs, 0);
	cr_expect_eq(rd(&guest, GERROR), rd(&guest, GERRORN));
}

/* ERR is set before GERROR says so, and a disabled queue does not continue. */
Test(vsmmuv3_commands, are_acknowledged_while_the_queue_is_disabled)
{
	wr(&guest, IRQ_CTRL, 1);
	guest_put_words64(&guest, 0xee, 0);
	guest_put_opcode(&guest, SYNC);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.cons_then, ERR(1));
	wr(&guest, CR0, 0);
	guest_put_words(&guest.vmm.ram, QUEUE, (uint64_t[]){ TLBI, 0 }, 2);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(counters().syncs, 0);
	wr(&guest, CR0, CMDQEN);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 2);
	cr_expect_eq(counters().syncs, 1);
}

Test(vsmmuv3_commands, beyond_memory_abort)
{
	wr(&guest, CR0, 0);
	wr64(&guest, CMDQ_BASE, NOWHERE | QUEUE_LOG2);
	wr(&guest, CR0, CMDQEN);
	wr(&guest, CMDQ_PROD, 1);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(2));
	cr_expect_eq(rd(&guest, GERROR), CMDQ_ERR);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 0, "not enabled");
}

/* The largest queue has half of itself in memory. */
Test(vsmmuv3_commands, commands_before_the_end_of_memory_are_consumed)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);
	const uint32_t end = RAM_SIZE / 16;

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[1] = (identity.idr[1] & ~(31u << 21)) | 19u << 21;
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	guest_put_words(&guest.vmm.ram, RAM + RAM_SIZE - 32, (uint64_t[]){ SYNC, 0, SYNC, 0 }, 4);
	wr64(&guest, CMDQ_BASE, RAM | 19);
	wr(&guest, CMDQ_CONS, end - 2);
	wr(&guest, CMDQ_PROD, end + 1);
	wr(&guest, CR0, CMDQEN);
	cr_expect_eq(counters().syncs, 2);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(2) | end);
	cr_expect_eq(rd(&guest, GERROR), CMDQ_ERR);
	/* It is still not there. */
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(2) | end);
	cr_expect_eq(rd(&guest, GERROR), 0);
}

Test(vsmmuv3_commands, are_left_for_later_by_a_budget)
{
	unsigned int runs = 1;

	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .budget = 1 }), 0);
	guest_enable_cmdq(&guest);
	for (unsigned int i = 0; i < 6; i++)
		put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, 0, 0);
	cr_expect_eq(guest_go(&guest), -EAGAIN);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
	cr_expect_lt(rd(&guest, CMDQ_CONS), 6);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 1);
	while (iommuctl_vsmmuv3_process(guest.smmu) == -EAGAIN)
		runs++;
	cr_expect_eq(rd(&guest, CMDQ_CONS), 6);
	cr_expect_geq(runs, 3);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
}

/* Whatever is in the largest queue. */
Test(vsmmuv3_commands, one_write_makes_no_more_calls_than_the_budget_allows)
{
	static const uint32_t budgets[] = { 1, 1000, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(budgets); i++) {
		const uint32_t budget = budgets[i] ? budgets[i] : IOMMUCTL_CMDQ_BUDGET_DEFAULT;
		unsigned int runs = 0;
		int err;

		iommuctl_vsmmuv3_free(guest.smmu);
		cr_assert_eq(guest_make_smmu(&guest,
				     (struct iommuctl_vsmmuv3_config){ .budget = budgets[i] }),
			0);
		/* A call for every other one: each TLBI comes with its own CMD_SYNC. */
		for (uint64_t at = 0; at < 0x1000; at++)
			guest_put_words(&guest.vmm.ram, OTHER + at * 16,
				(uint64_t[]){ at % 2 ? SYNC : TLBI, 0 }, 2);
		wr64(&guest, CMDQ_BASE, OTHER | 12);
		wr(&guest, CR0, CMDQEN);
		guest.vmm.calls = 0;
		err = try_wr(&guest, CMDQ_PROD, 0x1000);
		for (; err == -EAGAIN; err = iommuctl_vsmmuv3_process(guest.smmu)) {
			cr_assert_leq(guest.vmm.calls, budget / IOMMUCTL_CMDQ_COST_CALL + 1);
			guest.vmm.calls = 0;
			runs++;
		}
		cr_expect_eq(err, 0);
		cr_expect_eq(rd(&guest, CMDQ_CONS), 0x1000);
		cr_expect_geq(runs, 2);
	}
}

/* Be it with an errno by which a queue says that it has stopped. */
Test(vsmmuv3_commands, commands_that_the_kernel_fails_go_on_later)
{
	static const int errors[] = { ENOMEM, EBUSY };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const uint32_t at = guest.prod;

		guest_put_opcode(&guest, TLBI);
		put_sync(IOMMUCTL_SMMUV3_SYNC_CS_NONE, 0, 0);
		script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, errors[i]);
		cr_expect_eq(guest_go(&guest), -errors[i]);
		cr_expect_eq(rd(&guest, CMDQ_CONS), at);
		cr_expect_eq(rd(&guest, GERROR), 0);
		script_fail_none(guest.vmm.script);
		cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
		cr_expect_eq(rd(&guest, CMDQ_CONS), guest.prod);
	}
}

static void fill_queue(void)
{
	for (uint32_t i = 0; i < 1u << QUEUE_LOG2; i++)
		guest_put_opcode(&guest, TLBI);
}

/* A guest may wait for room with WFE, on a vCPU that did not fill the queue. */
Test(vsmmuv3_commands, a_queue_that_was_full_wakes_whoever_waits_for_room)
{
	for (unsigned int round = 1; round < 4; round++) {
		fill_queue();
		cr_expect_eq(guest_go(&guest), 0);
		cr_expect_eq(guest.wakes, round);
		cr_expect_eq(guest.cons_then, rd(&guest, CMDQ_CONS));
		for (uint32_t i = 1; i < 1u << QUEUE_LOG2; i++)
			guest_put_opcode(&guest, TLBI);
		cr_expect_eq(guest_go(&guest), 0);
		cr_expect_eq(guest.wakes, round, "there was room");
	}
}

Test(vsmmuv3_commands, a_full_queue_wakes_once_however_many_runs_it_takes)
{
	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .budget = 1 }), 0);
	guest_enable_cmdq(&guest);
	for (uint32_t i = 0; i < 1u << QUEUE_LOG2; i++)
		guest_put_opcode(&guest, SYNC);
	cr_expect_eq(guest_go(&guest), -EAGAIN);
	cr_expect_eq(guest.wakes, 1);
	while (iommuctl_vsmmuv3_process(guest.smmu) == -EAGAIN)
		;
	cr_expect_eq(rd(&guest, CMDQ_CONS), guest.prod);
	cr_expect_eq(guest.wakes, 1);
}

Test(vsmmuv3_commands, a_full_queue_wakes_nobody_before_there_is_room)
{
	guest_put_words64(&guest, 0xee, 0);
	for (uint32_t i = 1; i < 1u << QUEUE_LOG2; i++)
		guest_put_opcode(&guest, TLBI);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1));
	cr_expect_eq(guest.wakes, 0);
	guest_put_words(&guest.vmm.ram, QUEUE, (uint64_t[]){ TLBI, 0 }, 2);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS), guest.prod);
	cr_expect_eq(guest.wakes, 1);
}

/* Linux has the word written over the command itself; what follows is not touched. */
Test(vsmmuv3_commands, sync_by_an_msi_to_memory)
{
	const uint32_t *word = guest_at(&guest.vmm.ram, QUEUE + 4);

	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, QUEUE + 4, 0x12345678);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(le32toh(word[0]), 0x12345678);
	cr_expect_eq(le32toh(word[1]), (uint32_t)(QUEUE + 4));
	cr_expect_eq(guest.msis, 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 0);
	cr_expect_eq(counters().interrupts, 1);
}

Test(vsmmuv3_commands, sync_by_an_msi_to_a_doorbell_comes_when_cons_has_passed)
{
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, DOORBELL, 7);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, DOORBELL, 8);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.msis, 2);
	cr_expect_eq(guest.msi_address, DOORBELL);
	cr_expect_eq(guest.msi_data, 8);
	cr_expect_eq(guest.cons_then, 2);
}

/* Little-endian, one word, nothing else. */
Test(vsmmuv3_commands, sync_by_an_msi_to_the_last_word_of_memory)
{
	const uint64_t last = RAM + RAM_SIZE - 4;
	const uint8_t *bytes = guest_at(&guest.vmm.ram, last - 4);

	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, last, 0x0a0b0c0d);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, last + 4, 2);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_arr_eq(bytes, ((uint8_t[]){ 0, 0, 0, 0, 0xd, 0xc, 0xb, 0xa }), 8);
	cr_expect_eq(guest.msis, 1, "what is behind it is no memory");
	cr_expect_eq(guest.msi_address, last + 4);
}

/* Everything before an MSI to memory was consumed, or is what the MSI reports. */
Test(vsmmuv3_commands, sync_by_msis_of_both_kinds_come_in_order)
{
	const uint32_t *word = guest_at(&guest.vmm.ram, PAGES);

	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, DOORBELL, 1);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, PAGES, 2);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_NONE, DOORBELL, 3);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, DOORBELL + 4, 4);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(le32toh(*word), 2);
	cr_expect_eq(guest.msis, 2);
	cr_expect_eq(guest.msi_data, 4);
	cr_expect_eq(guest.msi_address, DOORBELL + 4);
	cr_expect_eq(counters().syncs, 4);
	cr_expect_eq(counters().interrupts, 3);
}

/* A later error does not affect a complete CMD_SYNC. */
Test(vsmmuv3_commands, sync_is_signalled_before_an_error)
{
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, DOORBELL, 1);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, 0, 0);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_SEV, 0, 0);
	guest_put_words64(&guest, 0xee, 0);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_SEV, 0, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.msis, 1);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 1);
	cr_expect_eq(guest.wakes, 1);
	cr_expect_eq(guest.cons_then, ERR(1) | 3);
}

Test(vsmmuv3_commands, sync_by_wire_or_event_comes_once_for_a_run)
{
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, 0, 0);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, 0, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 1);
	cr_expect_eq(guest.cons_then, 2);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_SEV, DOORBELL, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.wakes, 1);
	cr_expect_eq(guest.cons_then, 3);
	cr_expect_eq(guest.msis, 0);
}

Test(vsmmuv3_commands, sync_by_what_is_not_shown_is_by_wire_or_not_at_all)
{
	static const struct iommuctl_vsmmuv3_ops wired = { .interrupt = take_edge };

	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .ops = &wired }), 0);
	guest_enable_cmdq(&guest);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, PAGES, 5);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_SEV, 0, 0);
	cr_expect_eq(guest_go(&guest), 0);
	fill_queue();
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 1);
	cr_expect_eq(*(uint32_t *)guest_at(&guest.vmm.ram, PAGES), htole32(MARK));
}

Test(vsmmuv3_commands, gerror_has_an_msi_of_its_own)
{
	wr64(&guest, GERROR_CFG0, DOORBELL);
	wr(&guest, GERROR_CFG1, 9);
	wr(&guest, IRQ_CTRL, 1);
	guest_put_words64(&guest, 0xee, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(guest.msis, 1);
	cr_expect_eq(guest.msi_data, 9);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 0);
}

Test(vsmmuv3_commands, gerror_by_an_msi_to_memory_and_not_while_disabled)
{
	const uint32_t *word = guest_at(&guest.vmm.ram, PAGES);

	wr64(&guest, GERROR_CFG0, PAGES);
	wr(&guest, GERROR_CFG1, 9);
	guest_put_words64(&guest, 0xee, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(le32toh(*word), MARK);
	/* What happened before it was enabled is not reported. */
	wr(&guest, IRQ_CTRL, 1);
	cr_expect_eq(le32toh(*word), MARK);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(le32toh(*word), 9);
	cr_expect_eq(guest.msis, 0);
}

Test(vsmmuv3_commands, interrupts_may_be_eventfds)
{
	static const struct iommuctl_vsmmuv3_ops silent;
	const int fd = eventfd(0, EFD_NONBLOCK);
	const int fds[] = { -1, fd, -1 };
	uint64_t edges = 0;

	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(guest_make_smmu(&guest,
			     (struct iommuctl_vsmmuv3_config){ .ops = &silent, .irq_fds = fds }),
		0);
	guest_enable_cmdq(&guest);
	wr(&guest, IRQ_CTRL, 5);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_IRQ, 0, 0);
	guest_put_words64(&guest, 0xee, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(read(fd, &edges, sizeof(edges)), (ssize_t)sizeof(edges));
	cr_expect_eq(edges, 1);
	close(fd);
}

Test(vsmmuv3_commands, configure_a_device)
{
	cr_assert_eq(iommuctl_nest_add_device(iommuctl_vsmmuv3_get_nest(guest.smmu),
			     guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK, "bypass, as GBPA says");
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	vmm_put_ste(&guest.vmm, VSID, STE_ABORT);
	wr(&guest, CR0, CMDQEN | SMMUEN);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), -EIO);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	guest_put(&guest, (struct iommuctl_smmuv3_cmd){
				  .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID });
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_NONE, 0, 0);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}
