/* SPDX-License-Identifier: MIT */
/*
 * The cache of translations that all emulated devices of a guest's SMMU have in common. Its lock is
 * taken inside of the SMMU's, never the other way round.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_SHARED_CACHE_H
#define LIBIOMMUCTL_VSMMUV3_SHARED_CACHE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_cmd.h>

struct vsmmuv3_cache;

struct vsmmuv3_shared_cache {
	pthread_mutex_t lock;
	struct vsmmuv3_cache *cache; /* NULL: it was not made */
};

/* 0 or -errno. */
int vsmmuv3_shared_cache_init(struct vsmmuv3_shared_cache *shared, uint32_t entries);
void vsmmuv3_shared_cache_release(struct vsmmuv3_shared_cache *shared);

/* Where registers change what a walk finds. Whoever translates then has done so before. */
void vsmmuv3_shared_cache_forget(struct vsmmuv3_shared_cache *shared);

/*
 * Legal commands of the guest, or one. Returns the cost, in units of a command queue's budget. Once
 * it is above @most, the rest of several commands costs nothing: all translations are dropped.
 */
uint32_t vsmmuv3_shared_cache_commands(struct vsmmuv3_shared_cache *shared,
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, uint64_t most);
uint32_t vsmmuv3_shared_cache_command(
	struct vsmmuv3_shared_cache *shared, const struct iommuctl_smmuv3_cmd *cmd);

#endif
