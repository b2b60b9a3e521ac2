/* SPDX-License-Identifier: MIT */
/* Edits stage-1 tables: the common part of mapping, unmapping, moving and protecting. */
#ifndef LIBIOMMUCTL_STAGE1_EDIT_H
#define LIBIOMMUCTL_STAGE1_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/stage1.h>

#include "stage1/layout.h"

/* How often a pass may enter each table: once for each level; honest tables need one. */
#define STAGE1_VISITS_MAX 4

/*
 * What happens to every leaf of [iova, last]: the bits of @clear are cleared, then those of @set
 * are set.
 *
 * @maps: nothing may be mapped there yet; otherwise everything must be @moves: the output becomes
 * [ipa, ...], and the leaf gets its level's type @no_blocks: new leaves are pages
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
 * Checks whether the edit is possible, then makes it. -EEXIST, -ENOENT, -ENOSPC and -EFAULT as in
 * <iommuctl/stage1.h>; the addresses were checked by the caller.
 */
int stage1_edit(struct iommuctl_stage1 *stage1, const struct stage1_layout *layout,
	const struct stage1_edit *edit);

#endif
