// SPDX-License-Identifier: MIT
/* A guest's commands by its registers: when they run, how they stop, and how they are answered. */
#include <sys/eventfd.h>
#include <unistd.h>

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
	guest_put(&guest, (struct iommuctl_smmuv3_cmd){
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
	/* 38 with its wrap bit; the bits above are none of this queue's. */
	wr(&guest, CMDQ_CONS, ERR(1) | 0x80 | 38);
	wr(&guest, CMDQ_PROD, 0x80 | guest.prod);
	wr(&guest, CR0, CMDQEN);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 40);
	wr(&guest, CR0, 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 40);
	guest_enable_cmdq(&guest);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
}

Test(vsmmuv3_commands, queue_is_cut_to_what_is_shown)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[1] = (identity.idr[1] & ~(31u << 21));
	cr_assert_eq(guest_make_smmu(
			     &guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
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

	/* Neither another write, nor to disable and enable it, nor what is no acknowledgement. */
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

Test(vsmmuv3_commands, that_the_kernel_fails_go_on_later)
{
	guest_put_opcode(&guest, TLBI);
	put_sync(IOMMUCTL_SMMUV3_SYNC_CS_NONE, 0, 0);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(guest_go(&guest), -ENOMEM);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
	cr_expect_eq(rd(&guest, GERROR), 0);
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 2);
}

/* Linux has the word written over the command itself; what comes behind is not touched. */
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
