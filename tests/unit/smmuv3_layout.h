/* SPDX-License-Identifier: MIT */
/* What the tests of tables of fields share. */
#ifndef SMMUV3_LAYOUT_H
#define SMMUV3_LAYOUT_H

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_field.h>

#include "array.h"

/* A field where the architecture puts it: bits @msb down to @lsb of the whole structure. */
struct position {
	const char *name;
	unsigned int msb;
	unsigned int lsb;
};

static inline void check_positions(const struct position *positions, size_t count,
	const struct iommuctl_smmuv3_field *(*find)(const char *name))
{
	for (size_t i = 0; i < count; i++) {
		const struct iommuctl_smmuv3_field *field = find(positions[i].name);

		cr_assert_not_null(field, "%s is missing", positions[i].name);
		cr_expect_eq(
			field->word * 64 + field->lsb, positions[i].lsb, "%s lsb", field->name);
		cr_expect_eq(field->word * 64 + field->lsb + field->width - 1, positions[i].msb,
			"%s msb", field->name);
	}
}

/* The same of a whole table, in which several fields may have one name. */
static inline void check_layout(const struct position *positions, size_t position_count,
	const struct iommuctl_smmuv3_field *fields, size_t count)
{
	cr_assert_eq(count, position_count);
	for (size_t i = 0; i < count; i++) {
		const unsigned int lsb = fields[i].word * 64 + fields[i].lsb;

		cr_expect_str_eq(fields[i].name, positions[i].name);
		cr_expect_eq(lsb, positions[i].lsb, "%s lsb", fields[i].name);
		cr_expect_eq(lsb + fields[i].width - 1, positions[i].msb, "%s msb", fields[i].name);
	}
}

/* Every field lies in its word and its member, and no two overlap. */
static inline void check_fields(
	const struct iommuctl_smmuv3_field *fields, size_t count, size_t words)
{
	uint64_t taken[8] = { 0 };

	cr_assert_gt(count, 0);
	cr_assert_leq(words, ARRAY_SIZE(taken));
	for (size_t i = 0; i < count; i++) {
		uint64_t mask = iommuctl_smmuv3_field_mask(&fields[i]);

		cr_assert_lt(fields[i].word, words);
		cr_expect_leq(fields[i].lsb + fields[i].width, 64, "%s", fields[i].name);
		cr_expect_leq(fields[i].width, 8 * fields[i].size, "%s", fields[i].name);
		cr_expect_eq(taken[fields[i].word] & mask, 0, "%s", fields[i].name);
		taken[fields[i].word] |= mask;
	}
}

#endif
