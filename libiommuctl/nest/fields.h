/* SPDX-License-Identifier: MIT */
/*
 * Every field of an STE and a CD, and its effect under a nest on the physical SMMU, which has more
 * features than a guest may be shown.
 */
#ifndef LIBIOMMUCTL_NEST_FIELDS_H
#define LIBIOMMUCTL_NEST_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>

struct nest_features {
	struct iommuctl_smmuv3_idr hardware;
	struct iommuctl_smmuv3_idr guest; /* the SMMU as the guest sees it */
};

enum nest_treatment {
	/* Of an STE: */
	NEST_PASSES, /* the hardware gets the guest's value, unless it is ILLEGAL */
	NEST_NEEDS,  /* the same, but 0 without the feature */
	NEST_FORCES, /* 1 with the feature, else 0, whatever the guest's value is */
	NEST_DROPS,  /* the guest's value is dropped: the kernel has its own */
	/* Of a CD, which the hardware reads in guest memory: */
	NEST_HARMS_ONLY_GUEST,
	NEST_IS_OFF, /* the STE switches it off */
};

struct nest_field {
	const char *name; /* as in the codec's table */
	const char *ids;  /* what its meaning depends on */
	bool (*feature)(
		const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste);
	const char *why;
	enum nest_treatment treatment;
	uint16_t offset; /* in struct iommuctl_smmuv3_ste */
	uint8_t size;
};

const struct nest_field *nest_ste_fields(size_t *count);
const struct nest_field *nest_cd_fields(size_t *count);

/* The part of @ste that the hardware gets. @ste has stage 1, and the guest's SMMU accepts it. */
struct iommuctl_smmuv3_ste nest_fields_translate(
	const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste);

#endif
