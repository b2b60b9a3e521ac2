// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <iommuctl/cd_table.h>

#include "smmuv3/values.h"
#include "stage1/guest_memory.h"
#include "stage1/reader.h"

#define MAX_S1CDMAX	  20
#define L1CD_BYTES	  UINT64_C(8)
#define CD_BYTES	  UINT64_C(64)
#define S1CONTEXTPTR_BITS 52
#define MIN_ALIGNMENT	  UINT64_C(64)

/* The geometry that S1CDMax and S1Fmt define. A linear table is its own single leaf. */
struct cd_layout {
	bool two_level;
	uint64_t top_bytes;
	uint64_t leaf_bytes;
	uint32_t leaf_entries;
	uint32_t leaves;
};

static int leaf_ssid_bits(const struct iommuctl_cd_table_shape *shape)
{
	if (!shape->s1cdmax)
		return 0;
	if (shape->s1fmt == IOMMUCTL_SMMUV3_S1FMT_LINEAR)
		return shape->s1cdmax;
	return smmuv3_leaf_ssid_bits(shape->s1fmt);
}

static int cd_layout_init(struct cd_layout *layout, const struct iommuctl_cd_table_shape *shape)
{
	int ssid_bits = shape ? leaf_ssid_bits(shape) : -EINVAL;

	if (ssid_bits < 0 || shape->s1cdmax > MAX_S1CDMAX)
		return -EINVAL;

	layout->two_level = shape->s1cdmax && shape->s1fmt != IOMMUCTL_SMMUV3_S1FMT_LINEAR;
	layout->leaf_entries = 1u << ssid_bits;
	layout->leaf_bytes = layout->leaf_entries * CD_BYTES;
	layout->leaves = shape->s1cdmax > ssid_bits ? 1u << (shape->s1cdmax - ssid_bits) : 1;
	layout->top_bytes = layout->two_level ? layout->leaves * L1CD_BYTES : layout->leaf_bytes;
	return 0;
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Where leaves start, counted from the table; also the size of a table without leaves. */
static uint64_t leaves_offset(const struct cd_layout *layout)
{
	return layout->two_level ? align_up(layout->top_bytes, layout->leaf_bytes)
				 : layout->top_bytes;
}

int iommuctl_cd_table_needs(const struct iommuctl_cd_table_shape *shape, uint32_t leaves,
	uint64_t *size, uint64_t *alignment)
{
	struct cd_layout layout;
	int err = cd_layout_init(&layout, shape);

	if (err)
		return err;
	if (layout.two_level && leaves > layout.leaves)
		return -ERANGE;

	*size = leaves_offset(&layout) + (layout.two_level ? leaves * layout.leaf_bytes : 0);
	*alignment = larger(layout.top_bytes, layout.leaf_bytes);
	return 0;
}

int iommuctl_cd_table_init(struct iommuctl_cd_table *table,
	const struct iommuctl_guest_memory *memory, const struct iommuctl_cd_table_shape *shape,
	uint64_t size)
{
	struct cd_layout layout;
	uint64_t needed, alignment, end;
	int err;

	if (!table || !memory)
		return -EINVAL;
	err = cd_layout_init(&layout, shape);
	if (err)
		return err;
	err = iommuctl_cd_table_needs(shape, 0, &needed, &alignment);
	if (err)
		return err;

	if (shape->s1contextptr & (alignment - 1))
		return -EINVAL;
	if (size < needed)
		return -ENOSPC;
	if (__builtin_add_overflow(shape->s1contextptr, size, &end) ||
		end > UINT64_C(1) << S1CONTEXTPTR_BITS)
		return -ERANGE;
	if (!iommuctl_guest_memory_at(memory, shape->s1contextptr, size))
		return -EFAULT;
	err = guest_memory_zero(memory, shape->s1contextptr, layout.top_bytes);
	if (err)
		return err;

	*table = (struct iommuctl_cd_table){ .memory = memory, .shape = *shape, .size = size };
	return 0;
}

/* The SMMU ignores address bits below the table's alignment. */
static uint64_t top_of(const struct iommuctl_cd_table_shape *shape, const struct cd_layout *layout)
{
	return shape->s1contextptr & ~(larger(layout->top_bytes, MIN_ALIGNMENT) - 1);
}

static uint64_t l1cd_ipa(
	const struct iommuctl_cd_table_shape *shape, const struct cd_layout *layout, uint32_t ssid)
{
	return top_of(shape, layout) + ssid / layout->leaf_entries * L1CD_BYTES;
}

static uint64_t cd_in_leaf(const struct cd_layout *layout, uint64_t leaf, uint32_t ssid)
{
	return leaf + ssid % layout->leaf_entries * CD_BYTES;
}

int cd_table_find(const struct stage1_reader *reader, const struct iommuctl_cd_table_shape *shape,
	uint32_t ssid, uint64_t *cd_ipa)
{
	struct iommuctl_smmuv3_l1cd l1cd;
	struct cd_layout layout;
	uint64_t word;
	int err;

	err = cd_layout_init(&layout, shape);
	if (err)
		return err;
	if (ssid >> shape->s1cdmax)
		return -ERANGE;
	if (!layout.two_level) {
		*cd_ipa = cd_in_leaf(&layout, top_of(shape, &layout), ssid);
		return 0;
	}

	err = stage1_read(reader, l1cd_ipa(shape, &layout, ssid), &word);
	if (err)
		return err;
	iommuctl_smmuv3_l1cd_decode(word, &l1cd);
	if (!l1cd.v)
		return -ENOENT;

	*cd_ipa = cd_in_leaf(&layout, l1cd.l2ptr & ~(layout.leaf_bytes - 1), ssid);
	return 0;
}

int iommuctl_cd_table_find(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_cd_table_shape *shape, uint32_t ssid, uint64_t *cd_ipa)
{
	const struct stage1_reader reader = guest_memory_reader(memory);

	return cd_table_find(&reader, shape, ssid, cd_ipa);
}

int iommuctl_cd_table_get(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_cd_table_shape *shape, uint32_t ssid,
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS])
{
	uint64_t copy[IOMMUCTL_SMMUV3_CD_WORDS];
	uint64_t cd_ipa;
	int err;

	err = iommuctl_cd_table_find(memory, shape, ssid, &cd_ipa);
	if (err)
		return err;

	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_CD_WORDS; i++) {
		err = guest_memory_load64(memory, cd_ipa + i * sizeof(copy[i]), &copy[i]);
		if (err)
			return err;
	}
	memcpy(words, copy, sizeof(copy));
	return 0;
}

/* Word 0, which has V, is zeroed first and written last. */
static int write_cd(const struct iommuctl_guest_memory *memory, uint64_t cd_ipa,
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS])
{
	int err = guest_memory_store64(memory, cd_ipa, 0);

	for (unsigned int i = IOMMUCTL_SMMUV3_CD_WORDS; i-- > 0 && !err;)
		err = guest_memory_store64(memory, cd_ipa + i * sizeof(words[i]), words[i]);
	return err;
}

/* As iommuctl_cd_table_find(), but follows only what lies in the table's region. */
static int locate_cd(const struct iommuctl_cd_table *table, uint32_t ssid, uint64_t *cd_ipa)
{
	uint64_t found;
	int err;

	if (!table || !table->memory || !table->size)
		return -EINVAL;
	err = iommuctl_cd_table_find(table->memory, &table->shape, ssid, &found);
	if (err)
		return err;
	if (found < table->shape.s1contextptr ||
		found - table->shape.s1contextptr > table->size - CD_BYTES)
		return -EFAULT;

	*cd_ipa = found;
	return 0;
}

static int set_in_new_leaf(struct iommuctl_cd_table *table, uint32_t ssid,
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS])
{
	struct iommuctl_smmuv3_l1cd l1cd = { .v = 1 };
	struct cd_layout layout;
	uint64_t offset, word;
	int err;

	err = cd_layout_init(&layout, &table->shape);
	if (err)
		return err;
	offset = leaves_offset(&layout) + table->leaves_used * layout.leaf_bytes;
	if (offset > table->size || table->size - offset < layout.leaf_bytes)
		return -ENOSPC;

	l1cd.l2ptr = table->shape.s1contextptr + offset;
	err = guest_memory_zero(table->memory, l1cd.l2ptr, layout.leaf_bytes);
	if (err)
		return err;
	err = write_cd(table->memory, cd_in_leaf(&layout, l1cd.l2ptr, ssid), words);
	if (err)
		return err;
	err = iommuctl_smmuv3_l1cd_encode(&l1cd, &word, NULL);
	if (err)
		return err;

	table->leaves_used++;
	return guest_memory_store64(table->memory, l1cd_ipa(&table->shape, &layout, ssid), word);
}

int iommuctl_cd_table_set(struct iommuctl_cd_table *table, uint32_t ssid,
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS])
{
	uint64_t cd_ipa;
	int err = locate_cd(table, ssid, &cd_ipa);

	if (err == -ENOENT)
		return set_in_new_leaf(table, ssid, words);
	if (err)
		return err;

	return write_cd(table->memory, cd_ipa, words);
}

int iommuctl_cd_table_clear(struct iommuctl_cd_table *table, uint32_t ssid)
{
	static const uint64_t zeroes[IOMMUCTL_SMMUV3_CD_WORDS];
	uint64_t cd_ipa;
	int err = locate_cd(table, ssid, &cd_ipa);

	if (err)
		return err;

	return write_cd(table->memory, cd_ipa, zeroes);
}
