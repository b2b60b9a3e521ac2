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

static struct cache_entry *entry_of(const struct vsmmuv3_cache *cache, uint16_t name)
{
	return &cache->entries[name - 1];
}

static void link_entry(struct vsmmuv3_cache *cache, uint32_t index)
{
	struct cache_entry *entry = &cache->entries[index];
	uint16_t *chain = chain_of_entry(cache, entry);

	entry->next = *chain;
	entry->prev = 0;
	*chain = (uint16_t)(index + 1);
	if (entry->next)
		entry_of(cache, entry->next)->prev = *chain;
}

/* Before @entry, its chain goes on with @next; after it, back with @prev. */
static void name_neighbours(
	struct vsmmuv3_cache *cache, const struct cache_entry *entry, uint16_t next, uint16_t prev)
{
	if (entry->prev)
		entry_of(cache, entry->prev)->next = next;
	else
		*chain_of_entry(cache, entry) = next;
	if (entry->next)
		entry_of(cache, entry->next)->prev = prev;
}

static void count_size(struct vsmmuv3_cache *cache, unsigned int bits, bool one_more)
{
	cache->of_size[bits] += one_more ? 1 : UINT32_MAX;
	if (cache->of_size[bits])
		cache->sizes_present |= UINT64_C(1) << bits;
	else
		cache->sizes_present &= ~(UINT64_C(1) << bits);
}

/* The last entry takes the place of the removed one, also in its chain's order. */
static void remove_entry(struct vsmmuv3_cache *cache, uint32_t index)
{
	const uint16_t name = (uint16_t)(index + 1);
	struct cache_entry *entry = &cache->entries[index];
	const uint32_t last = cache->count - 1;

	count_size(cache, entry->leaf.size_bits, false);
	name_neighbours(cache, entry, entry->next, entry->prev);
	if (index != last) {
		*entry = cache->entries[last];
		name_neighbours(cache, entry, name, name);
	}
	cache->count = last;
}

/* The oldest entry of a chain that is full; 0: there is room. */
static uint16_t find_surplus(const struct vsmmuv3_cache *cache, const struct cache_entry *entry)
{
	uint16_t at = *chain_of_entry(cache, entry), last = 0;
	unsigned int length = 0;

	for (; at; at = entry_of(cache, at)->next) {
		last = at;
		length++;
	}
	return length < CACHE_CHAIN_MAX ? 0 : last;
}

static void make_room(struct vsmmuv3_cache *cache, const struct cache_entry *entry)
{
	const uint16_t surplus = find_surplus(cache, entry);

	if (surplus) {
		remove_entry(cache, surplus - 1u);
	} else if (cache->count == cache->capacity) {
		cache->victim = (cache->victim + 1) % cache->capacity;
		remove_entry(cache, cache->victim);
	}
}

void cache_table_add(struct vsmmuv3_cache *cache, const struct cache_entry *entry)
{
	make_room(cache, entry);
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

static size_t drop_from_chain(
	struct vsmmuv3_cache *cache, const struct cache_scope *scope, const uint16_t *chain)
{
	uint16_t at = *chain;
	size_t looks = 1;

	while (at) {
		const uint32_t index = at - 1u;

		looks++;
		at = cache->entries[index].next;
		if (!is_in_scope(&cache->entries[index], scope))
			continue;
		/* The next one is the last entry, and moves. */
		if (at == cache->count)
			at = (uint16_t)(index + 1);
		remove_entry(cache, index);
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
