// SPDX-License-Identifier: MIT
#include "vsmmuv3/shared_cache.h"

#include "vsmmuv3/translation_cache.h"

/* How many entries are examined in the time of one unit of a queue's budget. */
#define LOOKS_UNIT 16

int vsmmuv3_shared_cache_init(struct vsmmuv3_shared_cache *shared, uint32_t entries)
{
	struct vsmmuv3_cache *cache;
	int err = vsmmuv3_cache_new(entries, &cache);

	if (err)
		return err;
	err = -pthread_mutex_init(&shared->lock, NULL);
	if (err) {
		vsmmuv3_cache_free(cache);
		return err;
	}
	shared->cache = cache;
	return 0;
}

void vsmmuv3_shared_cache_release(struct vsmmuv3_shared_cache *shared)
{
	if (!shared->cache)
		return;
	pthread_mutex_destroy(&shared->lock);
	vsmmuv3_cache_free(shared->cache);
	shared->cache = NULL;
}

void vsmmuv3_shared_cache_forget(struct vsmmuv3_shared_cache *shared)
{
	pthread_mutex_lock(&shared->lock);
	vsmmuv3_cache_clear(shared->cache);
	pthread_mutex_unlock(&shared->lock);
}

/* The caller holds the lock. */
static uint32_t carry_out(struct vsmmuv3_cache *cache, const struct iommuctl_smmuv3_cmd *cmd)
{
	return 1 + (uint32_t)(vsmmuv3_cache_command(cache, cmd) / LOOKS_UNIT);
}

uint32_t vsmmuv3_shared_cache_command(
	struct vsmmuv3_shared_cache *shared, const struct iommuctl_smmuv3_cmd *cmd)
{
	uint32_t cost;

	pthread_mutex_lock(&shared->lock);
	cost = carry_out(shared->cache, cmd);
	pthread_mutex_unlock(&shared->lock);
	return cost;
}

uint32_t vsmmuv3_shared_cache_commands(struct vsmmuv3_shared_cache *shared,
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, uint64_t most)
{
	uint32_t cost = 0;

	pthread_mutex_lock(&shared->lock);
	for (size_t i = 0; i < count && !vsmmuv3_cache_is_empty(shared->cache); i++) {
		struct iommuctl_smmuv3_cmd cmd;

		iommuctl_smmuv3_cmd_decode(commands[i], &cmd);
		cost += carry_out(shared->cache, &cmd);
		if (cost > most && i + 1 < count)
			vsmmuv3_cache_clear(shared->cache);
	}
	pthread_mutex_unlock(&shared->lock);
	return cost;
}
