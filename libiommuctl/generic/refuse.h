/* SPDX-License-Identifier: MIT */
/* What the two halves of this room share. */
#ifndef LIBIOMMUCTL_GENERIC_REFUSE_H
#define LIBIOMMUCTL_GENERIC_REFUSE_H

#include <iommuctl/smmuv3_field.h>

#define GENERIC_PAGE_SHIFT_MAX 52

/* Fills in @refusal, unless it is NULL, with @size bytes at @offset of a request. -EINVAL. */
int generic_refuse(struct iommuctl_smmuv3_refusal *refusal, const char *field, unsigned int offset,
	unsigned int size, const char *reason);

#endif
