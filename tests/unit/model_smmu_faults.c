// SPDX-License-Identifier: MIT
/* What the model's SMMU refuses, and the resulting events. All of it was seen in the rig. */
#include "model_smmu_fixture.h"

static struct guest *guest;

static void set_up(void)
{
	guest = guest_open(&qemu_like);
}

static void tear_down(void)
{
	guest_close(guest);
}

TestSuite(model_smmu_faults, .init = set_up, .fini = tear_down);

static int read4(uint64_t iova)
{
	uint32_t value;

	return guest_read(guest, iova, &value, sizeof(value));
}

static int write4(uint64_t iova)
{
	return guest_write(guest, iova, "abcd", 4);
}

static uint64_t *leaf_of(uint64_t iova)
{
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(
		iommuctl_stage1_walk(&guest->ram.memory, &guest->stage1.regime, iova, 0, &walk), 0);
	return guest_at(&guest->ram, walk.steps[walk.step_count - 1].descriptor_ipa);
}

Test(model_smmu_faults, a_translation_fault_says_who_what_and_where)
{
	struct iommuctl_smmuv3_event event;

	cr_assert_eq(write4(0x8004), -EIO);
	event = guest_take_event(guest);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.streamid, STREAM);
	cr_expect_eq(event.inputaddr, 0x8004);
	cr_expect_eq(event.rnw, 0);
	cr_expect_eq(event.event_class, IOMMUCTL_SMMUV3_EVENT_CLASS_IN);
	cr_expect_eq(event.ssv, 0);
	cr_expect_eq(event.s2, 0);
	cr_expect_eq(event.pnu, 0);

	read4(0x8004);
	cr_expect_eq(guest_take_event(guest).rnw, 1);
}

Test(model_smmu_faults, a_long_access_makes_an_event_for_each_aligned_word)
{
	static const struct {
		uint64_t iova;
		size_t size;
		size_t count;
		uint64_t at[8];
	} cases[] = {
		{ 0x8000, 16, 4, { 0x8000, 0x8004, 0x8008, 0x800c } },
		{ 0x8001, 16, 6, { 0x8001, 0x8002, 0x8004, 0x8008, 0x800c, 0x8010 } },
		{ 0x8006, 16, 5, { 0x8006, 0x8008, 0x800c, 0x8010, 0x8014 } },
		{ 0x8000, 3, 2, { 0x8000, 0x8002 } },
		{ IOVA + 2 * PAGE - 8, 16, 2, { IOVA + 2 * PAGE, IOVA + 2 * PAGE + 4 } },
	};
	unsigned char buffer[16];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		guest->event_count = 0;
		cr_expect_eq(guest_read(guest, cases[i].iova, buffer, cases[i].size), -EIO);
		cr_assert_eq(guest->event_count, cases[i].count, "case %zu", i);
		for (size_t j = 0; j < cases[i].count; j++)
			cr_expect_eq(guest->events[j].inputaddr, cases[i].at[j], "case %zu", i);
	}
}

Test(model_smmu_faults, only_the_refused_part_reads_as_zeroes)
{
	unsigned char buffer[16];

	memset(guest_at(&guest->ram, PAGES + PAGE), 0xaa, PAGE);
	memset(buffer, 0x55, sizeof(buffer));
	guest_read(guest, IOVA + 2 * PAGE - 8, buffer, sizeof(buffer));
	for (size_t i = 0; i < sizeof(buffer); i++)
		cr_expect_eq(buffer[i], i < 8 ? 0xaa : 0);
}

Test(model_smmu_faults, a_read_only_page_takes_no_writes_from_walk_or_tlb)
{
	*leaf_of(IOVA) |= htole64(UINT64_C(1) << 7);

	cr_assert_eq(write4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_PERMISSION);
	cr_assert_eq(read4(IOVA), 0);
	cr_assert_eq(write4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_PERMISSION);
	cr_expect_neq(memcmp(guest_at(&guest->ram, PAGES), "abcd", 4), 0);
}

Test(model_smmu_faults, a_clear_access_flag_is_a_fault_unless_affd)
{
	*leaf_of(IOVA) &= ~htole64(UINT64_C(1) << 10);
	cr_assert_eq(read4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_ACCESS);

	guest->cd.affd = 1;
	guest_change_cd(guest);
	cr_assert_eq(read4(IOVA), 0);
}

Test(model_smmu_faults, an_output_beyond_ips_is_an_address_size_fault)
{
	guest->cd.ips = IOMMUCTL_SMMUV3_IPS_32;
	guest_change_cd(guest);
	guest_remap(guest, IOVA, UINT64_C(1) << 33);
	cr_assert_eq(read4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_ADDR_SIZE);
}

Test(model_smmu_faults, ips_is_capped_to_the_oas)
{
	guest->cd.ips = IOMMUCTL_SMMUV3_IPS_48;
	guest_change_cd(guest);
	*leaf_of(IOVA) |= htole64(UINT64_C(1) << 44);
	cr_assert_eq(read4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_ADDR_SIZE);
}

Test(model_smmu_faults, without_record_there_is_no_event)
{
	guest->cd.r = 0;
	guest_change_cd(guest);
	cr_assert_eq(read4(0x8000), -EIO);
	cr_expect_eq(guest->event_count, 0);
}

Test(model_smmu_faults, a_disabled_half_is_a_translation_fault)
{
	guest->cd.epd0 = 1;
	guest_change_cd(guest);
	cr_assert_eq(read4(IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_assert_eq(read4(UINT64_MAX - 15), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_TRANSLATION);
}

Test(model_smmu_faults, the_upper_half_is_walked_by_ttb1)
{
	const uint64_t top = ~((UINT64_C(1) << 39) - 1);

	guest->cd.epd1 = 0;
	guest->cd.ttb1 = guest->cd.ttb0;
	guest->cd.t1sz = guest->cd.t0sz;
	guest->cd.tg1 = IOMMUCTL_SMMUV3_TG1_4K;
	guest_change_cd(guest);
	guest_mark(guest, PAGES, 9);
	cr_expect_eq(guest_read_mark(guest, top | IOVA), 9);
}

Test(model_smmu_faults, an_illegal_cd_is_bad)
{
	static const struct iommuctl_smmuv3_cd changes[] = {
		{ .s = 1 },
		{ .ha = 1 },
		{ .hd = 1 },
		{ .endi = 1 },
		{ .tg0 = 3 },
		{ .t0sz = 63 },
		{ .ttb0 = UINT64_C(1) << 45 },
	};
	const struct iommuctl_smmuv3_cd good = guest->cd;

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct iommuctl_smmuv3_event event;

		guest->cd = good;
		guest->cd.s |= changes[i].s;
		guest->cd.ha |= changes[i].ha;
		guest->cd.hd |= changes[i].hd;
		guest->cd.endi |= changes[i].endi;
		guest->cd.tg0 |= changes[i].tg0;
		guest->cd.t0sz |= changes[i].t0sz;
		guest->cd.ttb0 |= changes[i].ttb0;
		guest_change_cd(guest);
		cr_expect_eq(read4(IOVA), -EIO, "change %zu", i);
		event = guest_take_event(guest);
		cr_expect_eq(event.type, IOMMUCTL_SMMUV3_C_BAD_CD, "change %zu", i);
		cr_expect_eq(event.ssv, 0);
	}
}

Test(model_smmu_faults, an_illegal_ste_is_bad)
{
	static const struct iommuctl_smmuv3_ste illegal[] = {
		{ .v = 1, .config = 5, .s1contextptr = CD_TABLE, .s1cdmax = 5 },
		{ .v = 1, .config = 5, .s1contextptr = CD_TABLE, .s1stalld = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(illegal); i++) {
		guest_set_ste(guest, &illegal[i]);
		cr_expect_eq(read4(IOVA), -EIO);
		cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_C_BAD_STE);
	}
}

/* An event of stage 2 about NOWHERE: the kernel does not hand those to the guest. */
static void expect_stage2(uint64_t iova, uint8_t event_class, const char *what)
{
	struct iommuctl_smmuv3_event event;

	cr_expect_eq(read4(iova), -EIO, "%s", what);
	event = guest_take_event(guest);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION, "%s", what);
	cr_expect_eq(event.s2, 1, "%s", what);
	cr_expect_eq(event.event_class, event_class, "%s", what);
	cr_expect_eq(event.ipa, NOWHERE, "%s", what);
}

Test(model_smmu_faults, a_fault_of_stage_2_says_what_it_was_looking_for)
{
	const struct iommuctl_smmuv3_cd good = guest->cd;

	guest_remap(guest, IOVA, NOWHERE);
	expect_stage2(IOVA, IOMMUCTL_SMMUV3_EVENT_CLASS_IN, "the output");

	guest->cd.ttb0 = NOWHERE;
	guest_change_cd(guest);
	expect_stage2(IOVA, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, "the root table");

	guest->cd = good;
	guest->cd.epd1 = 0;
	guest->cd.t1sz = 25;
	guest->cd.tg1 = IOMMUCTL_SMMUV3_TG1_4K;
	guest->cd.ttb1 = NOWHERE;
	guest_change_cd(guest);
	expect_stage2(
		IOVA + PAGE, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, "the root table of the other half");

	guest_set_ste(guest,
		&(struct iommuctl_smmuv3_ste){
			.v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = NOWHERE });
	expect_stage2(IOVA, IOMMUCTL_SMMUV3_EVENT_CLASS_CD, "the CD");
}

/* As in QEMU. The architecture also allows C_BAD_STE. */
Test(model_smmu_faults, a_cd_beyond_oas_is_stage_2s_to_refuse)
{
	const struct iommuctl_smmuv3_ste ste = {
		.v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = UINT64_C(1) << 46
	};
	struct iommuctl_smmuv3_event event;

	guest_set_ste(guest, &ste);
	cr_expect_eq(read4(IOVA), -EIO);
	event = guest_take_event(guest);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.s2, 1);
	cr_expect_eq(event.event_class, IOMMUCTL_SMMUV3_EVENT_CLASS_CD);
	cr_expect_eq(event.ipa, ste.s1contextptr);
}

Test(model_smmu_faults, a_table_that_stage_2_refuses_is_a_fault_of_stage_1_as_with_qemu)
{
	static const struct {
		uint64_t table;
		uint8_t type;
	} cases[] = {
		{ NOWHERE, IOMMUCTL_SMMUV3_F_TRANSLATION },
		{ UINT64_C(1) << 46, IOMMUCTL_SMMUV3_F_ADDR_SIZE },
	};
	struct iommuctl_smmuv3_event event;
	struct iommuctl_stage1_walk walk;
	uint64_t *root;

	cr_assert_eq(
		iommuctl_stage1_walk(&guest->ram.memory, &guest->stage1.regime, IOVA, 0, &walk), 0);
	root = guest_at(&guest->ram, walk.steps[0].descriptor_ipa);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		*root = htole64(cases[i].table | 3);
		cr_expect_eq(read4(IOVA), -EIO, "case %zu", i);
		event = guest_take_event(guest);
		cr_expect_eq(event.type, cases[i].type, "case %zu", i);
		cr_expect_eq(event.s2, 0, "case %zu", i);
		cr_expect_eq(event.event_class, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, "case %zu", i);
		cr_expect_eq(event.ipa, cases[i].table, "case %zu", i);
	}
}

Test(model_smmu_faults, a_read_finds_a_write_only_page_in_the_tlb)
{
	guest_remap(guest, IOVA, ODD);
	guest->odd_writable = true;

	cr_expect_eq(read4(IOVA), -EIO);
	cr_expect_eq(write4(IOVA), 0);
	cr_expect_eq(read4(IOVA), 0, "as QEMU does it");
}

Test(model_smmu_faults, stage_2_read_only_refuses_writes_from_walk_and_tlb)
{
	guest_remap(guest, IOVA, ODD);
	guest->odd_readable = true;

	for (unsigned int i = 0; i < 2; i++) {
		struct iommuctl_smmuv3_event event;

		cr_expect_eq(write4(IOVA), -EIO);
		event = guest_take_event(guest);
		cr_expect(event.type == IOMMUCTL_SMMUV3_F_PERMISSION && event.s2);
		cr_expect_eq(read4(IOVA), 0);
	}
}

Test(model_smmu_faults, an_smmu_that_stalls_says_so)
{
	struct iommuctl_model_smmu config = qemu_like;
	struct iommuctl_smmuv3_event event;

	guest_close(guest);
	config.stall = true;
	guest = guest_open(&config);
	guest->cd.s = 1;
	guest_change_cd(guest);
	cr_expect_eq(read4(0x8000), -EIO);
	event = guest_take_event(guest);
	cr_expect_eq(event.stall, 1);
	read4(0x8000);
	cr_expect_eq(guest_take_event(guest).stag, event.stag + 1);
}
