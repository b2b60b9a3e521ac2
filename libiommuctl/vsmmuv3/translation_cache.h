/* SPDX-License-Identifier: MIT */
/*
 * What walks have found, until the guest's commands say that it may be otherwise. An entry has both
 * what a TLB and what a configuration cache would tag it with, so one look-up is all that a hit
 * costs; commands about either drop it. It allocates nothing once it is made. One thread at a time.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_TRANSLATION_CACHE_H
#define LIBIOMMUCTL_VSMMUV3_TRANSLATION_CACHE_H

#include <stddef.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/vsmmuv3.h>

#include "vsmmuv3/access.h"

#define VSMMUV3_CACHE_ENTRIES_MAX IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX

struct vsmmuv3_cache;

/* @entries: 1 to VSMMUV3_CACHE_ENTRIES_MAX. -EINVAL, -ENOMEM. */
int vsmmuv3_cache_new(uint32_t entries, struct vsmmuv3_cache **cache);
void vsmmuv3_cache_free(struct vsmmuv3_cache *cache);

bool vsmmuv3_cache_is_empty(const struct vsmmuv3_cache *cache);

/* The leaf that translates @access and lets it through; NULL: walk. Valid until the next call. */
const struct vsmmuv3_leaf *vsmmuv3_cache_find(
	struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access);

/* Keeps what a walk for @access came to; an entry that has been there for long goes for it. */
void vsmmuv3_cache_add(struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access,
	const struct vsmmuv3_leaf *leaf);

/*
 * Drops all that a legal command of the guest is about, and maybe more; others drop nothing. It
 * looks at each entry once, or at those that are in the way of the pages of a range. Returns how
 * many it has looked at.
 */
size_t vsmmuv3_cache_command(struct vsmmuv3_cache *cache, const struct iommuctl_smmuv3_cmd *cmd);

/* Drops all: where a register, which no command tells of, changes what there is to be found. */
void vsmmuv3_cache_clear(struct vsmmuv3_cache *cache);

/* How many accesses vsmmuv3_cache_find() had an answer for, and how many not. */
void vsmmuv3_cache_get_counters(
	const struct vsmmuv3_cache *cache, uint64_t *hits, uint64_t *misses);

#endif
