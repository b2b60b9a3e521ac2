/* SPDX-License-Identifier: MIT */
/* Guest memory in an IOAS of its own. */
#ifndef RIG_RAM_H
#define RIG_RAM_H

#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/stage1.h>

/* Makes @range->size bytes, and a new IOAS in which they are at @range->ipa. 0 or -errno. */
int ram_new(struct iommuctl *ctx, int iommufd, struct iommuctl_guest_range *range, uint32_t *ioas);

#endif
