/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_STAGE1_EDIT_H
#define LIBIOMMUCTL_STAGE1_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/stage1.h>

#include "stage1/layout.h"

/* How often a pass may come to each table, once for each level; in honest tables it comes once. */
#define STAGE1_VISITS_MAX 4

/*
 * What happens to every leaf of [iova, last]: the bits of @clear go, then the bits of @set come.
 *
 * @maps:      nothing may be mapped there yet; otherwise everything has to be
 * @moves:     the output becomes that of [ipa, ...], and the leaf gets the type of its level
 * @no_blocks: new leaves are pages
 */
struct stage1_edit {
	uint64_t iova;
	uint64_t last;
	uint64_t ipa;
	uint64_t clear;
	uint64_t set;
	bool maps;
	bool moves;
	bool no_blocks;
};

/*
 * Finds out whether the edit can be made, then makes it. -EEXIST, -ENOENT, -ENOSPC and -EFAULT as
 * in <iommuctl/stage1.h>; the addresses have been checked by the caller.
 */
int stage1_edit(struct iommuctl_stage1 *stage1, const struct stage1_layout *layout,
	const struct stage1_edit *edit);

#endif
