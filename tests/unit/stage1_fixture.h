/* SPDX-License-Identifier: MIT */
#ifndef TEST_STAGE1_FIXTURE_H
#define TEST_STAGE1_FIXTURE_H

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "guest.h"

#define KIB (1ull << 10)
#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define TIB (1ull << 40)

#define R IOMMUCTL_STAGE1_READ
#define W IOMMUCTL_STAGE1_WRITE
#define X IOMMUCTL_STAGE1_EXEC
#define P IOMMUCTL_STAGE1_PRIVILEGED

#define RAM_IPA	 0x40000000ull
#define RAM_SIZE (4 * MIB)

/* Tests put their tables at its start; the bytes show what they have not written. */
static inline void ram_open(struct guest_ram *ram)
{
	guest_ram_open(ram, RAM_IPA, RAM_SIZE);
	memset(ram->range.host, 0xa5, RAM_SIZE);
}

/* A descriptor, an L1CD or a word of a CD in guest memory, which is little-endian. */
static inline uint64_t word_of(const struct guest_ram *ram, uint64_t ipa)
{
	return le64toh(*(const uint64_t *)guest_at(ram, ipa));
}

static inline void set_word(const struct guest_ram *ram, uint64_t ipa, uint64_t value)
{
	*(uint64_t *)guest_at(ram, ipa) = htole64(value);
}

static const struct iommuctl_stage1_attributes normal = {
	.permissions = R | W,
	.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
	.access_flag = true,
};

static inline struct iommuctl_stage1 stage1_with(
	const struct guest_ram *ram, uint32_t granule, uint8_t input_bits, uint32_t tables)
{
	const struct iommuctl_stage1_config config = {
		.granule = granule,
		.input_bits = input_bits,
		.output_bits = 48,
		.table_ipa = RAM_IPA,
		.table_size = (uint64_t)tables * granule,
	};
	struct iommuctl_stage1 stage1;

	cr_assert_eq(iommuctl_stage1_init(&stage1, &ram->memory, &config), 0);
	return stage1;
}

static inline struct iommuctl_stage1_walk walk_to(
	const struct guest_ram *ram, const struct iommuctl_stage1 *stage1, uint64_t iova)
{
	struct iommuctl_stage1_walk walk;

	cr_assert_eq(iommuctl_stage1_walk(&ram->memory, &stage1->regime, iova, 0, &walk), 0);
	return walk;
}

/* Checks that an operation has not changed guest memory or the state. */
struct snapshot {
	uint64_t tables_used;
	void *ram;
};

static inline struct snapshot take_snapshot(
	const struct guest_ram *ram, const struct iommuctl_stage1 *stage1)
{
	struct snapshot snapshot = {
		.tables_used = stage1->tables_used,
		.ram = malloc(RAM_SIZE),
	};

	cr_assert_not_null(snapshot.ram);
	memcpy(snapshot.ram, ram->range.host, RAM_SIZE);
	return snapshot;
}

static inline void expect_unchanged(const struct guest_ram *ram, struct snapshot *snapshot,
	const struct iommuctl_stage1 *stage1)
{
	cr_expect_eq(stage1->tables_used, snapshot->tables_used);
	cr_expect_arr_eq(ram->range.host, snapshot->ram, RAM_SIZE);
	free(snapshot->ram);
}

#endif
