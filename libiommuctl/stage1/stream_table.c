// SPDX-License-Identifier: MIT
/* A guest's stream table. Whatever it contains, only guest memory is read. */
#include "stage1/stream_table.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <iommuctl/stream_table.h>

#include "stage1/guest_memory.h"

#define ADDRESS_BITS   64
#define BASE_ADDR      UINT64_C(0x00ffffffffffffc0)
#define FMT_SHIFT      16
#define FMT_MASK       3u
#define FMT_TWO_LEVEL  1
#define SPLIT_SHIFT    6
#define SPLIT_MASK     31u
#define LOG2SIZE_MASK  63u
#define STE_BITS       6
#define L1STD_BITS     3
#define L1STD_SPAN     31u
#define L1STD_L2PTR    UINT64_C(0x00ffffffffffffc0)
#define SPLIT_DEFAULT  6
#define ALIGNMENT_BITS 6

static uint64_t align_down(uint64_t address, unsigned int bits)
{
	return bits < ADDRESS_BITS ? address >> bits << bits : 0;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Reserved values count as 6. */
static uint8_t decode_split(uint32_t strtab_base_cfg)
{
	const uint8_t split = strtab_base_cfg >> SPLIT_SHIFT & SPLIT_MASK;

	return split == 8 || split == 10 ? split : SPLIT_DEFAULT;
}

/*
 * A table is aligned to its size: lower address bits count as zero. The size follows from
 * @log2size, which may exceed the number of StreamIDs.
 */
static uint64_t align_base(uint64_t base, unsigned int log2size, unsigned int split)
{
	unsigned int bits = log2size + STE_BITS;

	if (split)
		bits = log2size > split ? log2size - split + L1STD_BITS : L1STD_BITS;
	return align_down(base & BASE_ADDR, bits > ALIGNMENT_BITS ? bits : ALIGNMENT_BITS);
}

void stream_table_decode(const struct iommuctl_smmuv3_idr *idr, uint64_t strtab_base,
	uint32_t strtab_base_cfg, struct stream_table *table)
{
	const unsigned int log2size = strtab_base_cfg & LOG2SIZE_MASK;
	const unsigned int sid_bits = smaller(idr->sidsize, IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX);
	const unsigned int format = strtab_base_cfg >> FMT_SHIFT & FMT_MASK;

	table->log2size = smaller(log2size, sid_bits);
	table->split = format == FMT_TWO_LEVEL && idr->st_level ? decode_split(strtab_base_cfg) : 0;
	table->base = align_base(strtab_base, log2size, table->split);
}

static int refuse(
	struct iommuctl_smmuv3_refusal *refusal, int error, const char *field, const char *reason)
{
	if (refusal)
		*refusal = (struct iommuctl_smmuv3_refusal){ .field = field, .reason = reason };
	return error;
}

/* Replaces the address of the L1STD in *@fetch by that of the STE. */
static int find_second_level(const struct stream_table *table, uint32_t sid, uint64_t *fetch,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const uint32_t index = sid & ((1u << table->split) - 1);
	unsigned int span;
	uint64_t l1std;

	*fetch = table->base + ((uint64_t)(sid >> table->split) << L1STD_BITS);
	if (guest_memory_load64(table->memory, *fetch, &l1std))
		return refuse(refusal, -EFAULT, "STRTAB_BASE", "the L1STD is not in guest memory");
	span = l1std & L1STD_SPAN;
	if (!span || span > table->split + 1u)
		return refuse(refusal, -ENOENT, "Span", "the L1STD points to no STEs");
	if (index >> (span - 1))
		return refuse(
			refusal, -ENOENT, "Span", "the StreamID is beyond the STEs of its L1STD");
	*fetch = align_down(l1std & L1STD_L2PTR, span - 1 + STE_BITS) +
		 ((uint64_t)index << STE_BITS);
	return 0;
}

int stream_table_read(const struct stream_table *table, uint32_t sid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], uint64_t *fetch,
	struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t read[IOMMUCTL_SMMUV3_STE_WORDS];

	*fetch = table->base + ((uint64_t)sid << STE_BITS);
	if ((uint64_t)sid >> table->log2size)
		return refuse(
			refusal, -ENOENT, "LOG2SIZE", "the StreamID is beyond the stream table");
	if (table->split) {
		int err = find_second_level(table, sid, fetch, refusal);

		if (err)
			return err;
	}
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_STE_WORDS; i++)
		if (guest_memory_load64(table->memory, *fetch + i * sizeof(read[0]), &read[i]))
			return refuse(
				refusal, -EFAULT, "STRTAB_BASE", "the STE is not in guest memory");
	memcpy(words, read, sizeof(read));
	return 0;
}

int iommuctl_stream_table_read(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stream_table_shape *shape, uint32_t sid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], uint64_t *ipa,
	struct iommuctl_smmuv3_refusal *refusal)
{
	struct stream_table table = {
		.memory = memory,
		.log2size = shape->log2size,
		.split = shape->split,
	};
	uint64_t fetch;
	int err;

	if (shape->log2size > IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX)
		return refuse(refusal, -EINVAL, "LOG2SIZE", "StreamIDs have 32 bits");
	if (shape->split && shape->split != decode_split(shape->split << SPLIT_SHIFT))
		return refuse(refusal, -EINVAL, "SPLIT", "it is 6, 8 or 10");
	table.base = align_base(shape->base, shape->log2size, shape->split);
	err = stream_table_read(&table, sid, words, &fetch, refusal);
	if (err == 0 || err == -EFAULT)
		*ipa = fetch;
	return err;
}
