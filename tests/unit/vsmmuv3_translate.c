// SPDX-License-Identifier: MIT
/* The outcome of an emulated device's access, by the contents of guest memory. */
#include "vsmmuv3_fixture.h"

#include <endian.h>
#include <string.h>

static struct walker guest;

static void set_up(void)
{
	walker_open(&guest);
}

static void tear_down(void)
{
	walker_close(&guest);
}

TestSuite(vsmmuv3_translate, .init = set_up, .fini = tear_down);

static void assert_fault(
	const struct iommuctl_vsmmuv3_access *access, struct iommuctl_smmuv3_event wanted)
{
	const struct iommuctl_smmuv3_event *event = &guest.fault.event;
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	memset(&guest.fault, 0xff, sizeof(guest.fault));
	cr_assert_eq(walker_go(&guest, access), -EFAULT);
	cr_assert_eq(event->type, wanted.type, "0x%x instead of 0x%x", event->type, wanted.type);
	if (wanted.type) {
		wanted.streamid = access->sid;
		wanted.substreamid = access->ssid;
		wanted.ssv = access->has_ssid && wanted.type != IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID &&
			     wanted.type != IOMMUCTL_SMMUV3_F_STREAM_DISABLED;
		cr_assert_eq(iommuctl_smmuv3_event_encode(event, words, NULL), 0);
	}
	cr_assert_eq(memcmp(event, &wanted, sizeof(wanted)), 0);
}

static void assert_bad(uint8_t type)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = SID, .iova = IOVA, .permissions = R
	};

	assert_fault(&access, (struct iommuctl_smmuv3_event){ .type = type });
}

/* A fault of stage 1 for a read at @iova. */
static void assert_refused(uint64_t iova, uint8_t type)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = SID, .iova = iova, .permissions = R
	};

	assert_fault(&access,
		(struct iommuctl_smmuv3_event){
			.type = type,
			.inputaddr = iova,
			.rnw = 1,
			.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
		});
}

static void put_ste(struct iommuctl_smmuv3_ste ste)
{
	guest.ste = ste;
	walker_put_ste(&guest, SID);
}

static void put_cd(void)
{
	walker_put_cd(&guest, 0);
}

Test(vsmmuv3_translate, a_page_is_translated)
{
	cr_assert_eq(walker_ipa(&guest, IOVA + 0x123), PAGES + 0x123);
	cr_assert_eq(guest.translation.size, PAGE - 0x123);
	cr_assert_eq(guest.translation.permissions, R | W);
}

Test(vsmmuv3_translate, a_block_goes_on_to_its_end)
{
	const uint64_t iova = UINT64_C(1) << 30, size = UINT64_C(2) << 20;

	cr_assert_eq(iommuctl_stage1_map(&guest.stage1, iova, RAM, size, &guest_read_write, 0), 0);
	cr_assert_eq(walker_ipa(&guest, iova + 0x1234), RAM + 0x1234);
	cr_assert_eq(guest.translation.size, size - 0x1234);
}

Test(vsmmuv3_translate, a_disabled_smmu_passes_or_aborts)
{
	guest.view.enabled = false;
	cr_assert_eq(walker_ipa(&guest, NOWHERE + 5), NOWHERE + 5);
	cr_assert_eq(guest.translation.size, BEYOND - NOWHERE - 5);
	cr_assert_eq(guest.translation.permissions, R | W | X);
	assert_fault(&(struct iommuctl_vsmmuv3_access){ .iova = BEYOND },
		(struct iommuctl_smmuv3_event){ .type = 0 });

	guest.view.gbpa_abort = true;
	assert_bad(0);
}

Test(vsmmuv3_translate, an_unknown_stream_is_reported_if_the_guest_wants_it)
{
	const struct iommuctl_vsmmuv3_access access = { .sid = 1u << LOG2SIZE, .permissions = R };

	assert_fault(
		&access, (struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_C_BAD_STREAMID });
}

Test(vsmmuv3_translate, without_recinvsid_an_unknown_stream_is_not_reported)
{
	guest.view.recinvsid = false;
	assert_fault(&(struct iommuctl_vsmmuv3_access){ .sid = UINT32_MAX },
		(struct iommuctl_smmuv3_event){ .type = 0 });
}

Test(vsmmuv3_translate, an_ste_that_cannot_be_fetched)
{
	guest.view.strtab_base = NOWHERE;
	assert_fault(&(struct iommuctl_vsmmuv3_access){ .sid = SID },
		(struct iommuctl_smmuv3_event){
			.type = IOMMUCTL_SMMUV3_F_STE_FETCH,
			.fetchaddr = NOWHERE + SID * GUEST_STE_SIZE,
		});
}

/* Of more STEs than there are StreamIDs (SIDSIZE): only their number is cut. */
Test(vsmmuv3_translate, a_table_is_aligned_to_the_size_that_it_says)
{
	static const struct {
		uint32_t fits;	  /* at STREAMS */
		uint32_t too_big; /* so that the table begins at 0 */
		uint64_t fetchaddr;
	} tables[] = {
		{ 24, 25, SID * GUEST_STE_SIZE },
		{ 24, 63, SID * GUEST_STE_SIZE },
		{ STRTAB_TWO_LEVEL(10) | 37, STRTAB_TWO_LEVEL(10) | 38, 0 },
		{ STRTAB_TWO_LEVEL(10) | 37, STRTAB_TWO_LEVEL(6) | 63, 0 },
	};

	guest_put_words(&guest.ram, STREAMS, (const uint64_t[]){ LEAVES | 11 }, 1);
	guest_put_ste(&guest.ram, LEAVES + SID * GUEST_STE_SIZE, &guest.ste);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		guest.view.strtab_base_cfg = tables[i].fits;
		cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
		guest.view.strtab_base_cfg = tables[i].too_big;
		assert_fault(&(struct iommuctl_vsmmuv3_access){ .sid = SID },
			(struct iommuctl_smmuv3_event){
				.type = IOMMUCTL_SMMUV3_F_STE_FETCH,
				.fetchaddr = tables[i].fetchaddr,
			});
	}
}

Test(vsmmuv3_translate, streams_of_32_bits_in_two_levels)
{
	const uint32_t sid = UINT32_MAX;
	const uint64_t l1std = STREAMS + (UINT64_C(1) << 25) - 8;
	struct iommuctl_vsmmuv3_access access = { .sid = sid, .iova = IOVA, .permissions = R };

	guest.idr.sidsize = 32;
	guest.view.strtab_base_cfg = STRTAB_TWO_LEVEL(10) | 32;
	assert_fault(&access, (struct iommuctl_smmuv3_event){
				      .type = IOMMUCTL_SMMUV3_F_STE_FETCH,
				      .fetchaddr = l1std,
			      });

	/* The same with a table that is entirely in memory. */
	guest.view.strtab_base_cfg = STRTAB_TWO_LEVEL(6) | 16;
	access.sid = UINT16_MAX;
	assert_fault(
		&access, (struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_C_BAD_STREAMID });
	guest_put_words(
		&guest.ram, STREAMS + UINT16_MAX / 64 * 8, (const uint64_t[]){ LEAVES | 7 }, 1);
	guest_put_ste(&guest.ram, LEAVES + 63 * GUEST_STE_SIZE, &guest.ste);
	cr_assert_eq(walker_go(&guest, &access), 0);
	cr_assert_eq(guest.translation.ipa, PAGES);
}

Test(vsmmuv3_translate, an_ste_says_whether_anything_passes)
{
	put_ste((struct iommuctl_smmuv3_ste){ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_ABORT });
	assert_bad(0);
	put_ste((struct iommuctl_smmuv3_ste){ .v = 1, .config = 3 });
	assert_bad(0);
	put_ste((struct iommuctl_smmuv3_ste){ .v = 0, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS });
	assert_bad(IOMMUCTL_SMMUV3_C_BAD_STE);
	put_ste((struct iommuctl_smmuv3_ste){ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S2 });
	assert_bad(IOMMUCTL_SMMUV3_C_BAD_STE);
	put_ste((struct iommuctl_smmuv3_ste){
		.v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = BEYOND });
	assert_bad(IOMMUCTL_SMMUV3_C_BAD_STE);
	put_ste((struct iommuctl_smmuv3_ste){ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS });
	cr_assert_eq(walker_ipa(&guest, NOWHERE), NOWHERE);
	assert_refused(BEYOND, IOMMUCTL_SMMUV3_F_ADDR_SIZE);
}

static void use_ssids(uint8_t s1dss)
{
	guest.ste.s1cdmax = 7;
	guest.ste.s1dss = s1dss;
	walker_put_ste(&guest, SID);
}

Test(vsmmuv3_translate, s1dss_is_about_accesses_without_a_ssid)
{
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_TERMINATE);
	assert_bad(IOMMUCTL_SMMUV3_F_STREAM_DISABLED);
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_BYPASS);
	cr_assert_eq(walker_ipa(&guest, NOWHERE), NOWHERE);
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_SSID0);
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
}

Test(vsmmuv3_translate, ssids_choose_cds)
{
	struct iommuctl_vsmmuv3_access access = {
		.sid = SID, .ssid = 5, .has_ssid = true, .iova = IOVA, .permissions = R
	};
	const struct iommuctl_smmuv3_event bad = { .type = IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID };

	assert_fault(&access, bad);
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_SSID0);
	walker_put_cd(&guest, 5);
	cr_assert_eq(walker_go(&guest, &access), 0);
	cr_assert_eq(guest.translation.ipa, PAGES);
	access.ssid = 6;
	assert_fault(&access, (struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_C_BAD_CD });
	access.ssid = 1u << 7;
	assert_fault(&access, bad);
	access.ssid = 0; /* is that of accesses without one */
	assert_fault(&access,
		(struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_F_STREAM_DISABLED });
	put_ste((struct iommuctl_smmuv3_ste){ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS });
	access.ssid = 5;
	assert_fault(&access, bad);
}

Test(vsmmuv3_translate, cd_tables_of_two_levels)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = SID, .ssid = 70, .has_ssid = true, .iova = IOVA, .permissions = R
	};
	const struct iommuctl_smmuv3_l1cd l1cds[] = {
		{ .v = 0 },
		{ .v = 1, .l2ptr = LEAVES },
		{ .v = 1, .l2ptr = BEYOND },
		{ .v = 1, .l2ptr = NOWHERE },
	};
	uint64_t words[ARRAY_SIZE(l1cds)];

	for (size_t i = 0; i < ARRAY_SIZE(l1cds); i++)
		cr_assert_eq(iommuctl_smmuv3_l1cd_encode(&l1cds[i], &words[i], NULL), 0);
	guest.ste.s1contextptr = CDS + 0x10000;
	guest.ste.s1fmt = IOMMUCTL_SMMUV3_S1FMT_4K_L2;
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_SSID0);

	guest_put_words(&guest.ram, CDS + 0x10008, &words[0], 1);
	assert_fault(&access,
		(struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID });
	guest_put_words(&guest.ram, CDS + 0x10008, &words[2], 1);
	assert_fault(&access,
		(struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID });
	guest_put_words(&guest.ram, CDS + 0x10008, &words[3], 1);
	assert_fault(&access, (struct iommuctl_smmuv3_event){ .type = IOMMUCTL_SMMUV3_F_CD_FETCH,
				      .fetchaddr = NOWHERE + 6 * 64 });
	guest_put_words(&guest.ram, CDS + 0x10008, &words[1], 1);
	guest_put_cd(&guest.ram, LEAVES + 6 * 64, &guest.cd);
	cr_assert_eq(walker_go(&guest, &access), 0);
}

Test(vsmmuv3_translate, a_cd_that_cannot_be_fetched)
{
	guest.ste.s1contextptr = NOWHERE;
	walker_put_ste(&guest, SID);
	assert_fault(&(struct iommuctl_vsmmuv3_access){ .sid = SID },
		(struct iommuctl_smmuv3_event){
			.type = IOMMUCTL_SMMUV3_F_CD_FETCH, .fetchaddr = NOWHERE });
}

Test(vsmmuv3_translate, reserved_s1fmt_is_linear)
{
	guest.idr.cd2l = 1;
	guest.ste.s1fmt = 3;
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_SSID0);
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
}

Test(vsmmuv3_translate, without_ssids_s1cdmax_is_ignored)
{
	guest.idr.ssidsize = 0;
	use_ssids(IOMMUCTL_SMMUV3_S1DSS_TERMINATE);
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
}

Test(vsmmuv3_translate, cds_that_are_illegal)
{
	const struct iommuctl_smmuv3_cd good = guest.cd;
	struct iommuctl_smmuv3_cd bad[] = { good, good, good, good, good, good, good };

	bad[0].v = 0;
	bad[1].aa64 = 0;
	bad[2].t0sz = 40;
	bad[3].tg0 = 3;
	bad[4].ttb0 = BEYOND;
	bad[5].s = 1;
	bad[6].endi = 1;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		guest.cd = bad[i];
		put_cd();
		assert_bad(IOMMUCTL_SMMUV3_C_BAD_CD);
	}
	/* What the SMMU could walk but this does not support. */
	guest.idr.ttendian = IOMMUCTL_SMMUV3_TTENDIAN_MIXED;
	assert_bad(IOMMUCTL_SMMUV3_C_BAD_CD);
}

/* The root table allows no write (APTable), unless HAD has that ignored. */
Test(vsmmuv3_translate, hierarchical_attributes_count_unless_the_smmu_has_had)
{
	static const struct {
		uint32_t idr3;
		uint8_t had0, had1;
		bool written[2]; /* by TTB0, TTB1 */
	} rows[] = {
		{ 0, 0, 0, { false, false } },
		{ 0, 1, 1, { false, false } },
		{ IDR3_HAD, 0, 0, { false, false } },
		{ IDR3_HAD, 1, 0, { true, false } },
		{ IDR3_HAD, 0, 1, { false, true } },
		{ IDR3_HAD, 1, 1, { true, true } },
	};
	const uint64_t upper = ~UINT64_C(0) << (64 - guest.cd.t0sz);
	uint64_t *root = guest_at(&guest.ram, guest.cd.ttb0);

	root[0] |= htole64(UINT64_C(1) << 62);
	guest.cd.epd1 = 0;
	guest.cd.ttb1 = guest.cd.ttb0;
	guest.cd.t1sz = guest.cd.t0sz;
	guest.cd.tg1 = 2; /* 4K, which TG0 has as 0 */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned int half = 0; half < 2; half++) {
			const struct iommuctl_vsmmuv3_access access = {
				.sid = SID,
				.iova = half ? upper | IOVA : IOVA,
				.permissions = W,
			};

			guest.idr3 = rows[i].idr3;
			guest.cd.had0 = rows[i].had0;
			guest.cd.had1 = rows[i].had1;
			put_cd();
			cr_expect_eq(walker_go(&guest, &access),
				rows[i].written[half] ? 0 : -EFAULT, "row %zu, TTB%u", i, half);
			if (!rows[i].written[half])
				cr_expect_eq(guest.fault.event.type, IOMMUCTL_SMMUV3_F_PERMISSION,
					"row %zu, TTB%u", i, half);
		}
}

Test(vsmmuv3_translate, faults_of_stage_1)
{
	assert_refused(IOVA + 2 * PAGE, IOMMUCTL_SMMUV3_F_TRANSLATION);
	assert_refused(UINT64_C(1) << 39, IOMMUCTL_SMMUV3_F_TRANSLATION);
	assert_refused(UINT64_MAX, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_assert_eq(iommuctl_stage1_set_access_flag(&guest.stage1, IOVA, PAGE, false), 0);
	assert_refused(IOVA, IOMMUCTL_SMMUV3_F_ACCESS);
	guest.cd.affd = 1;
	put_cd();
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
	guest_map(&guest.stage1, IOVA + 2 * PAGE, UINT64_C(1) << 39, PAGE);
	guest.cd.ips = IOMMUCTL_SMMUV3_IPS_32;
	put_cd();
	assert_refused(IOVA + 2 * PAGE, IOMMUCTL_SMMUV3_F_ADDR_SIZE);
}

Test(vsmmuv3_translate, ips_is_no_more_than_oas)
{
	const struct iommuctl_stage1_config config = {
		.granule = PAGE,
		.input_bits = 39,
		.output_bits = 48,
		.table_ipa = TABLES,
		.table_size = 0x100000,
	};

	cr_assert_eq(iommuctl_stage1_init(&guest.stage1, &guest.ram.memory, &config), 0);
	guest_map(&guest.stage1, IOVA, BEYOND - PAGE, 2 * PAGE);
	guest.cd = iommuctl_cd_for_stage1(&guest.stage1.regime, ASID);
	put_cd();
	cr_assert_eq(walker_ipa(&guest, IOVA), BEYOND - PAGE);
	assert_refused(IOVA + PAGE, IOMMUCTL_SMMUV3_F_ADDR_SIZE);
}

Test(vsmmuv3_translate, an_event_says_what_the_access_was)
{
	struct iommuctl_vsmmuv3_access access = { .sid = SID, .iova = IOVA, .permissions = X | P };
	struct iommuctl_smmuv3_event wanted = {
		.type = IOMMUCTL_SMMUV3_F_PERMISSION,
		.inputaddr = IOVA,
		.rnw = 1,
		.ind = 1,
		.pnu = 1,
		.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
	};

	assert_fault(&access, wanted);
	access.permissions = W | X;
	wanted.rnw = wanted.ind = wanted.pnu = 0;
	assert_fault(&access, wanted);
}

Test(vsmmuv3_translate, a_table_that_cannot_be_fetched_is_always_reported)
{
	guest.cd.ttb0 = NOWHERE;
	guest.cd.r = 0;
	guest.cd.a = 0;
	put_cd();
	assert_fault(
		&(struct iommuctl_vsmmuv3_access){ .sid = SID, .iova = IOVA, .permissions = W },
		(struct iommuctl_smmuv3_event){
			.type = IOMMUCTL_SMMUV3_F_WALK_EABT,
			.inputaddr = IOVA,
			.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_TTD,
			.fetchaddr = NOWHERE,
		});
	cr_assert_not(guest.fault.ignored);
}

Test(vsmmuv3_translate, the_cd_says_whether_a_fault_is_reported)
{
	assert_refused(NOWHERE, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_assert_not(guest.fault.ignored);
	guest.cd.a = 0;
	put_cd();
	assert_refused(NOWHERE, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_assert(guest.fault.ignored);
	guest.cd.r = 0;
	put_cd();
	assert_fault(&(struct iommuctl_vsmmuv3_access){ .sid = SID, .iova = NOWHERE },
		(struct iommuctl_smmuv3_event){ .type = 0 });
	cr_assert(guest.fault.ignored);
}

Test(vsmmuv3_translate, what_would_stall_is_terminated_and_reported)
{
	guest.idr.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE;
	guest.cd.s = 1;
	guest.cd.r = 0;
	put_cd();
	assert_refused(NOWHERE, IOMMUCTL_SMMUV3_F_TRANSLATION);
}

Test(vsmmuv3_translate, the_upper_half_has_tables_of_its_own)
{
	const uint64_t upper = UINT64_MAX << 39;

	guest.cd.ttb1 = guest.cd.ttb0;
	guest.cd.t1sz = guest.cd.t0sz;
	guest.cd.tg1 = IOMMUCTL_SMMUV3_TG1_4K;
	guest.cd.epd1 = 0;
	put_cd();
	cr_assert_eq(walker_ipa(&guest, upper | IOVA), PAGES);
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
	guest.cd.epd0 = 1;
	put_cd();
	assert_refused(IOVA, IOMMUCTL_SMMUV3_F_TRANSLATION);
}

Test(vsmmuv3_translate, tbi_passes_over_the_top_byte)
{
	const uint64_t tagged = IOVA | UINT64_C(0x5a) << 56;

	assert_refused(tagged, IOMMUCTL_SMMUV3_F_TRANSLATION);
	guest.cd.tbi0 = 1;
	put_cd();
	cr_assert_eq(walker_ipa(&guest, tagged), PAGES);
}

Test(vsmmuv3_translate, permissions_that_do_not_exist)
{
	cr_assert_eq(walker_go(&guest, &(struct iommuctl_vsmmuv3_access){ .permissions = 1u << 4 }),
		-EINVAL);
}
