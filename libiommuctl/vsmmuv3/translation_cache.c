// SPDX-License-Identifier: MIT
#include "vsmmuv3/translation_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "smmuv3/range.h"
#include "vsmmuv3/cache_table.h"

/* A range of that many granules is longer than an address can be. */
#define SCALE_OF_ALL 32

int vsmmuv3_cache_new(uint32_t entries, struct vsmmuv3_cache **cache)
{
	struct vsmmuv3_cache *made;
	uint32_t chain_count = 1;

	if (!entries || entries > VSMMUV3_CACHE_ENTRIES_MAX)
		return -EINVAL;
	while (chain_count < entries)
		chain_count *= 2;

	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->capacity = entries;
	made->chain_count = chain_count;
	made->entries = calloc(entries, sizeof(*made->entries));
	made->chains = calloc(chain_count, sizeof(*made->chains));
	if (!made->entries || !made->chains) {
		vsmmuv3_cache_free(made);
		return -ENOMEM;
	}
	*cache = made;
	return 0;
}

void vsmmuv3_cache_free(struct vsmmuv3_cache *cache)
{
	if (!cache)
		return;
	free(cache->entries);
	free(cache->chains);
	free(cache);
}

bool vsmmuv3_cache_is_empty(const struct vsmmuv3_cache *cache)
{
	return !cache->count;
}

const struct vsmmuv3_leaf *vsmmuv3_cache_find(
	struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access)
{
	for (uint64_t sizes = cache->sizes_present; sizes; sizes &= sizes - 1) {
		const unsigned int bits = (unsigned int)__builtin_ctzll(sizes);
		const struct cache_entry *entry = cache_table_find(cache, access, bits);

		if (entry && vsmmuv3_leaf_permits(&entry->leaf, access)) {
			cache->hits++;
			return &entry->leaf;
		}
	}
	cache->misses++;
	return NULL;
}

void vsmmuv3_cache_add(struct vsmmuv3_cache *cache, const struct iommuctl_vsmmuv3_access *access,
	const struct vsmmuv3_leaf *leaf)
{
	const uint64_t address = access->iova & CACHE_ADDRESS_MASK;
	const struct cache_entry entry = {
		.base = address >> leaf->size_bits << leaf->size_bits,
		.leaf = *leaf,
		.sid = access->sid,
		.ssid = access->has_ssid ? access->ssid : 0,
		.has_ssid = access->has_ssid,
		.top_byte = (uint8_t)(access->iova >> CACHE_ADDRESS_BITS),
	};
	struct cache_entry *known = cache_table_find(cache, access, leaf->size_bits);

	if (!known) {
		cache_table_add(cache, &entry);
		return;
	}
	/* The key, and so the place in the chain, stays the same. */
	known->leaf = *leaf;
	known->top_byte = entry.top_byte;
}

void vsmmuv3_cache_clear(struct vsmmuv3_cache *cache)
{
	cache->count = 0;
	cache->sizes_present = 0;
	memset(cache->of_size, 0, sizeof(cache->of_size));
	memset(cache->chains, 0, cache->chain_count * sizeof(*cache->chains));
}

void vsmmuv3_cache_get_counters(const struct vsmmuv3_cache *cache, uint64_t *hits, uint64_t *misses)
{
	*hits = cache->hits;
	*misses = cache->misses;
}

static bool has_stream(const struct cache_scope *scope, const struct cache_entry *entry)
{
	return entry->sid == scope->cmd->streamid;
}

/* The StreamIDs that differ only in their low Range + 1 bits. */
static bool has_stream_in_range(const struct cache_scope *scope, const struct cache_entry *entry)
{
	const uint64_t differing = entry->sid ^ scope->cmd->streamid;

	return !(differing >> (scope->cmd->range + 1));
}

/* Accesses without an SSID may use the CD of SSID 0; checking which do is not worth it. */
static bool has_cd(const struct cache_scope *scope, const struct cache_entry *entry)
{
	return has_stream(scope, entry) &&
	       (!entry->has_ssid || entry->ssid == scope->cmd->substreamid);
}

static bool has_stage1(const struct cache_scope *scope, const struct cache_entry *entry)
{
	(void)scope;
	return entry->leaf.scope != VSMMUV3_SCOPE_BYPASS;
}

static bool has_asid(const struct cache_scope *scope, const struct cache_entry *entry)
{
	return entry->leaf.scope == VSMMUV3_SCOPE_ASID && entry->leaf.asid == scope->cmd->asid;
}

static bool has_asid_or_is_global(const struct cache_scope *scope, const struct cache_entry *entry)
{
	return entry->leaf.scope == VSMMUV3_SCOPE_GLOBAL || has_asid(scope, entry);
}

/*
 * Without TG it is the page of the smallest granule. Leaf and TTL narrow a command: they are
 * ignored, as all entries are leaves and dropping too many is allowed.
 */
static void set_range(struct cache_scope *scope, const struct iommuctl_smmuv3_cmd *cmd)
{
	const unsigned int bits =
		smmuv3_range_granule_bits(cmd->tg ? cmd->tg : IOMMUCTL_SMMUV3_TLBI_TG_4K);
	uint64_t granules = 1;

	if (cmd->scale >= SCALE_OF_ALL)
		return;
	if (cmd->tg)
		granules = smmuv3_range_granules(cmd->num, cmd->scale);
	scope->first = (cmd->address & CACHE_ADDRESS_MASK) >> bits << bits;
	if (granules << bits <= CACHE_ADDRESS_MASK - scope->first)
		scope->last = scope->first + ((granules << bits) - 1);
}

size_t vsmmuv3_cache_command(struct vsmmuv3_cache *cache, const struct iommuctl_smmuv3_cmd *cmd)
{
	struct cache_scope scope = { .cmd = cmd, .last = CACHE_ADDRESS_MASK };

	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE:
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL: scope.has = has_stream; break;
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE: scope.has = has_stream_in_range; break;
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD: scope.has = has_cd; break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL:
	case IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL: scope.has = has_stage1; break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID: scope.has = has_asid; break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA:
		scope.has = has_asid_or_is_global;
		set_range(&scope, cmd);
		break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA:
		scope.has = has_stage1;
		set_range(&scope, cmd);
		break;
	default: return 0;
	}
	return cache_table_drop(cache, &scope);
}
