// SPDX-License-Identifier: MIT
/* A guest's stream table and its command queue: configuration as the guest means it. */
#include "nest_fixture.h"

#define FMT_2LVL   (UINT32_C(1) << 16)
#define SPLIT(n)   ((uint32_t)(n) << 6)
#define LEAF	   (STREAMS + 0x10000) /* 0x20000 after it are free */
#define QUEUE_LOG2 5
#define NOWHERE	   UINT64_C(0x70000000)

static struct vmm vmm;
static struct guest_queue queue;

static void set_up(void)
{
	vmm_start(&vmm, NULL);
	vmm_start_queue(&vmm, &queue, QUEUE_LOG2);
}

static void tear_down(void)
{
	vmm_stop(&vmm);
}

TestSuite(nest_stream_table, .init = set_up, .fini = tear_down);

static void put_ste(uint64_t table, uint32_t index, uint64_t word0)
{
	vmm_put_ste_at(&vmm, table + (uint64_t)index * GUEST_STE_SIZE, word0);
}

static int use_table(uint64_t base, uint32_t cfg)
{
	return iommuctl_nest_set_stream_table(vmm.nest, &vmm.ram.memory, base, cfg);
}

/* As a guest does: the command, and one that waits for it. */
static int issue(struct iommuctl_smmuv3_cmd cmd)
{
	guest_queue_put(&queue, &cmd);
	guest_queue_put(
		&queue, &(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC });
	return guest_queue_consume(&queue);
}

static int issue_cfgi(uint32_t vsid)
{
	return issue((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = vsid, .leaf = 1 });
}

static const char *refused_field(uint32_t vsid)
{
	struct iommuctl_smmuv3_refusal refusal;

	cr_assert_eq(iommuctl_nest_get_refusal(vmm.nest, vsid, &refusal), 0);
	return refusal.field;
}

Test(nest_stream_table, enabling_the_smmu_reads_all_stes)
{
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	put_ste(STREAMS, VSID, STE_S1);
	put_ste(STREAMS, VSID_2, STE_OTHER);
	cr_assert_eq(use_table(STREAMS, 8), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK_2);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, true), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(iommuctl_nest_clear_stream_table(vmm.nest), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), MARK);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK);
	cr_expect_eq(vmm.detaches, 0);
}

Test(nest_stream_table, a_device_that_comes_later_gets_its_ste_at_once)
{
	put_ste(STREAMS, VSID_2, STE_S1);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, true), 0);
	cr_assert_eq(use_table(STREAMS, 8), 0);
	vmm.attaches = 0;
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_expect_eq(vmm.attaches, 1);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK);
}

Test(nest_stream_table, nothing_changes_before_the_guest_asks_for_it)
{
	put_ste(STREAMS, VSID, STE_S1);
	cr_assert_eq(use_table(STREAMS, 8), 0);
	put_ste(STREAMS, VSID, STE_OTHER);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(issue_cfgi(VSID_2), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(issue_cfgi(VSID), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
	cr_expect_eq(queue.syncs, 2);
}

Test(nest_stream_table, a_range_is_the_streams_in_it)
{
	static const struct {
		uint32_t streamid;
		uint8_t range;
		bool first, second; /* whether VSID and VSID_2 are in it */
	} cases[] = {
		{ VSID, 0, true, false },
		{ VSID + 1, 0, true, false },
		{ VSID + 2, 0, false, false },
		{ VSID_2, 3, false, true },
		{ VSID_2, 5, false, true },
		{ VSID_2, 6, true, true },
		{ 0xffff, IOMMUCTL_SMMUV3_CFGI_RANGE_ALL, true, true },
	};

	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_ste(STREAMS, VSID, STE_ABORT);
		put_ste(STREAMS, VSID_2, STE_ABORT);
		cr_assert_eq(use_table(STREAMS, 8), 0);
		put_ste(STREAMS, VSID, STE_S1);
		put_ste(STREAMS, VSID_2, STE_S1);
		cr_assert_eq(issue((struct iommuctl_smmuv3_cmd){
				     .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
				     .streamid = cases[i].streamid,
				     .range = cases[i].range }),
			0);
		cr_expect_eq(dma(&vmm, 0, IOVA) == MARK, cases[i].first, "case %zu", i);
		cr_expect_eq(dma(&vmm, 1, IOVA) == MARK, cases[i].second, "case %zu", i);
	}
}

/* The CD of an STE that stays unchanged. */
Test(nest_stream_table, cfgi_ste_is_about_cds_too)
{
	put_ste(STREAMS, VSID, STE_S1);
	cr_assert_eq(use_table(STREAMS, 8), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	memcpy(guest_at(&vmm.ram, CDS), guest_at(&vmm.ram, OTHER_CDS), 64);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);

	cr_assert_eq(issue_cfgi(VSID), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
}

/* There are neither page requests nor stalls to answer. */
Test(nest_stream_table, other_commands_are_prefetches_or_illegal)
{
	static const struct {
		uint8_t opcode;
		int result;
	} others[] = {
		{ IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG, 0 },
		{ IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR, 0 },
		{ IOMMUCTL_SMMUV3_CMD_PRI_RESP, -EIO },
		{ IOMMUCTL_SMMUV3_CMD_RESUME, -EIO },
		{ IOMMUCTL_SMMUV3_CMD_STALL_TERM, -EIO },
		{ IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, -EIO },
	};
	const unsigned int calls = vmm.calls;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct iommuctl_smmuv3_cmd cmd = { .opcode = others[i].opcode };

		cr_expect_eq(iommuctl_nest_command(&cmd, vmm.nest), others[i].result, "0x%x",
			cmd.opcode);
	}
	cr_expect_eq(vmm.calls, calls);
}

Test(nest_stream_table, a_linear_table_ends_where_its_size_says)
{
	put_ste(STREAMS, VSID, STE_S1);
	cr_assert_eq(use_table(STREAMS, 7), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_null(refused_field(VSID));
	cr_assert_eq(use_table(STREAMS, 6), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	cr_expect_str_eq(refused_field(VSID), "LOG2SIZE");
}

/* What it says counts for the alignment all the same: RAM is where a table of 2^24 STEs may be. */
Test(nest_stream_table, a_size_beyond_that_of_the_smmu_is_cut)
{
	static const uint32_t sizes_above_ram[] = { 25, 26, 57, 58, 63 };

	put_ste(RAM, VSID, STE_S1);
	cr_assert_eq(use_table(RAM, 24), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	for (size_t i = 0; i < ARRAY_SIZE(sizes_above_ram); i++) {
		cr_assert_eq(use_table(RAM, sizes_above_ram[i]), 0);
		cr_expect_eq(dma(&vmm, 0, IOVA), -EIO, "%u", sizes_above_ram[i]);
		cr_expect_str_eq(refused_field(VSID), "STRTAB_BASE");
	}
}

/* Address bits below the size of the table count as zero, and so do those outside of ADDR. */
Test(nest_stream_table, a_base_is_aligned_to_the_table)
{
	put_ste(STREAMS, VSID, STE_S1);
	cr_assert_eq(use_table(STREAMS | 0x1fc0 | UINT64_C(1) << 62 | 0x3f, 7), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(use_table(STREAMS | 0x2000, 7), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
}

static void put_l1std(uint32_t index, uint64_t value)
{
	guest_put_words(&vmm.ram, STREAMS + index * sizeof(value), &value, 1);
}

Test(nest_stream_table, two_levels_are_followed)
{
	static const struct {
		uint32_t split, shift;
	} cases[] = {
		{ 6, 6 }, { 8, 8 }, { 10, 10 }, { 7, 6 }, { 0, 6 }, /* reserved values are 6 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint32_t shift = cases[i].shift;

		memset(guest_at(&vmm.ram, STREAMS), 0, 0x30000);
		put_l1std(VSID >> shift, LEAF | (shift + 1));
		put_ste(LEAF, VSID & ((1u << shift) - 1), STE_S1);
		cr_assert_eq(use_table(STREAMS, FMT_2LVL | SPLIT(cases[i].split) | 16), 0);
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK, "case %zu", i);
	}
}

Test(nest_stream_table, a_small_leaf_is_aligned_to_itself)
{
	/* Span 3: four STEs. */
	put_l1std(VSID >> 6, LEAF | 0xc0 | 3);
	put_ste(LEAF, VSID & 63, STE_S1);
	cr_assert_eq(use_table(STREAMS, FMT_2LVL | SPLIT(6) | 16), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
}

Test(nest_stream_table, reserved_formats_are_linear)
{
	put_ste(STREAMS, VSID, STE_S1);
	cr_assert_eq(use_table(STREAMS, UINT32_C(2) << 16 | 8), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(use_table(STREAMS, UINT32_C(3) << 16 | 8), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
}

/* A guest may point anywhere; the device aborts, and the reason is available. */
Test(nest_stream_table, what_leads_nowhere_aborts)
{
	static const struct {
		uint64_t base;
		uint32_t cfg;
		uint64_t l1std; /* of VSID with SPLIT 6 */
		const char *field;
	} cases[] = {
		{ NOWHERE, 8, 0, "STRTAB_BASE" },
		{ ~UINT64_C(0), 8, 0, "STRTAB_BASE" },
		{ RAM + RAM_SIZE, 8, 0, "STRTAB_BASE" },
		{ STREAMS, 63, 0, "STRTAB_BASE" },
		{ STREAMS, 11, 0, "V" },
		{ NOWHERE, FMT_2LVL | 16, 0, "STRTAB_BASE" },
		{ STREAMS, FMT_2LVL | 16, LEAF, "Span" },
		{ STREAMS, FMT_2LVL | 16, LEAF | 2, "Span" },
		{ STREAMS, FMT_2LVL | 16, LEAF | 8, "Span" },
		{ STREAMS, FMT_2LVL | 16, LEAF | 31, "Span" },
		{ STREAMS, FMT_2LVL | 16, NOWHERE | 7, "STRTAB_BASE" },
		{ STREAMS, FMT_2LVL | 16, ~UINT64_C(0x1f) | 7, "STRTAB_BASE" },
		{ STREAMS, FMT_2LVL | 6, LEAF | 7, "LOG2SIZE" },
		{ STREAMS, FMT_2LVL, LEAF | 7, "LOG2SIZE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
		put_l1std(VSID >> 6, cases[i].l1std);
		cr_assert_eq(use_table(cases[i].base, cases[i].cfg), 0, "case %zu", i);
		cr_expect_eq(dma(&vmm, 0, PAGES), -EIO, "case %zu", i);
		cr_assert_not_null(refused_field(VSID), "case %zu", i);
		cr_expect_str_eq(refused_field(VSID), cases[i].field, "case %zu: %s", i,
			refused_field(VSID));
	}
}

Test(nest_stream_table, an_ste_is_read_whole_or_not_at_all)
{
	put_ste(STREAMS, VSID, STE_BYPASS);
	vmm.ram.range.size = STREAMS + VSID * GUEST_STE_SIZE + GUEST_STE_SIZE - 1 - RAM;
	cr_assert_eq(use_table(STREAMS, 8), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
	cr_expect_str_eq(refused_field(VSID), "STRTAB_BASE");
	vmm.ram.range.size++;
	cr_assert_eq(use_table(STREAMS, 8), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), MARK);
}

Test(nest_stream_table, no_table_reads_outside_of_memory)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	for (int i = 0; i < 3000; i++) {
		uint64_t words[4];

		for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			words[j] = random;
		}
		/* Every other time near to what a guest would write. */
		if (i % 2) {
			words[0] = (words[0] & (RAM_SIZE - 1)) | RAM;
			words[2] = (words[2] & (2 * RAM_SIZE - 1)) | RAM;
			words[1] = FMT_2LVL | SPLIT(6) | (words[1] & 31);
		}
		put_l1std(VSID >> 6, words[2]);
		cr_assert_eq(use_table(words[0], (uint32_t)words[1]), 0);
	}
	cr_expect_eq(vmm.detaches, 0);
}
