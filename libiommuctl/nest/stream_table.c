// SPDX-License-Identifier: MIT
/* A guest's stream table. It is the guest's: whatever it says, nothing but guest memory is read. */
#include "nest/nest_private.h"

#include <errno.h>
#include <string.h>

#include "stage1/guest_memory.h"

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
	return address >> bits << bits;
}

/* Values that are reserved count as 6. */
static uint8_t decode_split(uint32_t strtab_base_cfg)
{
	const uint8_t split = strtab_base_cfg >> SPLIT_SHIFT & SPLIT_MASK;

	return split == 8 || split == 10 ? split : SPLIT_DEFAULT;
}

/* A table is aligned to its size: lower bits of its address count as zero. */
void nest_stream_table_decode(const struct iommuctl_smmuv3_idr *idr, uint64_t strtab_base,
	uint32_t strtab_base_cfg, struct nest_stream_table *table)
{
	const unsigned int log2size = strtab_base_cfg & LOG2SIZE_MASK;
	const unsigned int format = strtab_base_cfg >> FMT_SHIFT & FMT_MASK;
	unsigned int bits;

	table->log2size = log2size < idr->sidsize ? log2size : idr->sidsize;
	table->split = format == FMT_TWO_LEVEL && idr->st_level ? decode_split(strtab_base_cfg) : 0;
	bits = table->log2size + STE_BITS;
	if (table->split)
		bits = table->log2size > table->split ? table->log2size - table->split + L1STD_BITS
						      : L1STD_BITS;
	table->base =
		align_down(strtab_base & BASE_ADDR, bits > ALIGNMENT_BITS ? bits : ALIGNMENT_BITS);
}

static int refuse(struct iommuctl_smmuv3_refusal *refusal, const char *field, const char *reason)
{
	*refusal = (struct iommuctl_smmuv3_refusal){ .field = field, .reason = reason };
	return -ENOENT;
}

static int find_second_level(const struct nest_stream_table *table, uint32_t vsid, uint64_t *ipa,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const uint64_t l1std_ipa = table->base + ((uint64_t)(vsid >> table->split) << L1STD_BITS);
	const uint32_t index = vsid & ((1u << table->split) - 1);
	unsigned int span;
	uint64_t l1std;

	if (guest_memory_load64(table->memory, l1std_ipa, &l1std))
		return refuse(refusal, "STRTAB_BASE", "the L1STD is not in guest memory");
	span = l1std & L1STD_SPAN;
	if (!span || span > table->split + 1u)
		return refuse(refusal, "Span", "the L1STD leads to no STEs");
	if (index >> (span - 1))
		return refuse(refusal, "Span", "the StreamID is beyond the STEs of its L1STD");
	*ipa = align_down(l1std & L1STD_L2PTR, span - 1 + STE_BITS) + ((uint64_t)index << STE_BITS);
	return 0;
}

int nest_stream_table_read(const struct nest_stream_table *table, uint32_t vsid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t ipa = table->base + ((uint64_t)vsid << STE_BITS);

	if ((uint64_t)vsid >> table->log2size)
		return refuse(refusal, "LOG2SIZE", "the StreamID is beyond the stream table");
	if (table->split) {
		int err = find_second_level(table, vsid, &ipa, refusal);

		if (err)
			return err;
	}
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_STE_WORDS; i++)
		if (guest_memory_load64(table->memory, ipa + i * sizeof(words[0]), &words[i]))
			return refuse(refusal, "STRTAB_BASE", "the STE is not in guest memory");
	return 0;
}

static void read_ste(const struct iommuctl_nest *nest, struct nest_device *device)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];

	if (!nest->table.memory) {
		device->illegal = (struct iommuctl_smmuv3_refusal){ .field = NULL };
		device->ste = nest->bypass ? nest_ste_bypass : nest_ste_abort;
		return;
	}
	if (nest_stream_table_read(&nest->table, device->vsid, words, &device->illegal))
		device->ste = nest_ste_abort;
	else
		device->ste = nest_ste_translate(&nest->features, words, &device->illegal);
}

int nest_device_load(struct iommuctl_nest *nest, struct nest_device *device)
{
	read_ste(nest, device);
	return nest_group_commit(nest, device->group);
}

/* All STEs first: a group whose devices change together does not abort in between. */
int nest_load_all(struct iommuctl_nest *nest)
{
	struct error_first first = { .err = 0 };

	nest_forget_reads(nest);
	for (struct nest_device *device = nest->devices; device; device = device->next)
		if (device->attached)
			read_ste(nest, device);
	for (struct nest_group *group = nest->groups; group; group = group->next)
		error_first_keep(nest->ctx, &first, nest_group_commit(nest, group));
	return error_first_tell(nest->ctx, &first);
}

int iommuctl_nest_set_stream_table(struct iommuctl_nest *nest,
	const struct iommuctl_guest_memory *memory, uint64_t strtab_base, uint32_t strtab_base_cfg)
{
	nest->table.memory = memory;
	nest_stream_table_decode(&nest->features.guest, strtab_base, strtab_base_cfg, &nest->table);
	return nest_load_all(nest);
}

int iommuctl_nest_clear_stream_table(struct iommuctl_nest *nest)
{
	nest->table.memory = NULL;
	return nest_load_all(nest);
}

int iommuctl_nest_set_bypass(struct iommuctl_nest *nest, bool bypass)
{
	nest->bypass = bypass;
	return nest->table.memory ? 0 : nest_load_all(nest);
}
