/* SPDX-License-Identifier: MIT */
/*
 * The translation cache that all emulated devices of a guest's SMMU share. Its lock nests inside
 * the SMMU's.
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
	struct vsmmuv3_cache *cache; /* NULL: not made */
};

/* Returns 0 or -errno. */
int vsmmuv3_shared_cache_init(struct vsmmuv3_shared_cache *shared, uint32_t entries);
void vsmmuv3_shared_cache_release(struct vsmmuv3_shared_cache *shared);

/*
 * Drops everything, for a register change that affects walks. A translation under way is ordered
 * before the change.
 */
void vsmmuv3_shared_cache_forget(struct vsmmuv3_shared_cache *shared);

/*
 * For legal commands of the guest, or one. Returns the cost, in units of a command queue's budget.
 * Once it exceeds @most, the remaining commands cost nothing: all translations are dropped.
 */
uint32_t vsmmuv3_shared_cache_commands(struct vsmmuv3_shared_cache *shared,
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, uint64_t most);
uint32_t vsmmuv3_shared_cache_command(
	struct vsmmuv3_shared_cache *shared, const struct iommuctl_smmuv3_cmd *cmd);

#endif
