/* SPDX-License-Identifier: MIT */
/* The layouts of 2018, and the reasons for refusing a request. */
#ifndef LIBIOMMUCTL_GENERIC_LAYOUT_H
#define LIBIOMMUCTL_GENERIC_LAYOUT_H

#include <iommuctl/generic.h>

#include "generic/wire.h"

#define GENERIC_PAGE_SHIFT_MAX 52

/* @size bytes at @offset, 8 at most. */
struct generic_field {
	const char *name;
	uint8_t offset;
	uint8_t size;
};

static const struct generic_field stage_flags = { "flags", 0, 4 };
static const struct generic_field stage_version = { "version", 8, 4 };
static const struct generic_field stage_bytes = { "bytes", 12, 4 };
static const struct generic_field stage_base = { "base", 16, 8 };
static const struct generic_field stage_pasid_bits = { "pasid_bits", 24, 1 };
static const struct generic_field stage_s1fmt = { "s1fmt", 25, 1 };
static const struct generic_field stage_s1dss = { "s1dss", 26, 1 };
static const struct generic_field stage_disabled = { "disabled", 8, 1 };
static const struct generic_field stage_bypassed = { "bypassed", 9, 1 };
static const struct generic_field stage_aborted = { "aborted", 10, 1 };
static const struct generic_field stage_cdptr = { "cdptr", 16, 8 };
static const struct generic_field stage_asid = { "asid", 24, 2 };

static const struct generic_field invalidation_version = { "version", 0, 4 };
static const struct generic_field invalidation_type = { "type", 4, 4 };
static const struct generic_field invalidation_granularity = { "granularity", 8, 4 };
static const struct generic_field invalidation_flags = { "flags", 12, 4 };
static const struct generic_field invalidation_size = { "size", 16, 1 };
static const struct generic_field invalidation_nr_pages = { "nr_pages", 24, 8 };
static const struct generic_field invalidation_pasid = { "pasid", 32, 4 };
static const struct generic_field invalidation_arch_id = { "arch_id", 36, 4 };
static const struct generic_field invalidation_addr = { "addr", 40, 8 };

static const struct generic_field msi_iova = { "iova", 0, 8 };
static const struct generic_field msi_gpa = { "gpa", 8, 8 };
static const struct generic_field msi_granule = { "granule", 16, 4 };

static inline uint64_t generic_get(const unsigned char *request, const struct generic_field *field)
{
	return wire_get(request, field->offset, field->size);
}

static inline void generic_put(
	unsigned char *request, const struct generic_field *field, uint64_t value)
{
	wire_put(request, field->offset, field->size, value);
}

/* Fills in @problem, unless it is NULL. -EINVAL. */
int generic_refuse(struct iommuctl_generic_problem *problem, const struct generic_field *field,
	const char *reason);

/* The same for @name, an argument that the caller has left out. */
int generic_refuse_argument(struct iommuctl_generic_problem *problem, const char *name);

#endif
