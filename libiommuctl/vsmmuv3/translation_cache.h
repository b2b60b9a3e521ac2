/* SPDX-License-Identifier: MIT */
/*
 * What walks have found, until the guest's commands invalidate it. An entry has the tags of both a
 * TLB and a configuration cache, so a hit costs one look-up; commands about either drop it. It
 * never allocates once it is made. One thread at a time.
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

/* The leaf that translates @access and permits it; NULL: walk. Valid until the next call. */
const struct vsmmuv3_leaf *vsmmuv3_cache_find(
	struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access);

/* Caches the result of a walk for @access; an old entry makes room. Few are kept of one region. */
void vsmmuv3_cache_add(struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access,
	const struct vsmmuv3_leaf *leaf);

/*
 * Drops everything that a legal command of the guest covers, and maybe more; illegal ones drop
 * nothing. It examines each entry once, or those that share chains with a range's pages. Returns
 * how many it has examined.
 */
size_t vsmmuv3_cache_command(struct vsmmuv3_cache *cache, const struct iommuctl_smmuv3_cmd *cmd);

/* Drops everything: for register changes, which no command announces. */
void vsmmuv3_cache_clear(struct vsmmuv3_cache *cache);

/* How many calls of vsmmuv3_cache_find() were hits, and how many misses. */
void vsmmuv3_cache_get_counters(
	const struct vsmmuv3_cache *cache, uint64_t *hits, uint64_t *misses);

#endif
