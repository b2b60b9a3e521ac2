// SPDX-License-Identifier: MIT
/* SubstreamIDs: which CD a transaction gets, on an SMMU that has them. */
#include "model_smmu_fixture.h"

#define SSID_BITS 10

static struct guest *guest;

static void set_up(void)
{
	struct iommuctl_model_smmu config = qemu_like;

	config.ssid_bits = SSID_BITS;
	guest = guest_open(&config);
}

static void tear_down(void)
{
	guest_close(guest);
}

TestSuite(model_smmu_ssid, .init = set_up, .fini = tear_down);

static void use_table(uint8_t s1cdmax, uint8_t s1fmt, uint8_t s1dss)
{
	guest_set_ste(guest,
		&(struct iommuctl_smmuv3_ste){
			.v = 1,
			.config = IOMMUCTL_SMMUV3_CONFIG_S1,
			.s1contextptr = CD_TABLE,
			.s1cdmax = s1cdmax,
			.s1fmt = s1fmt,
			.s1dss = s1dss,
		});
}

static int read_with(int ssid, uint64_t iova)
{
	uint32_t value;

	return guest_dma(guest, ssid, iova, &value, sizeof(value), false);
}

Test(model_smmu_ssid, the_ssid_and_s1dss_decide_who_gets_a_cd)
{
	enum { TERMINATE, BYPASS, SSID0 };
	static const struct {
		uint8_t s1cdmax, s1dss;
		int ssid;
		uint8_t event; /* 0: it is translated */
	} cases[] = {
		{ 0, 0, -1, 0 },
		{ 0, 0, 0, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
		{ 0, 0, 3, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
		{ 2, TERMINATE, -1, IOMMUCTL_SMMUV3_F_STREAM_DISABLED },
		{ 2, TERMINATE, 0, 0 },
		{ 2, TERMINATE, 3, 0 },
		{ 2, TERMINATE, 4, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
		{ 2, BYPASS, 3, 0 },
		{ 2, SSID0, -1, 0 },
		{ 2, SSID0, 0, IOMMUCTL_SMMUV3_F_STREAM_DISABLED },
		{ 2, SSID0, 3, 0 },
		{ SSID_BITS + 1, SSID0, 3, IOMMUCTL_SMMUV3_C_BAD_STE },
	};

	for (uint32_t ssid = 0; ssid < 8; ssid++)
		guest_write_cd(guest, ssid);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const int ret = cases[i].event ? -EIO : 0;

		use_table(cases[i].s1cdmax, IOMMUCTL_SMMUV3_S1FMT_LINEAR, cases[i].s1dss);
		cr_expect_eq(read_with(cases[i].ssid, IOVA), ret, "case %zu", i);
		if (ret)
			cr_expect_eq(guest_take_event(guest).type, cases[i].event, "case %zu", i);
	}
}

Test(model_smmu_ssid, s1dss_bypass_is_stage_2_only_without_a_ssid)
{
	use_table(2, IOMMUCTL_SMMUV3_S1FMT_LINEAR, IOMMUCTL_SMMUV3_S1DSS_BYPASS);
	cr_expect_eq(read_with(-1, PAGES), 0);
	cr_expect_eq(read_with(-1, IOVA), -EIO);
}

Test(model_smmu_ssid, two_level_tables_are_followed)
{
	static const uint8_t formats[] = { IOMMUCTL_SMMUV3_S1FMT_4K_L2,
		IOMMUCTL_SMMUV3_S1FMT_64K_L2 };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct iommuctl_cd_table_shape shape = {
			.s1contextptr = CD_TABLE, .s1cdmax = SSID_BITS, .s1fmt = formats[i]
		};
		uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
		struct iommuctl_cd_table table;

		cr_assert_eq(
			iommuctl_cd_table_init(&table, &guest->ram.memory, &shape, 0x80000), 0);
		cr_assert_eq(iommuctl_smmuv3_cd_encode(&guest->cd, words, NULL), 0);
		cr_assert_eq(iommuctl_cd_table_set(&table, 77, words), 0);
		use_table(SSID_BITS, formats[i], IOMMUCTL_SMMUV3_S1DSS_TERMINATE);
		cr_expect_eq(read_with(77, IOVA), 0);
	}
	use_table(SSID_BITS, IOMMUCTL_SMMUV3_S1FMT_4K_L2, IOMMUCTL_SMMUV3_S1DSS_TERMINATE);
	memset(guest_at(&guest->ram, CD_TABLE), 0, PAGE);
	cr_expect_eq(read_with(500, IOVA), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
}

Test(model_smmu_ssid, a_fault_names_its_ssid)
{
	struct iommuctl_smmuv3_event event;

	guest_write_cd(guest, 3);
	use_table(2, IOMMUCTL_SMMUV3_S1FMT_LINEAR, IOMMUCTL_SMMUV3_S1DSS_TERMINATE);
	read_with(3, 0x8000);
	event = guest_take_event(guest);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.ssv, 1);
	cr_expect_eq(event.substreamid, 3);
}

Test(model_smmu_ssid, cfgi_cd_is_for_its_ssid)
{
	const struct iommuctl_smmuv3_cmd drop_2 = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = STREAM, .substreamid = 2
	};

	guest_write_cd(guest, 2);
	guest_write_cd(guest, 3);
	use_table(2, IOMMUCTL_SMMUV3_S1FMT_LINEAR, IOMMUCTL_SMMUV3_S1DSS_SSID0);
	cr_assert_eq(read_with(-1, IOVA), 0);
	cr_assert_eq(read_with(2, IOVA), 0);
	cr_assert_eq(read_with(3, IOVA), 0);
	guest->cd.v = 0;
	for (uint32_t ssid = 0; ssid < 4; ssid++)
		guest_write_cd(guest, ssid);

	guest_command(guest, &drop_2);
	cr_expect_eq(read_with(-1, IOVA), 0);
	cr_expect_eq(read_with(2, IOVA), -EIO);
	cr_expect_eq(read_with(3, IOVA), 0);
	guest_command(guest, &(struct iommuctl_smmuv3_cmd){
				     .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = STREAM });
	cr_expect_eq(read_with(-1, IOVA), -EIO);
	guest_forget_cd(guest);
	cr_expect_eq(read_with(3, IOVA), -EIO);
}

Test(model_smmu_ssid, streams_without_stage_1_take_no_ssid)
{
	guest->stream.mode = MODEL_STREAM_STAGE2;
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
	cr_expect_eq(read_with(1, PAGES), -EIO);
	cr_expect_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
}
