// SPDX-License-Identifier: MIT
/* A device that the VMM emulates and one that is passed through, behind one SMMU of a guest. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <iommuctl/vsmmuv3_translate.h>

#include "stage1/guest_memory.h"
#include "vsmmuv3_running.h"

#define SID    VSID_2 /* of the emulated one */
#define R      IOMMUCTL_STAGE1_READ
#define W      IOMMUCTL_STAGE1_WRITE
#define X      IOMMUCTL_STAGE1_EXEC
#define NO_STE UINT32_C(0x100) /* beyond the stream table */

#define IDR3_HAD UINT32_C(4)

static struct guest_smmu guest;
static struct iommuctl_vsmmuv3_translation translation;
static _Thread_local size_t looks;

int __real_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);
int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);
int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value)
{
	looks++;
	return __real_guest_memory_load64(memory, ipa, value);
}

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .event_depth = 16 });
	guest_add(&guest);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	vmm_put_ste(&guest.vmm, SID, STE_S1);
	guest_enable(&guest);
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_emulated, .init = set_up, .fini = tear_down);

static int ask(uint32_t sid, uint64_t iova, unsigned int permissions)
{
	return iommuctl_vsmmuv3_translate(guest.smmu,
		&(struct iommuctl_vsmmuv3_access){
			.sid = sid, .iova = iova, .permissions = permissions },
		&translation);
}

static int ask_with(uint32_t ssid)
{
	return iommuctl_vsmmuv3_translate(guest.smmu,
		&(struct iommuctl_vsmmuv3_access){ .sid = SID,
			.iova = IOVA,
			.ssid = ssid,
			.has_ssid = true,
			.permissions = R },
		&translation);
}

/* What the emulated device reads, or -EIO: as dma() of the passed-through one. */
static int64_t read_emulated(uint64_t iova)
{
	if (ask(SID, iova, R))
		return -EIO;
	return le32toh(*(const uint32_t *)guest_at(&guest.vmm.ram, translation.ipa));
}

/* Both see the same. */
static void expect_both(uint64_t iova, int64_t mark)
{
	cr_expect_eq(dma(&guest.vmm, 0, iova), mark, "0x%llx: %lld", (unsigned long long)iova,
		(long long)dma(&guest.vmm, 0, iova));
	cr_expect_eq(read_emulated(iova), mark, "0x%llx: %lld", (unsigned long long)iova,
		(long long)read_emulated(iova));
}

static void put_both(uint64_t ste)
{
	vmm_put_ste(&guest.vmm, VSID, ste);
	vmm_put_ste(&guest.vmm, SID, ste);
}

/* For a guest that invalidates everything. */
static void set_both(uint64_t ste)
{
	put_both(ste);
	guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
				    .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
}

static struct iommuctl_vsmmuv3_translation_counters counters(void)
{
	struct iommuctl_vsmmuv3_translation_counters now;

	iommuctl_vsmmuv3_get_translation_counters(guest.smmu, &now);
	return now;
}

Test(vsmmuv3_emulated, both_have_the_same_tables)
{
	expect_both(IOVA, MARK);
	cr_expect_eq(ask(SID, IOVA + 0x123, R | W), 0);
	cr_expect_eq(translation.ipa, PAGES + 0x123);
	cr_expect_eq(translation.size, PAGE - 0x123);
	cr_expect_eq(translation.permissions, R | W);
	set_both(STE_OTHER);
	expect_both(IOVA, MARK_2);
	set_both(STE_BYPASS);
	expect_both(PAGES, MARK);
	set_both(STE_ABORT);
	expect_both(IOVA, -EIO);
	expect_both(PAGES, -EIO);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0, "an STE that aborts has no event");
}

Test(vsmmuv3_emulated, both_have_gbpa_while_the_smmu_is_disabled)
{
	expect_both(IOVA, MARK);
	wr(&guest, CR0, 0);
	expect_both(PAGES, MARK);
	wr(&guest, GBPA, UPDATE | ABORT);
	expect_both(PAGES, -EIO);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	put_both(STE_OTHER);
	wr(&guest, CR0, ALL_ENABLED);
	expect_both(IOVA, MARK_2);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	expect_both(PAGES, MARK);
}

/* The kernel has no memory for the stream table. */
Test(vsmmuv3_emulated, gbpa_counts_until_the_smmu_is_enabled_for_all)
{
	wr(&guest, CR0, CMDQEN | EVENTQEN);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, CR0, ALL_ENABLED), -ENOMEM);
	cr_expect_eq(read_emulated(PAGES), MARK);
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	expect_both(IOVA, MARK);
}

/* One of the physical SMMU, and one that is made here. */
Test(vsmmuv3_emulated, both_have_the_same_events)
{
	struct iommuctl_smmuv3_event passed, emulated;
	uint64_t words[2][IOMMUCTL_SMMUV3_EVENT_WORDS];

	cr_expect_eq(dma(&guest.vmm, 0, NOWHERE + 4), -EIO);
	cr_expect_eq(iommuctl_vsmmuv3_deliver_events(guest.smmu), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);
	cr_expect_eq(ask(SID, NOWHERE + 4, R), -EFAULT);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1, "none was read yet");
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 2);
	passed = guest_event_at(&guest, 0);
	emulated = guest_event_at(&guest, 1);
	cr_expect_eq(passed.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(passed.streamid, VSID);
	cr_expect_eq(emulated.streamid, SID);
	emulated.streamid = VSID;
	cr_expect_eq(iommuctl_smmuv3_event_encode(&passed, words[0], NULL), 0);
	cr_expect_eq(iommuctl_smmuv3_event_encode(&emulated, words[1], NULL), 0);
	cr_expect_arr_eq(words[0], words[1], sizeof(words[0]));
}

Test(vsmmuv3_emulated, streams_beyond_the_table_have_an_event_if_the_guest_wants_it)
{
	cr_expect_eq(ask(NO_STE, IOVA, R), -EFAULT);
	cr_expect_eq(ask(UINT32_MAX, IOVA, R), -EFAULT);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 2);
	cr_expect_eq(guest_event_at(&guest, 0).type, IOMMUCTL_SMMUV3_C_BAD_STREAMID);
	cr_expect_eq(guest_event_at(&guest, 0).streamid, NO_STE);
	cr_expect_eq(guest_event_at(&guest, 1).streamid, UINT32_MAX);
	wr(&guest, CR0, 0);
	wr(&guest, CR2, 0);
	wr(&guest, CR0, ALL_ENABLED);
	cr_expect_eq(ask(NO_STE, IOVA, R), -EFAULT);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 2);
}

Test(vsmmuv3_emulated, an_event_queue_that_is_full_overflows)
{
	for (unsigned int i = 0; i < EVENTQ_ENTRIES + 1; i++)
		cr_expect_eq(ask(SID, NOWHERE, R), -EFAULT);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | EVENTQ_ENTRIES);
}

Test(vsmmuv3_emulated, a_device_need_not_learn_of_its_fault)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);
	struct iommuctl_smmuv3_cd cd = make_cd(&guest.vmm.stage1);

	identity.idr[0] &= ~(UINT32_C(1) << 26); /* TERM_MODEL */
	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	guest_enable(&guest);
	cd.a = 0;
	guest_put_cd(&guest.vmm.ram, CDS, &cd);
	cr_expect_eq(ask(SID, NOWHERE, W), -ENODATA);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 1);
}

Test(vsmmuv3_emulated, what_is_no_access_is_refused)
{
	const struct iommuctl_vsmmuv3_access access = { .permissions = R };

	cr_expect_eq(iommuctl_vsmmuv3_translate(guest.smmu, NULL, &translation), -EINVAL);
	cr_expect_eq(iommuctl_vsmmuv3_translate(guest.smmu, &access, NULL), -EINVAL);
	cr_expect_eq(ask(SID, IOVA, 0), -EINVAL);
	cr_expect_eq(ask(SID, IOVA, IOMMUCTL_STAGE1_PRIVILEGED), -EINVAL);
	cr_expect_eq(ask(SID, IOVA, R | 1u << 4), -EINVAL);
	cr_expect_eq(ask(SID, IOVA, R), 0);
	cr_expect_eq(ask(SID, IOVA, R | 1u << 4), -EINVAL, "also where its translation is kept");
	cr_expect_eq(ask_with(UINT32_C(1) << 20), -EINVAL);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(ask_with((UINT32_C(1) << 20) - 1), -EFAULT);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 1, "there is such an SSID, and no CD for it");
}

Test(vsmmuv3_emulated, the_same_again_takes_no_walk)
{
	cr_assert_eq(ask(SID, IOVA, R), 0);
	looks = 0;
	cr_expect_eq(ask(SID, IOVA + 8, W), 0);
	cr_expect_eq(looks, 0);
	cr_expect_eq(translation.ipa, PAGES + 8);
	cr_expect_eq(counters().hits, 1);
	cr_expect_eq(counters().misses, 1);
	cr_expect_eq(ask(SID, IOVA, R | X), -EFAULT);
	cr_expect_gt(looks, 0);
	cr_expect_eq(counters().misses, 2);
	cr_expect_eq(guest_event_at(&guest, 0).type, IOMMUCTL_SMMUV3_F_PERMISSION);
}

/* Its 512 pages, by tables of its own. */
static void map_anew(uint64_t ipa)
{
	make_context(&guest.vmm, TABLES, CDS, ipa);
}

Test(vsmmuv3_emulated, tlbi_is_about_both)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL,
		IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA };
	int64_t mark = MARK, other = MARK_2;

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		struct iommuctl_smmuv3_cmd cmd = { .opcode = opcodes[i] };
		const int64_t before = mark;

		if (opcodes[i] == IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID ||
			opcodes[i] == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA)
			cmd.asid = asid_of(&guest.vmm.stage1);
		if (opcodes[i] == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA ||
			opcodes[i] == IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA)
			cmd.address = IOVA;
		expect_both(IOVA, mark);
		map_anew(mark == MARK ? PAGES + PAGE : PAGES);
		expect_both(IOVA, mark);
		guest_issue(&guest, cmd);
		mark = other;
		other = before;
		expect_both(IOVA, mark);
	}
}

Test(vsmmuv3_emulated, cfgi_is_about_the_stream_that_it_names)
{
	expect_both(IOVA, MARK);
	put_both(STE_OTHER);
	guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
				    .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID });
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK_2);
	cr_expect_eq(read_emulated(IOVA), MARK);
	guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
				    .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = SID });
	expect_both(IOVA, MARK_2);

	/* The CD leads elsewhere. */
	guest_put_context(&guest.vmm.ram, OTHER_CDS, &guest.vmm.stage1, 99);
	expect_both(IOVA, MARK_2);
	for (unsigned int i = 0; i < 2; i++)
		guest_issue(&guest,
			(struct iommuctl_smmuv3_cmd){ .opcode = i ? IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL
								  : IOMMUCTL_SMMUV3_CMD_CFGI_CD,
				.streamid = i ? VSID : SID });
	expect_both(IOVA, MARK);
}

/* The guest does not know which devices are emulated, and need not have any. */
Test(vsmmuv3_emulated, no_command_for_a_stream_without_a_passed_through_device_is_an_error)
{
	static const uint32_t sids[] = { SID, 0, NO_STE, UINT32_MAX };
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD, IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG, IOMMUCTL_SMMUV3_CMD_ATC_INV };
	struct iommuctl_vsmmuv3_identity identity;
	size_t count = ARRAY_SIZE(opcodes);

	iommuctl_vsmmuv3_get_identity(guest.smmu, &identity);
	if (!(identity.idr[0] & UINT32_C(1) << 10)) /* ATS */
		count--;
	for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
		for (size_t j = 0; j < count; j++)
			guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
						    .opcode = opcodes[j], .streamid = sids[i] });
	cr_expect_eq(rd(&guest, GERROR), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
}

#define MANY 256 /* translations */

static void use_budget(uint32_t budget)
{
	struct iommuctl_stage1 stage1;

	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .budget = budget }), 0);
	guest_enable(&guest);
	stage1 = guest_make_tables(&guest.vmm.ram, TABLES, 0x80000);
	guest_map(&stage1, IOVA, PAGES, MANY * PAGE);
	guest_put_context(&guest.vmm.ram, CDS, &stage1, 1);
}

static void ask_for_all(void)
{
	for (unsigned int i = 0; i < MANY; i++)
		cr_assert_eq(ask(SID, IOVA + i * PAGE, R), 0);
}

/* Commands for an ASID that nothing has, and two CMD_SYNCs. */
static int drop_nothing(unsigned int commands)
{
	for (unsigned int i = 0; i < commands; i++)
		guest_put(&guest, (struct iommuctl_smmuv3_cmd){
					  .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = 77 });
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_SYNC);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_SYNC);
	return guest_go(&guest);
}

/* A command that examines much leaves less of the budget to others. */
Test(vsmmuv3_emulated, looking_for_what_to_drop_is_charged)
{
	use_budget(300);
	for (unsigned int round = 0; round < 2; round++) {
		cr_expect_eq(drop_nothing(29), round ? -EAGAIN : 0);
		ask_for_all();
	}
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), guest.prod);
}

/* The kernel gets them all at once; in the cache, each would examine everything. */
Test(vsmmuv3_emulated, commands_that_would_look_at_more_than_the_budget_drop_all)
{
	static const struct {
		unsigned int commands;
		bool kept;
	} rounds[] = { { 2, true }, { 29, false } };

	use_budget(300);
	for (size_t i = 0; i < ARRAY_SIZE(rounds); i++) {
		uint64_t hits;

		ask_for_all();
		cr_expect_eq(drop_nothing(rounds[i].commands), rounds[i].kept ? 0 : -EAGAIN);
		hits = counters().hits;
		ask_for_all();
		cr_expect_eq(counters().hits - hits, rounds[i].kept ? MANY : 0, "row %zu", i);
	}
}

Test(vsmmuv3_emulated, how_much_is_kept_is_the_vmms_choice)
{
	struct iommuctl_vsmmuv3 *smmu = guest.smmu;

	cr_expect_eq(guest_make_smmu(&guest,
			     (struct iommuctl_vsmmuv3_config){
				     .translations = IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX + 1 }),
		-EINVAL);
	iommuctl_vsmmuv3_free(smmu);
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .translations = 1 }), 0);
	guest_enable(&guest);
	vmm_put_ste(&guest.vmm, 1, STE_OTHER);
	for (unsigned int i = 0; i < 4; i++)
		cr_expect_eq(ask(i % 2 ? 1 : SID, IOVA, R), 0);
	cr_expect_eq(counters().hits, 0);
	cr_expect_eq(ask(1, IOVA, R), 0);
	cr_expect_eq(counters().hits, 1);
}

/* The root table allows no write, and the CD has that ignored. */
Test(vsmmuv3_emulated, had_counts_if_the_guest_sees_it)
{
	static const uint32_t shown[] = { 0, IDR3_HAD };
	struct iommuctl_smmuv3_cd cd = make_cd(&guest.vmm.stage1);
	uint64_t *root = guest_at(&guest.vmm.ram, TABLES);

	root[0] |= htole64(UINT64_C(1) << 62);
	cd.had0 = 1;
	guest_put_cd(&guest.vmm.ram, CDS, &cd);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

		identity.idr[3] = (identity.idr[3] & ~IDR3_HAD) | shown[i];
		iommuctl_vsmmuv3_free(guest.smmu);
		cr_assert_eq(guest_make_smmu(&guest,
				     (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
			0);
		guest_enable(&guest);
		cr_expect_eq(ask(SID, IOVA, R), 0, "row %zu", i);
		cr_expect_eq(ask(SID, IOVA, W), shown[i] ? 0 : -EFAULT, "row %zu", i);
	}
}

/*
 * A vCPU remaps a page and invalidates it, and devices have their own threads: an access after a
 * CMD_SYNC uses the new page.
 */
static atomic_uint epoch; /* odd: the page is between two */
static atomic_bool done;
static atomic_uint wrong, agreed;

static uint64_t page_of(unsigned int even_epoch)
{
	return even_epoch / 2 % 2 ? PAGES + PAGE : PAGES;
}

static void *use(void *data)
{
	(void)data;
	while (!atomic_load(&done)) {
		const unsigned int before = atomic_load(&epoch);
		struct iommuctl_vsmmuv3_translation found;
		const int err = iommuctl_vsmmuv3_translate(guest.smmu,
			&(struct iommuctl_vsmmuv3_access){
				.sid = SID, .iova = IOVA, .permissions = R },
			&found);

		if (before % 2 || before != atomic_load(&epoch))
			continue;
		if (err || found.ipa != page_of(before))
			atomic_fetch_add(&wrong, 1);
		atomic_fetch_add(&agreed, 1);
	}
	return NULL;
}

static void *fault_all_the_time(void *data)
{
	(void)data;
	while (!atomic_load(&done)) {
		struct iommuctl_vsmmuv3_translation found;

		(void)iommuctl_vsmmuv3_translate(guest.smmu,
			&(struct iommuctl_vsmmuv3_access){
				.sid = SID, .iova = NOWHERE, .permissions = R },
			&found);
		(void)iommuctl_vsmmuv3_deliver_events(guest.smmu);
		sched_yield(); /* whoever waits for the lock gets it */
	}
	return NULL;
}

static uint64_t *find_descriptor(void)
{
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(iommuctl_stage1_walk(
			     &guest.vmm.ram.memory, &guest.vmm.stage1.regime, IOVA, 0, &walk),
		0);
	return guest_at(&guest.vmm.ram, walk.steps[walk.step_count - 1].descriptor_ipa);
}

Test(vsmmuv3_emulated, threads_see_what_was_before_or_after_a_command)
{
	uint64_t *descriptor = find_descriptor();
	const uint64_t there = __atomic_load_n(descriptor, __ATOMIC_RELAXED);
	pthread_t threads[3];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		cr_assert_eq(
			pthread_create(&threads[i], NULL, i ? use : fault_all_the_time, NULL), 0);
	for (unsigned int i = 0; i < 300 || atomic_load(&agreed) < 20; i++) {
		atomic_fetch_add(&epoch, 1);
		__atomic_store_n(descriptor, there ^ (i % 2 ? 0 : htole64(PAGE)), __ATOMIC_RELEASE);
		guest_issue(&guest,
			(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
				.asid = asid_of(&guest.vmm.stage1),
				.address = IOVA });
		if (i % 16 == 15) {
			wr(&guest, CR0, CMDQEN | EVENTQEN);
			wr(&guest, CR0, ALL_ENABLED);
		}
		atomic_fetch_add(&epoch, 1);
	}
	atomic_store(&done, true);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(wrong, 0, "%u of %u", wrong, agreed);
}
