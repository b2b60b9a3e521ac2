/* SPDX-License-Identifier: MIT */
/* What the tests of the SMMUv3 tables share. */
#ifndef SMMUV3_LAYOUT_H
#define SMMUV3_LAYOUT_H

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_field.h>

/* A field where the architecture puts it: bits @msb down to @lsb of the whole structure. */
struct position {
	const char *name;
	unsigned int msb;
	unsigned int lsb;
};

static inline void check_positions(const struct position *positions, size_t count,
	const struct iommuctl_smmuv3_field *(*find)(const char *name))
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct iommuctl_smmuv3_field *field = find(positions[i].name);

		cr_assert_not_null(field, "%s is missing", positions[i].name);
		cr_expect_eq(
			field->word * 64 + field->lsb, positions[i].lsb, "%s lsb", field->name);
		cr_expect_eq(field->word * 64 + field->lsb + field->width - 1, positions[i].msb,
			"%s msb", field->name);
	}
}

#endif
