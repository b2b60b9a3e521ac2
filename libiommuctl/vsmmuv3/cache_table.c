// SPDX-License-Identifier: MIT
#include "vsmmuv3/cache_table.h"

static uint64_t base_of(uint64_t iova, unsigned int bits)
{
	return (iova & CACHE_ADDRESS_MASK) >> bits << bits;
}

/* Not hashed by stream: dropping a page concerns all streams that have it. */
static uint16_t *chain_of(const struct vsmmuv3_cache *cache, uint64_t base, unsigned int bits)
{
	const uint64_t hash = ((base >> bits) + bits) * UINT64_C(0x9e3779b97f4a7c15);

	return &cache->chains[(hash >> 32) & (cache->chain_count - 1)];
}

static uint16_t *chain_of_entry(const struct vsmmuv3_cache *cache, const struct cache_entry *entry)
{
	return chain_of(cache, entry->base, entry->leaf.size_bits);
}

static bool serves(const struct cache_entry *entry, const struct iommuctl_vsmmuv3_access *access,
	uint64_t base, unsigned int bits)
{
	return entry->base == base && entry->leaf.size_bits == bits && entry->sid == access->sid &&
	       entry->has_ssid == access->has_ssid &&
	       (!entry->has_ssid || entry->ssid == access->ssid) &&
	       (entry->leaf.top_byte_ignored ||
		       entry->top_byte == access->iova >> CACHE_ADDRESS_BITS);
}

struct cache_entry *cache_table_find(const struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access, unsigned int bits)
{
	const uint64_t base = base_of(access->iova, bits);
	uint16_t at = *chain_of(cache, base, bits);

	while (at && !serves(&cache->entries[at - 1], access, base, bits))
		at = cache->entries[at - 1].next;
	return at ? &cache->entries[at - 1] : NULL;
}

static void link_entry(struct vsmmuv3_cache *cache, uint32_t index)
{
	struct cache_entry *entry = &cache->entries[index];
	uint16_t *chain = chain_of_entry(cache, entry);

	entry->next = *chain;
	*chain = (uint16_t)(index + 1);
}

static void unlink_entry(struct vsmmuv3_cache *cache, uint32_t index)
{
	struct cache_entry *entry = &cache->entries[index];
	uint16_t *link = chain_of_entry(cache, entry);

	while (*link != index + 1)
		link = &cache->entries[*link - 1].next;
	*link = entry->next;
}

static void count_size(struct vsmmuv3_cache *cache, unsigned int bits, bool one_more)
{
	cache->of_size[bits] += one_more ? 1 : UINT32_MAX;
	if (cache->of_size[bits])
		cache->sizes_present |= UINT64_C(1) << bits;
	else
		cache->sizes_present &= ~(UINT64_C(1) << bits);
}

/* The last entry takes the place of the removed one. */
static void remove_entry(struct vsmmuv3_cache *cache, uint32_t index)
{
	const uint32_t last = cache->count - 1;

	count_size(cache, cache->entries[index].leaf.size_bits, false);
	unlink_entry(cache, index);
	if (index != last) {
		unlink_entry(cache, last);
		cache->entries[index] = cache->entries[last];
		link_entry(cache, index);
	}
	cache->count = last;
}

void cache_table_add(struct vsmmuv3_cache *cache, const struct cache_entry *entry)
{
	if (cache->count == cache->capacity) {
		cache->victim = (cache->victim + 1) % cache->capacity;
		remove_entry(cache, cache->victim);
	}
	cache->entries[cache->count] = *entry;
	count_size(cache, entry->leaf.size_bits, true);
	link_entry(cache, cache->count++);
}

static bool is_in_scope(const struct cache_entry *entry, const struct cache_scope *scope)
{
	const uint64_t last = entry->base + ((UINT64_C(1) << entry->leaf.size_bits) - 1);

	return last >= scope->first && entry->base <= scope->last && scope->has(scope, entry);
}

static size_t drop_from_all(struct vsmmuv3_cache *cache, const struct cache_scope *scope)
{
	const uint32_t looks = cache->count;

	for (uint32_t i = looks; i-- > 0;)
		if (is_in_scope(&cache->entries[i], scope))
			remove_entry(cache, i);
	return looks;
}

/* Another entry takes the place of a removed one, so the chain is searched again. */
static size_t drop_from_chain(
	struct vsmmuv3_cache *cache, const struct cache_scope *scope, const uint16_t *chain)
{
	uint16_t at = *chain;
	size_t looks = 1;

	while (at) {
		const uint32_t index = at - 1u;

		looks++;
		if (is_in_scope(&cache->entries[index], scope)) {
			remove_entry(cache, index);
			at = *chain;
		} else {
			at = cache->entries[index].next;
		}
	}
	return looks;
}

/* Searches size by size, as long as that is less work than searching all entries. */
size_t cache_table_drop(struct vsmmuv3_cache *cache, const struct cache_scope *scope)
{
	uint64_t sizes = cache->sizes_present, regions = 0;
	size_t looks = 0;

	for (uint64_t rest = sizes; rest; rest &= rest - 1) {
		const unsigned int bits = (unsigned int)__builtin_ctzll(rest);

		regions += (scope->last >> bits) - (scope->first >> bits) + 1;
	}
	if (regions >= cache->count)
		return drop_from_all(cache, scope);
	for (; sizes; sizes &= sizes - 1) {
		const unsigned int bits = (unsigned int)__builtin_ctzll(sizes);

		for (uint64_t i = scope->first >> bits; i <= scope->last >> bits; i++)
			looks += drop_from_chain(cache, scope, chain_of(cache, i << bits, bits));
	}
	return looks;
}
