// SPDX-License-Identifier: MIT
/* A stream table whose shape the caller gives, as the SMMU reads it. */
#include <errno.h>
#include <inttypes.h>

#include <iommuctl/stream_table.h>

#include "stage1/stream_table.h"
#include "stage1_fixture.h"

#define TABLE	 (RAM_IPA + 0x10000)
#define LEAF	 (RAM_IPA + 0x40000)
#define RAM_END	 (RAM_IPA + RAM_SIZE)
#define STE_SIZE 64
#define SPAN(n)	 (n)

static struct guest_ram ram;

static void open_ram(void)
{
	ram_open(&ram);
}

static void close_ram(void)
{
	guest_ram_close(&ram);
}

TestSuite(stream_table, .init = open_ram, .fini = close_ram);

/* What is expected of one StreamID: if it has no STE, @ipa stays 0. */
#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

struct row {
	const char *what;
	struct iommuctl_stream_table_shape shape;
	uint32_t sid;
	int result;
	uint64_t ipa;
};

static const struct row rows[] = {
	{ "linear", { TABLE, 4, 0 }, 3, 0, TABLE + 3 * STE_SIZE },
	{ "linear, the last", { TABLE, 4, 0 }, 15, 0, TABLE + 15 * STE_SIZE },
	{ "linear, one too many", { TABLE, 4, 0 }, 16, -ENOENT, 0 },
	{ "linear, of one", { TABLE, 0, 0 }, 0, 0, TABLE },
	{ "low bits of the base", { TABLE + 0x3ff, 4, 0 }, 1, 0, TABLE + STE_SIZE },
	{ "all StreamIDs", { TABLE, 32, 0 }, UINT32_MAX, -EFAULT, UINT64_C(0xffffffff) * STE_SIZE },
	{ "linear, behind memory", { RAM_END, 4, 0 }, 0, -EFAULT, RAM_END },
	{ "two levels", { TABLE, 16, 8 }, 0x102, 0, LEAF + 2 * STE_SIZE },
	{ "two levels, beyond the span", { TABLE, 16, 8 }, 0x108, -ENOENT, 0 },
	{ "two levels, no span", { TABLE, 16, 8 }, 0x200, -ENOENT, 0 },
	{ "two levels, a span that is reserved", { TABLE, 16, 8 }, 0x300, -ENOENT, 0 },
	{ "two levels, L2 behind memory", { TABLE, 16, 8 }, 0x400, -EFAULT, RAM_END },
	{ "two levels, L1 behind memory", { RAM_END, 16, 8 }, 0x100, -EFAULT, RAM_END + 8 },
	{ "two levels, beyond the table", { TABLE, 16, 8 }, 0x10000, -ENOENT, 0 },
	{ "a split that is none", { TABLE, 16, 7 }, 0, -EINVAL, 0 },
	{ "a split that wraps around", { TABLE, 16, 38 }, 0, -EINVAL, 0 },
	{ "a StreamID of 33 bits", { TABLE, 33, 0 }, 0, -EINVAL, 0 },
	{ "a StreamID of 58 bits", { TABLE, 58, 0 }, 0, -EINVAL, 0 },
	{ "a StreamID of 255 bits", { TABLE, 255, 0 }, 0, -EINVAL, 0 },
	{ "a StreamID of 255 bits, two levels", { TABLE, 255, 8 }, 0, -EINVAL, 0 },
};

static void build(void)
{
	static const uint64_t l1stds[] = { 0, LEAF | SPAN(4), 0, LEAF | SPAN(10),
		RAM_END | SPAN(1) };

	guest_put_words(&ram, TABLE, l1stds, ARRAY_SIZE(l1stds));
}

static void check(const struct row *row)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { UNTOUCHED, [7] = UNTOUCHED }, ipa = 0;
	struct iommuctl_smmuv3_refusal refusal = { .reason = NULL };

	cr_expect_eq(iommuctl_stream_table_read(
			     &ram.memory, &row->shape, row->sid, words, &ipa, &refusal),
		row->result, "%s", row->what);
	cr_expect_eq(ipa, row->ipa, "%s: 0x%" PRIx64, row->what, ipa);
	if (row->result)
		cr_expect_not_null(refusal.reason, "%s", row->what);
	cr_expect_eq(words[0], row->result ? UNTOUCHED : word_of(&ram, row->ipa), "%s", row->what);
	cr_expect_eq(
		words[7], row->result ? UNTOUCHED : word_of(&ram, row->ipa + 56), "%s", row->what);
}

Test(stream_table, an_ste_is_found_where_the_smmu_finds_it)
{
	build();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

Test(stream_table, an_ste_cut_by_the_end_of_memory_is_not_returned_in_part)
{
	uint64_t half[IOMMUCTL_SMMUV3_STE_WORDS / 2] = { 1 };
	const struct iommuctl_guest_range range = { TABLE, sizeof(half), half };
	const struct iommuctl_guest_memory memory = { .ranges = &range, .range_count = 1 };
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { UNTOUCHED }, ipa = 0;

	cr_expect_eq(iommuctl_stream_table_read(&memory,
			     &(struct iommuctl_stream_table_shape){ .base = TABLE }, 0, words, &ipa,
			     NULL),
		-EFAULT);
	cr_expect_eq(words[0], UNTOUCHED);
	cr_expect_eq(ipa, TABLE);
}

Test(stream_table, why_there_is_none_need_not_be_asked)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], ipa;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].result)
			continue;
		build();
		cr_expect_eq(iommuctl_stream_table_read(
				     &ram.memory, &rows[i].shape, rows[i].sid, words, &ipa, NULL),
			rows[i].result, "%s", rows[i].what);
	}
}

/* Registers come from the guest, their limits from whoever shows it an SMMU. */
Test(stream_table, registers_say_no_more_than_a_streamid_has)
{
	const struct iommuctl_smmuv3_idr idr = { .sidsize = 63 };
	struct stream_table table = { .memory = &ram.memory };

	stream_table_decode(&idr, TABLE, 63, &table);
	cr_expect_eq(table.log2size, IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX);
	cr_expect_eq(table.base, 0);
}
