// SPDX-License-Identifier: MIT
/* A guest that finds another SMMU in place of its own in the middle of its work. */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iommuctl/vsmmuv3_translate.h>

#include "vsmmuv3/vsmmuv3_private.h"
#include "vsmmuv3_record.h"

#define PAGE_REGISTERS 0x200 /* bytes at the start of each page, with all that there are */
#define PAGE_1	       0x10000
#define DOORBELL       UINT64_C(0x8020040)
#define ATS	       (UINT32_C(1) << 10)
#define ERR(n)	       ((uint32_t)(n) << 24)
#define STE_BROKEN     (STE_VALID | UINT64_C(6) << 1) /* stage 2, which is missing */

static struct guest_smmu guest;
static struct iommuctl_vsmmuv3_config config;
static struct record record;

static void set_up(void)
{
	config = (struct iommuctl_vsmmuv3_config){ .event_depth = 16 };
	guest_open(&guest, config);
	guest_add(&guest);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	vmm_put_ste(&guest.vmm, VSID_2, STE_S1);
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_state, .init = set_up, .fini = tear_down);

struct registers {
	uint32_t words[2][PAGE_REGISTERS / 4];
};

static void read_all(struct registers *registers)
{
	for (uint32_t i = 0; i < PAGE_REGISTERS / 4; i++) {
		registers->words[0][i] = rd(&guest, i * UINT64_C(4));
		registers->words[1][i] = rd(&guest, PAGE_1 + i * UINT64_C(4));
	}
}

static void new_smmu(void)
{
	iommuctl_vsmmuv3_free(guest.smmu);
	memset(guest.edges, 0, sizeof(guest.edges));
	guest.msis = guest.wakes = 0;
	cr_assert_eq(guest_make_smmu(&guest, config), 0);
}

/* The result of iommuctl_vsmmuv3_restore(). The device is added before or after it. */
static int move_over(bool add_first)
{
	int err;

	guest_save(&guest, &record);
	new_smmu();
	if (add_first)
		guest_add(&guest);
	err = guest_restore(&guest, &record);
	if (!add_first)
		guest_add(&guest);
	return err;
}

/* Both ways, one after the other: the guest reads what it read before. */
static void expect_all_the_same(void)
{
	struct registers before, after;

	read_all(&before);
	for (int add_first = 0; add_first < 2; add_first++) {
		cr_assert_eq(move_over(add_first), 0);
		read_all(&after);
		cr_expect_eq(
			memcmp(&before, &after, sizeof(before)), 0, "add first: %d", add_first);
	}
}

static int64_t read_emulated(uint64_t iova)
{
	struct iommuctl_vsmmuv3_translation translation;

	if (iommuctl_vsmmuv3_translate(guest.smmu,
		    &(struct iommuctl_vsmmuv3_access){
			    .sid = VSID_2, .iova = iova, .permissions = IOMMUCTL_STAGE1_READ },
		    &translation))
		return -EIO;
	return le32toh(*(const uint32_t *)guest_at(&guest.vmm.ram, translation.ipa));
}

static void expect_both(uint64_t iova, int64_t mark)
{
	cr_expect_eq(dma(&guest.vmm, 0, iova), mark);
	cr_expect_eq(read_emulated(iova), mark);
}

Test(vsmmuv3_state, an_untouched_smmu_is_saved_and_restored)
{
	expect_all_the_same();
	expect_both(PAGES, MARK);
}

Test(vsmmuv3_state, an_smmu_that_is_set_up_and_not_enabled_is_saved_and_restored)
{
	guest_enable(&guest);
	wr(&guest, CR0, 0);
	wr64(&guest, GERROR_CFG0, DOORBELL);
	wr(&guest, GERROR_CFG1, 0x1234);
	wr64(&guest, EVENTQ_CFG0, PAGES + 8);
	wr(&guest, EVENTQ_CFG1, 0x5678);
	wr(&guest, CMDQ_CONS, ERR(3) | 5);
	wr(&guest, CMDQ_PROD, 7);
	wr(&guest, GBPA, UPDATE | ABORT | 0x1f);
	expect_all_the_same();
	expect_both(PAGES, -EIO);
	wr(&guest, CR0, SMMUEN);
	expect_both(IOVA, MARK);
}

Test(vsmmuv3_state, a_running_smmu_is_saved_and_restored)
{
	guest_enable(&guest);
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	expect_all_the_same();
	expect_both(IOVA, MARK);

	vmm_put_ste(&guest.vmm, VSID, STE_OTHER);
	vmm_put_ste(&guest.vmm, VSID_2, STE_OTHER);
	guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
				    .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
	expect_both(IOVA, MARK_2);
	expect_both(NOWHERE, -EIO);
	cr_expect_eq(iommuctl_vsmmuv3_deliver_events(guest.smmu), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 2);
	wr(&guest, CR0, 0);
	expect_both(PAGES, MARK);
}

Test(vsmmuv3_state, commands_that_a_budget_left_are_carried_out)
{
	config.budget = 1;
	for (int add_first = 0; add_first < 2; add_first++) {
		uint32_t left;
		unsigned int runs = 0;

		new_smmu();
		guest_enable(&guest);
		for (unsigned int i = 0; i < 12; i++)
			guest_put(&guest,
				(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
					.cs = IOMMUCTL_SMMUV3_SYNC_CS_IRQ });
		cr_assert_eq(guest_go(&guest), -EAGAIN);
		left = rd(&guest, CMDQ_CONS);
		cr_expect_eq(move_over(add_first), -EAGAIN);
		cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
		cr_expect_gt(rd(&guest, CMDQ_CONS), left);
		while (iommuctl_vsmmuv3_process(guest.smmu) == -EAGAIN)
			runs++;
		cr_expect_gt(runs, 1);
		cr_expect_eq(rd(&guest, CMDQ_CONS), 12);
		cr_expect_gt(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 0);
	}
}

Test(vsmmuv3_state, a_queue_that_has_stopped_stays_so_until_the_guest_acknowledges)
{
	guest_enable(&guest);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	guest_put_words64(&guest, 0xee, 0);
	cr_assert_eq(guest_go(&guest), 0);
	cr_assert_eq(rd(&guest, CMDQ_CONS), ERR(1) | 1);
	expect_all_the_same();
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 1, "again, as it may be lost");
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(1) | 1);
	guest_put_words(&guest.vmm.ram, QUEUE + 16,
		(uint64_t[]){ IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, 0 }, 2);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 2);
}

Test(vsmmuv3_state, an_event_queue_that_has_overflown_goes_on_where_the_guest_reads)
{
	guest_enable(&guest);
	for (unsigned int i = 0; i < EVENTQ_ENTRIES + 2; i++)
		cr_expect_eq(read_emulated(NOWHERE), -EIO);
	cr_assert_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | EVENTQ_ENTRIES);
	expect_all_the_same();
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1, "again, as it may be lost");
	wr(&guest, EVENTQ_CONS, OVERFLOWN | 2);
	expect_both(NOWHERE + PAGE, -EIO);
	cr_expect_eq(iommuctl_vsmmuv3_deliver_events(guest.smmu), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | (EVENTQ_ENTRIES + 2));
	cr_expect_eq(guest_event_at(&guest, 0).inputaddr, NOWHERE + PAGE);
}

Test(vsmmuv3_state, an_event_queue_without_memory_stays_so)
{
	wr64(&guest, EVENTQ_BASE, NOWHERE | EVENTQ_LOG2);
	guest_enable(&guest);
	wr(&guest, CR0, SMMUEN | CMDQEN);
	wr64(&guest, EVENTQ_BASE, NOWHERE | EVENTQ_LOG2);
	wr(&guest, CR0, ALL_ENABLED);
	cr_expect_eq(read_emulated(NOWHERE), -EIO);
	cr_assert_eq(rd(&guest, GERROR), EVENTQ_ABT_ERR);
	expect_all_the_same();
}

/* They have not reached the guest when it is saved. */
Test(vsmmuv3_state, events_that_wait_in_the_kernel_are_not_lost)
{
	guest_enable(&guest);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(dma(&guest.vmm, 0, NOWHERE + i * PAGE), -EIO);
	cr_assert_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_assert_eq(move_over(true), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 3);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(guest_event_at(&guest, i).inputaddr, NOWHERE + i * PAGE);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);
}

Test(vsmmuv3_state, what_is_wrong_with_an_ste_is_reported_once)
{
	vmm_put_ste(&guest.vmm, VSID, STE_BROKEN);
	guest_enable(&guest);
	cr_assert_eq(rd(&guest, EVENTQ_PROD), 1);
	cr_assert_eq(guest_event_at(&guest, 0).type, IOMMUCTL_SMMUV3_C_BAD_STE);
	expect_all_the_same();
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 1);
	wr(&guest, CR0, ALL_ENABLED & ~SMMUEN);
	wr(&guest, CR0, ALL_ENABLED);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 2);
}

/* The kernel has no memory for it; on the new machine it has. */
Test(vsmmuv3_state, an_update_that_goes_on_is_done_by_the_new_one)
{
	for (int add_first = 0; add_first < 2; add_first++) {
		new_smmu();
		guest_add(&guest);
		guest_enable(&guest);
		wr(&guest, CR0, ALL_ENABLED & ~SMMUEN);
		script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
		cr_assert_eq(try_wr(&guest, CR0, ALL_ENABLED), -ENOMEM);
		cr_assert_eq(try_wr(&guest, GBPA, UPDATE | ABORT), -ENOMEM);
		script_fail_none(guest.vmm.script);
		cr_assert_eq(rd(&guest, CR0ACK), ALL_ENABLED & ~SMMUEN);
		cr_assert_eq(move_over(add_first), 0);
		cr_expect_eq(rd(&guest, CR0), ALL_ENABLED);
		cr_expect_eq(rd(&guest, CR0ACK), ALL_ENABLED);
		cr_expect_eq(rd(&guest, GBPA), ABORT);
		expect_both(IOVA, MARK);
		wr(&guest, CR0, 0);
		expect_both(PAGES, -EIO);
	}
}

Test(vsmmuv3_state, what_was_not_signalled_yet_is)
{
	guest_enable(&guest);
	guest.smmu->raised = 1u << IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC;
	guest.smmu->wakes = guest.smmu->has_msi = true;
	guest.smmu->msi = (struct vsmmuv3_msi){ DOORBELL, 77 };
	guest_save(&guest, &record);
	/* The old one has reported the same. */
	cr_expect_eq(guest.msis, 1);
	record_put32(&record, RECORD_PENDING, 1u << IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC);
	record_put32(&record, RECORD_PENDING + 4, 3);
	record_put32(&record, RECORD_PENDING + 8, (uint32_t)DOORBELL);
	record_put32(&record, RECORD_PENDING + 16, 77);
	new_smmu();
	cr_assert_eq(guest_restore(&guest, &record), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], 1);
	cr_expect_eq(guest.wakes, 1);
	cr_expect_eq(guest.msis, 1);
	cr_expect_eq(guest.msi_address, DOORBELL);
	cr_expect_eq(guest.msi_data, 77);
}

Test(vsmmuv3_state, an_atc_inv_that_timed_out_stops_the_next_sync)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	identity.idr[0] |= ATS;
	config.identity = &identity;
	new_smmu();
	guest_enable(&guest);
	guest.smmu->cmdq.atc_timeout = true;
	cr_assert_eq(move_over(false), 0);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), ERR(IOMMUCTL_CERROR_ATC_INV_SYNC));
}

/* EAGAIN would mean that it continues. */
Test(vsmmuv3_state, a_failure_of_the_kernel_leaves_an_smmu_as_after_a_reset)
{
	static const struct {
		int kernel;
		int told;
	} errors[] = { { ENOMEM, ENOMEM }, { EAGAIN, EINTR } };
	struct registers fresh, after;

	guest_enable(&guest);
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	guest_save(&guest, &record);
	new_smmu();
	read_all(&fresh);
	guest_add(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		script_fail(guest.vmm.script, 0, 1, 1, errors[i].kernel);
		cr_expect_eq(guest_restore(&guest, &record), -errors[i].told);
		cr_assert_not_null(iommuctl_last_error(guest.vmm.ctx));
		cr_expect_eq(iommuctl_last_error(guest.vmm.ctx)->code, errors[i].told);
		script_fail_none(guest.vmm.script);
		read_all(&after);
		cr_expect_eq(memcmp(&fresh, &after, sizeof(fresh)), 0);
		expect_both(PAGES, MARK);
	}
	cr_expect_eq(guest_restore(&guest, &record), 0);
	expect_both(IOVA, MARK);
}

Test(vsmmuv3_state, is_not_for_an_smmu_that_a_guest_uses)
{
	guest_enable(&guest);
	guest_save(&guest, &record);
	cr_expect_eq(guest_restore(&guest, &record), -EBUSY);
	expect_both(IOVA, MARK);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_expect_eq(guest_restore(&guest, &record), 0);
	expect_both(IOVA, MARK);
}

/* Guest memory shared by two processes, each with its own machine. */
static void open_in(int memory)
{
	uint64_t ipa = RAM;

	guest = (struct guest_smmu){ .prod = 0 };
	vmm_open_model(&guest.vmm, NULL);
	guest.vmm.ram.range = (struct iommuctl_guest_range){ RAM, RAM_SIZE,
		mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0) };
	guest.vmm.ram.memory = (struct iommuctl_guest_memory){ &guest.vmm.ram.range, 1 };
	cr_assert_neq(guest.vmm.ram.range.host, MAP_FAILED);
	cr_assert_eq(iommuctl_ioas_alloc(guest.vmm.ctx, guest.vmm.iommufd, &guest.vmm.ioas), 0);
	cr_assert_eq(
		iommuctl_ioas_map(guest.vmm.ctx, guest.vmm.iommufd,
			&(struct iommuctl_ioas_map_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
					 IOMMUCTL_IOAS_MAP_WRITEABLE,
				.ioas_id = guest.vmm.ioas,
				.host = guest.vmm.ram.range.host,
				.length = RAM_SIZE },
			&ipa),
		0);
	cr_assert_eq(guest_make_smmu(&guest, config), 0);
	guest_add(&guest);
}

static void close_machine(void)
{
	void *host = guest.vmm.ram.range.host;

	guest.vmm.ram.range.host = NULL;
	guest_close(&guest);
	munmap(host, RAM_SIZE);
}

/* The process that continues. It returns its exit status: 0, or the number of a wrong result. */
static int go_on(int memory, int from)
{
	open_in(memory);
	record.length = RECORD_END;
	if (read(from, record.bytes, record.length) != (ssize_t)record.length)
		return 1;
	if (guest_restore(&guest, &record))
		return 2;
	if (dma(&guest.vmm, 0, IOVA) != MARK)
		return 3;
	guest.prod = rd(&guest, CMDQ_PROD);
	make_context(&guest.vmm, TABLES, CDS, PAGES + PAGE);
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	if (dma(&guest.vmm, 0, IOVA) != MARK_2)
		return 4;
	if (dma(&guest.vmm, 0, NOWHERE) != -EIO || iommuctl_vsmmuv3_deliver_events(guest.smmu) ||
		rd(&guest, EVENTQ_PROD) != 2)
		return 5;
	close_machine();
	return 0;
}

Test(vsmmuv3_state_process, a_guest_goes_on_in_another)
{
	const int memory = memfd_create("guest", MFD_CLOEXEC);
	int ends[2], status;
	pid_t child;

	cr_assert_geq(memory, 0);
	cr_assert_eq(ftruncate(memory, RAM_SIZE), 0);
	cr_assert_eq(pipe(ends), 0);
	child = fork();
	cr_assert_geq(child, 0);
	if (!child) {
		/* Then it does not wait for a record that never comes. */
		close(ends[1]);
		_exit(go_on(memory, ends[0]));
	}

	open_in(memory);
	*(uint32_t *)guest_at(&guest.vmm.ram, PAGES) = htole32(MARK);
	*(uint32_t *)guest_at(&guest.vmm.ram, PAGES + PAGE) = htole32(MARK_2);
	make_context(&guest.vmm, TABLES, CDS, PAGES);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	guest_enable(&guest);
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&guest.vmm, 0, NOWHERE), -EIO);
	guest_save(&guest, &record);
	close_machine();
	cr_assert_eq(write(ends[1], record.bytes, record.length), (ssize_t)record.length);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "0x%x", status);
	close(memory);
	close(ends[0]);
	close(ends[1]);
}
