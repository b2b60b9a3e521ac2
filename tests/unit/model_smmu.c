// SPDX-License-Identifier: MIT
/* Translation and the configuration cache of the model's SMMU. */
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

TestSuite(model_smmu, .init = set_up, .fini = tear_down);

Test(model_smmu, a_transaction_goes_through_both_stages)
{
	guest_mark(guest, PAGES + PAGE, 0x11223344);

	cr_assert_eq(guest_read_mark(guest, IOVA + PAGE), 0x11223344);
	cr_assert_eq(guest->event_count, 0);
}

Test(model_smmu, a_transaction_may_cross_pages_that_are_apart)
{
	unsigned char sent[64], got[64];

	guest_remap(guest, IOVA + PAGE, PAGES + 8 * PAGE);
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (unsigned char)i;

	cr_assert_eq(guest_write(guest, IOVA + PAGE - 24, sent, sizeof(sent)), 0);
	cr_assert_eq(memcmp(guest_at(&guest->ram, PAGES + PAGE - 24), sent, 24), 0);
	cr_assert_eq(memcmp(guest_at(&guest->ram, PAGES + 8 * PAGE), sent + 24, 40), 0);
	cr_assert_eq(guest_read(guest, IOVA + PAGE - 24, got, sizeof(got)), 0);
	cr_assert_eq(memcmp(got, sent, sizeof(sent)), 0);
}

Test(model_smmu, all_granules_are_walked)
{
	static const uint32_t granules[] = { 0x1000, 0x4000, 0x10000 };

	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		const uint32_t granule = granules[i];

		guest_build_tables(guest, granule);
		guest_forget_cd(guest);
		cr_assert_eq(iommuctl_stage1_map(&guest->stage1, 0x1000000 + granule,
				     PAGES + granule, granule, &guest_read_write, 0),
			0);
		guest_mark(guest, PAGES + 2 * granule - 4, granule);
		cr_expect_eq(guest_read_mark(guest, 0x1000000 + 2 * granule - 4), granule);
	}
}

Test(model_smmu, a_cd_change_is_seen_only_after_its_invalidation)
{
	guest_read_mark(guest, IOVA);
	guest->cd.v = 0;
	guest_write_cd(guest, 0);
	guest_read_mark(guest, IOVA);

	guest_forget_cd(guest);
	cr_assert_eq(guest_read(guest, IOVA, &(uint32_t){ 0 }, 4), -EIO);
	cr_assert_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_C_BAD_CD);
}

Test(model_smmu, a_cd_that_is_not_valid_is_not_cached)
{
	guest->cd.v = 0;
	guest_change_cd(guest);
	cr_assert_eq(guest_read(guest, IOVA, &(uint32_t){ 0 }, 4), -EIO);

	guest->cd.v = 1;
	guest_write_cd(guest, 0);
	guest_read_mark(guest, IOVA);
}

Test(model_smmu, writing_the_stream_table_entry_drops_the_cd)
{
	guest_read_mark(guest, IOVA);
	guest->cd.v = 0;
	guest_write_cd(guest, 0);

	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
	cr_assert_eq(guest_read(guest, IOVA, &(uint32_t){ 0 }, 4), -EIO);
}

Test(model_smmu, what_drops_a_cd)
{
	static const struct {
		struct iommuctl_smmuv3_cmd cmd;
		bool drops;
	} cases[] = {
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = STREAM }, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = STREAM, .substreamid = 5 },
			true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = STREAM + 1 }, false },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = STREAM }, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = STREAM }, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			  .streamid = STREAM + 7,
			  .range = 2 },
			true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			  .streamid = STREAM + 8,
			  .range = 2 },
			false },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 }, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL }, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint64_t before = guest->counters.config_fetches;

		guest_read_mark(guest, IOVA);
		guest_command(guest, &cases[i].cmd);
		guest_read_mark(guest, IOVA);
		cr_expect_eq(guest->counters.config_fetches - before,
			(uint64_t)cases[i].drops + (i == 0), "case %zu", i);
	}
}

Test(model_smmu, a_paging_hwpt_is_stage_2_only)
{
	guest->stream.mode = MODEL_STREAM_STAGE2;
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
	guest_mark(guest, PAGES, 5);

	cr_assert_eq(guest_read_mark(guest, PAGES), 5);
	cr_assert_eq(guest_read(guest, NOWHERE, &(uint32_t){ 0 }, 4), -EIO);
	cr_assert_eq(guest_take_event(guest).s2, 1);
}

Test(model_smmu, the_guests_bypass_is_stage_2_only)
{
	guest_set_ste(guest,
		&(struct iommuctl_smmuv3_ste){ .v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_BYPASS });
	guest_mark(guest, PAGES, 5);

	cr_assert_eq(guest_read_mark(guest, PAGES), 5);
}

Test(model_smmu, blocked_streams_abort_without_an_event)
{
	uint32_t value = 1;

	guest_set_ste(guest, &(struct iommuctl_smmuv3_ste){ .v = 0 });
	cr_assert_eq(guest_read(guest, IOVA, &value, 4), -EIO);
	guest_set_ste(guest, &(struct iommuctl_smmuv3_ste){ .v = 1 });
	cr_assert_eq(guest_read(guest, IOVA, &value, 4), -EIO);
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, NULL), 0);
	cr_assert_eq(guest_read(guest, IOVA, &value, 4), -EIO);

	cr_assert_eq(value, 0, "what is refused reads as zeroes");
	cr_assert_eq(guest->counters.events, 0);
}

Test(model_smmu, a_stream_that_nobody_set_up_aborts)
{
	uint32_t value = 1;
	const struct model_transaction transaction = {
		.stream_id = STREAM + 1, .ssid = -1, .iova = IOVA, .buffer = &value, .size = 4
	};

	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), -EIO);
	cr_assert_eq(value, 0);
}

static void ring(uint32_t stream_id, uint32_t value, void *data)
{
	cr_assert_eq(stream_id, STREAM);
	*(uint32_t *)data = value;
}

Test(model_smmu, a_doorbell_takes_words_and_gives_none)
{
	uint32_t rung = 0, value = htole32(0x23);
	const struct model_doorbell doorbell = { NOWHERE + 0x40, 4, ring, &rung };
	struct model_transaction transaction = {
		.stream_id = STREAM,
		.ssid = -1,
		.iova = IOVA + 2 * PAGE + 0x40,
		.buffer = &value,
		.size = 4,
		.write = true,
		.doorbell = &doorbell,
	};

	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), -EIO, "not mapped in stage 1");
	cr_assert_eq(guest_take_event(guest).type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	guest_map(&guest->stage1, IOVA + 2 * PAGE, NOWHERE, PAGE);
	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), 0);
	cr_assert_eq(rung, 0x23);

	rung = 0;
	transaction.size = 2;
	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), 0, "no word");
	transaction.size = 4;
	transaction.iova += 4;
	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), 0, "beside it");
	cr_assert_eq(rung, 0);
	transaction.write = false;
	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), 0, "from the TLB");
	cr_assert_eq(value, 0);
}

Test(model_smmu, a_table_in_the_page_of_the_doorbell_is_empty)
{
	const struct model_doorbell doorbell = { NOWHERE + 0x40, 4, ring, NULL };
	const struct model_transaction transaction = {
		.stream_id = STREAM,
		.ssid = -1,
		.iova = IOVA,
		.buffer = &(uint32_t){ 0 },
		.size = 4,
		.doorbell = &doorbell,
	};
	struct iommuctl_smmuv3_event event;

	guest->cd.ttb0 = NOWHERE;
	guest_change_cd(guest);
	cr_assert_eq(model_smmu_access(guest->smmu, &transaction), -EIO);
	event = guest_take_event(guest);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.event_class, IOMMUCTL_SMMUV3_EVENT_CLASS_IN);
}

static void watch(const struct iommuctl_model_lookup *lookup, void *data)
{
	char **at = data;

	*(*at)++ = "SCT12MEA"[lookup->kind];
}

Test(model_smmu, every_look_up_can_be_watched)
{
	char seen[32] = { 0 };
	char *at = seen;

	model_smmu_watch(guest->smmu, watch, &at);
	guest_read_mark(guest, IOVA);
	cr_assert_str_eq(seen, "S2C2121212M");

	memset(seen, 0, sizeof(seen));
	at = seen;
	guest_read_mark(guest, IOVA);
	cr_assert_str_eq(seen, "TM");

	memset(seen, 0, sizeof(seen));
	at = seen;
	guest_read(guest, NOWHERE, &(uint32_t){ 0 }, 4);
	cr_assert_str_eq(seen, "1E");
}

static void keep(const struct iommuctl_model_lookup *lookup, void *data)
{
	*(struct iommuctl_model_lookup *)data = *lookup;
}

/* Each refuses without an event, and why. */
static void block_stream(void)
{
	guest->stream.mode = MODEL_STREAM_BLOCKED;
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
}

static void take_stream_away(void)
{
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, NULL), 0);
}

static void abort_by_ste(void)
{
	guest->stream.ste[0] = 1;
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
}

static void record_nothing(void)
{
	guest->cd.r = 0;
	guest_change_cd(guest);
}

/* The TLB still has its translation. */
static void unmap_memory(void)
{
	guest_read_mark(guest, IOVA);
	guest->ram_is_gone = true;
}

static const struct {
	void (*prepare)(void);
	uint64_t iova;
	enum iommuctl_model_abort reason;
} silent[] = {
	{ block_stream, IOVA, IOMMUCTL_MODEL_ABORT_STREAM },
	{ take_stream_away, IOVA, IOMMUCTL_MODEL_ABORT_STREAM },
	{ abort_by_ste, IOVA, IOMMUCTL_MODEL_ABORT_STREAM },
	{ record_nothing, NOWHERE, IOMMUCTL_MODEL_ABORT_UNRECORDED },
	{ unmap_memory, IOVA, IOMMUCTL_MODEL_ABORT_GONE },
};

Test(model_smmu, every_refusal_without_an_event_is_shown_with_its_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		struct iommuctl_model_lookup seen = { .kind = IOMMUCTL_MODEL_LOOKUP_MEMORY };
		uint32_t value;

		tear_down();
		set_up();
		silent[i].prepare();
		model_smmu_watch(guest->smmu, keep, &seen);
		cr_assert_eq(guest_read(guest, silent[i].iova, &value, sizeof(value)), -EIO);
		cr_expect_eq(guest->event_count, 0, "case %zu", i);
		cr_expect_eq(seen.kind, IOMMUCTL_MODEL_LOOKUP_ABORT, "case %zu", i);
		cr_expect_eq(seen.value, silent[i].reason, "case %zu", i);
		cr_expect_eq(seen.stream_id, STREAM, "case %zu", i);
	}
}

Test(model_smmu, the_registers_are_those_of_the_rig)
{
	static const uint32_t rig[] = { 0x0d44101b, 0x02730010, 0, 0x1414, 0, 0x74 };
	uint32_t idr[6], iidr, aidr;

	model_smmu_registers(guest->smmu, idr, &iidr, &aidr);
	cr_assert_arr_eq(idr, rig, sizeof(rig));
	cr_assert_eq(iidr, 0);
	cr_assert_eq(aidr, 1);
}

Test(model_smmu, knobs_show_in_the_registers)
{
	const struct iommuctl_model_smmu config = {
		.no_nesting = true,
		.s2fwb = true,
		.no_ril = true,
		.stall = true,
		.oas_bits = 40,
		.ssid_bits = 16,
		.tlb_entries = 64,
	};
	struct iommuctl_model_counters counters;
	struct iommuctl_smmuv3_idr idr;
	struct model_smmu *smmu;
	uint32_t registers[6], iidr, aidr;

	cr_assert_eq(model_smmu_new(&config, &counters, &smmu), 0);
	model_smmu_registers(smmu, registers, &iidr, &aidr);
	iommuctl_smmuv3_idr_decode(registers, iidr, aidr, &idr);
	cr_expect_eq(registers[0] & 1, 0);
	cr_expect_neq(registers[3] & 1 << 8, 0);
	cr_expect_eq(idr.ril, 0);
	cr_expect_eq(idr.stall_model, IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE);
	cr_expect_eq(iommuctl_smmuv3_idr_oas_bits(&idr), 40);
	cr_expect_eq(idr.ssidsize, 16);
	cr_expect_eq(idr.cd2l, 1);
	model_smmu_free(smmu);
}
