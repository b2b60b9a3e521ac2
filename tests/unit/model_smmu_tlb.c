// SPDX-License-Identifier: MIT
/* What the TLB of the model's SMMU keeps, and what each command takes from it. */
#include "model_smmu_fixture.h"

#define OLD 0x01d
#define NEW 0x2e3

static struct guest *guest;

static void set_up(void)
{
	guest = guest_open(&qemu_like);
}

static void tear_down(void)
{
	guest_close(guest);
}

TestSuite(model_smmu_tlb, .init = set_up, .fini = tear_down);

static void reopen(const struct iommuctl_model_smmu *config)
{
	guest_close(guest);
	guest = guest_open(config);
}

/* Makes the TLB cache IOVA as OLD, while the tables now say NEW. */
static void make_stale(void)
{
	guest_mark(guest, PAGES, OLD);
	guest_mark(guest, PAGES + 2 * PAGE, NEW);
	guest_remap(guest, IOVA, PAGES);
	guest_command(guest,
		&(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL });
	cr_assert_eq(guest_read_mark(guest, IOVA), OLD);
	guest_remap(guest, IOVA, PAGES + 2 * PAGE);
	cr_assert_eq(guest_read_mark(guest, IOVA), OLD);
}

static size_t tlb_count(void)
{
	return model_smmu_get_tlb(guest->smmu, NULL, 0);
}

#define CMD(name, ...)                                                                             \
	{                                                                                          \
		.opcode = IOMMUCTL_SMMUV3_CMD_##name, __VA_ARGS__                                  \
	}
#define TLBI(name, ...) CMD(TLBI_##name, .vmid = VMID, __VA_ARGS__)

Test(model_smmu_tlb, commands_take_what_they_name)
{
	static const struct {
		struct iommuctl_smmuv3_cmd cmd;
		uint32_t then;
	} cases[] = {
		{ CMD(TLBI_NH_ALL, .vmid = VMID), NEW },
		{ CMD(TLBI_NH_ALL, .vmid = VMID + 1), OLD },
		{ TLBI(NH_ASID, .asid = ASID), NEW },
		{ TLBI(NH_ASID, .asid = ASID + 1), OLD },
		{ CMD(TLBI_NH_ASID, .asid = ASID, .vmid = VMID + 1), OLD },
		{ TLBI(NH_VA, .asid = ASID, .address = IOVA), NEW },
		{ TLBI(NH_VA, .asid = ASID, .address = IOVA, .leaf = 1), NEW },
		{ TLBI(NH_VA, .asid = ASID, .address = IOVA + PAGE), OLD },
		{ TLBI(NH_VA, .asid = ASID + 1, .address = IOVA), OLD },
		{ CMD(TLBI_NH_VA, .asid = ASID, .address = IOVA, .vmid = VMID + 1), OLD },
		{ TLBI(NH_VAA, .address = IOVA), NEW },
		{ TLBI(NH_VAA, .address = IOVA - PAGE), OLD },
		{ CMD(TLBI_S12_VMALL, .vmid = VMID), NEW },
		{ TLBI(S2_IPA, .address = PAGES), OLD },
		{ CMD(CFGI_CD_ALL, .streamid = STREAM), OLD },
		{ CMD(ATC_INV, .streamid = STREAM, .size = 52), OLD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make_stale();
		guest_command(guest, &cases[i].cmd);
		cr_expect_eq(guest_read_mark(guest, IOVA), cases[i].then, "case %zu", i);
	}
}

Test(model_smmu_tlb, a_range_is_its_pages_and_no_others)
{
	static const struct {
		struct iommuctl_smmuv3_cmd cmd;
		uint32_t then;
	} cases[] = {
		/* 1, 8 and 512 pages of 4K that end before, at or after the page at 0x10000. */
		{ TLBI(NH_VA, .asid = ASID, .address = 0xf000, .tg = 1), OLD },
		{ TLBI(NH_VA, .asid = ASID, .address = 0x10000, .tg = 1, .ttl = 3), NEW },
		{ TLBI(NH_VA, .asid = ASID, .address = 0x8000, .tg = 1, .num = 7), OLD },
		{ TLBI(NH_VA, .asid = ASID, .address = 0x9000, .tg = 1, .num = 7), NEW },
		{ TLBI(NH_VAA, .address = 0, .tg = 1, .scale = 4), OLD },
		{ TLBI(NH_VAA, .address = 0, .tg = 1, .scale = 9), NEW },
		{ TLBI(NH_VAA, .address = 0, .tg = 3, .num = 0), OLD },
		{ TLBI(NH_VAA, .address = 0, .tg = 3, .num = 1), NEW },
		{ TLBI(NH_VAA, .address = 0xc000, .tg = 2), OLD },
		{ TLBI(NH_VAA, .address = 0x10000, .tg = 2), NEW },
		{ TLBI(NH_VAA, .address = 0xfffffffffffff000, .tg = 3, .num = 31, .scale = 31),
			OLD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make_stale();
		guest_command(guest, &cases[i].cmd);
		cr_expect_eq(guest_read_mark(guest, IOVA), cases[i].then, "case %zu", i);
	}
}

Test(model_smmu_tlb, without_ril_a_command_is_for_one_page)
{
	struct iommuctl_model_smmu config = qemu_like;

	config.no_ril = true;
	reopen(&config);
	make_stale();
	guest_command(guest, &(struct iommuctl_smmuv3_cmd)TLBI(
				     NH_VAA, .address = IOVA - PAGE, .tg = 1, .num = 7));
	cr_expect_eq(guest_read_mark(guest, IOVA), OLD);
}

Test(model_smmu_tlb, a_block_is_cached_page_by_page)
{
	const uint64_t block = UINT64_C(2) << 20;

	cr_assert_eq(
		iommuctl_stage1_map(&guest->stage1, 2 * block, PAGES, block, &guest_read_write, 0),
		0);
	guest_mark(guest, PAGES, 1);
	guest_mark(guest, PAGES + PAGE, 2);
	cr_assert_eq(guest_read_mark(guest, 2 * block), 1);
	cr_assert_eq(guest_read_mark(guest, 2 * block + PAGE), 2);
	cr_assert_eq(iommuctl_stage1_remap(&guest->stage1, 2 * block, RAM + 3 * block, block), 0);
	guest_mark(guest, RAM + 3 * block, 3);
	guest_mark(guest, RAM + 3 * block + PAGE, 4);

	guest_command(guest, &(struct iommuctl_smmuv3_cmd)TLBI(NH_VA, .asid = ASID,
				     .address = 2 * block, .leaf = 1, .tg = 1, .ttl = 2));
	cr_expect_eq(guest_read_mark(guest, 2 * block), 3);
	cr_expect_eq(guest_read_mark(guest, 2 * block + PAGE), 2, "still the old one, as in QEMU");
}

Test(model_smmu_tlb, another_asid_does_not_see_an_entry)
{
	make_stale();
	guest->cd.asid = ASID + 1;
	guest_change_cd(guest);
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);
	guest->cd.asid = ASID;
	guest_change_cd(guest);
	cr_expect_eq(guest_read_mark(guest, IOVA), OLD);
}

Test(model_smmu_tlb, another_vmid_does_not_see_an_entry)
{
	make_stale();
	guest->stage2.vmid++;
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);
}

static void make_global_and_stale(const struct iommuctl_model_smmu *config)
{
	struct iommuctl_stage1_attributes global = guest_read_write;

	reopen(config);
	global.not_global = false;
	cr_assert_eq(iommuctl_stage1_protect(&guest->stage1, IOVA, PAGE, &global), 0);
	make_stale();
}

Test(model_smmu_tlb, global_mappings_are_tagged_with_the_asid_as_in_qemu)
{
	make_global_and_stale(&qemu_like);
	guest_command(guest, &(struct iommuctl_smmuv3_cmd)TLBI(NH_ASID, .asid = ASID));
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);
}

Test(model_smmu_tlb, global_entries_serve_all_asids_and_outlive_theirs)
{
	struct iommuctl_model_smmu config = qemu_like;

	config.global_entries = true;
	make_global_and_stale(&config);
	guest_command(guest, &(struct iommuctl_smmuv3_cmd)TLBI(NH_ASID, .asid = ASID));
	guest->cd.asid = ASID + 1;
	guest_change_cd(guest);
	cr_expect_eq(guest_read_mark(guest, IOVA), OLD);
	guest_command(
		guest, &(struct iommuctl_smmuv3_cmd)TLBI(NH_VA, .asid = ASID + 9, .address = IOVA));
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);
}

Test(model_smmu_tlb, a_fault_is_not_cached)
{
	uint32_t value;

	cr_assert_eq(guest_read(guest, IOVA + 2 * PAGE, &value, sizeof(value)), -EIO);
	guest_map(&guest->stage1, IOVA + 2 * PAGE, PAGES, PAGE);
	guest_read_mark(guest, IOVA + 2 * PAGE);
}

Test(model_smmu_tlb, taking_memory_from_stage_2_takes_all_that_may_lead_there)
{
	make_stale();
	model_smmu_invalidate_ipa(guest->smmu, VMID, PAGES, PAGE);
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);

	make_stale();
	model_smmu_invalidate_vmid(guest->smmu, VMID);
	cr_expect_eq(tlb_count(), 0);
}

/* The CD, the root table and the two tables below it take 4 entries of stage 2. */
Test(model_smmu_tlb, a_full_tlb_starts_again_from_nothing)
{
	const uint64_t base = IOVA + 16 * PAGE;

	make_stale();
	cr_assert_eq(tlb_count(), 5);

	for (uint64_t i = 0; i < 251; i++) {
		guest_map(&guest->stage1, base + i * PAGE, PAGES + i * PAGE, PAGE);
		guest_read_mark(guest, base + i * PAGE);
	}
	cr_expect_eq(tlb_count(), 256);
	cr_expect_eq(guest_read_mark(guest, IOVA), OLD);
	guest_map(&guest->stage1, base + 251 * PAGE, PAGES, PAGE);
	guest_read_mark(guest, base + 251 * PAGE);
	cr_expect_lt(tlb_count(), 8);
	cr_expect_eq(guest_read_mark(guest, IOVA), NEW);
}

Test(model_smmu_tlb, entries_can_be_looked_at)
{
	struct iommuctl_model_tlb_entry entries[16];
	size_t count, found = 0;

	guest_read_mark(guest, IOVA + 4);
	count = model_smmu_get_tlb(guest->smmu, entries, ARRAY_SIZE(entries));
	cr_assert_eq(count, 5);
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(entries[i].vmid, VMID);
		cr_expect_eq(entries[i].size, PAGE);
		if (entries[i].stage2_only) {
			cr_expect_eq(entries[i].iova, entries[i].ipa);
			continue;
		}
		found++;
		cr_expect_eq(entries[i].iova, IOVA);
		cr_expect_eq(entries[i].ipa, PAGES);
		cr_expect_eq(entries[i].asid, ASID);
		cr_expect(entries[i].writable && entries[i].readable && !entries[i].global);
	}
	cr_expect_eq(found, 1);
}

Test(model_smmu_tlb, hits_and_misses_are_counted)
{
	guest_read_mark(guest, IOVA);
	guest_read_mark(guest, IOVA);
	guest_read_mark(guest, IOVA + PAGE);
	cr_expect_eq(guest->counters.transactions, 3);
	cr_expect_eq(guest->counters.tlb_hits, 1);
	cr_expect_eq(guest->counters.tlb_misses, 2);
	cr_expect_eq(guest->counters.config_fetches, 1);
}

Test(model_smmu_tlb, an_entry_is_out_of_reach_once_t0sz_or_epd0_excludes_its_address)
{
	const struct iommuctl_smmuv3_cd good = guest->cd;
	const uint64_t far = UINT64_C(1) << 25; /* the first address that T0SZ 39 excludes */
	uint32_t value;

	guest_map(&guest->stage1, far, PAGES, PAGE);
	guest_read_mark(guest, far);
	guest->cd.t0sz = 39;
	guest_change_cd(guest);
	cr_expect_eq(guest_read(guest, far, &value, sizeof(value)), -EIO);
	guest->cd = good;
	guest->cd.epd0 = 1;
	guest_change_cd(guest);
	cr_expect_eq(guest_read(guest, far, &value, sizeof(value)), -EIO);
	guest->cd = good;
	guest_change_cd(guest);
	cr_expect_eq(guest_read(guest, far, &value, sizeof(value)), 0);
	cr_expect_eq(guest->counters.tlb_hits, 1);
}
