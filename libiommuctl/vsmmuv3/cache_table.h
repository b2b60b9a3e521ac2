/* SPDX-License-Identifier: MIT */
/* The entries of a translation cache, found by region and dropped by scope. */
#ifndef LIBIOMMUCTL_VSMMUV3_CACHE_TABLE_H
#define LIBIOMMUCTL_VSMMUV3_CACHE_TABLE_H

#include <stddef.h>

#include <iommuctl/smmuv3_cmd.h>

#include "vsmmuv3/access.h"

/* The address bits that an entry is found by; above them is the top byte. */
#define CACHE_ADDRESS_BITS 56
#define CACHE_ADDRESS_MASK ((UINT64_C(1) << CACHE_ADDRESS_BITS) - 1)

/*
 * How many entries a chain may have. A guest chooses which of them share one, by their regions or
 * by giving many streams and SSIDs the same region; this bounds its every look-up.
 */
#define CACHE_CHAIN_MAX 64

struct cache_entry {
	uint64_t base; /* of the region, without the top byte */
	struct vsmmuv3_leaf leaf;
	uint32_t sid;
	uint32_t ssid; /* 0 without one */
	bool has_ssid;
	uint8_t top_byte;
	uint16_t next; /* in its chain: an older one */
	uint16_t prev;
};

/* Entries without gaps, in chains by region; one is named by 1 + its index, and 0 ends a chain. */
struct vsmmuv3_cache {
	struct cache_entry *entries;
	uint16_t *chains;
	uint32_t capacity;
	uint32_t chain_count; /* a power of two */
	uint32_t count;
	uint32_t victim;	/* the next one replaced when it is full */
	uint32_t of_size[64];	/* how many entries have 1 << i bytes */
	uint64_t sizes_present; /* bit i: of_size[i] is not 0 */
	uint64_t hits;
	uint64_t misses;
};

/* What a command covers; configuration commands ignore addresses. */
struct cache_scope {
	bool (*has)(const struct cache_scope *scope, const struct cache_entry *entry);
	const struct iommuctl_smmuv3_cmd *cmd;
	uint64_t first;
	uint64_t last;
};

/* The entry for the region of 1 << @bits bytes around @access, whatever it permits. */
struct cache_entry *cache_table_find(const struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access, unsigned int bits);

/* The key must be absent. An old entry makes room, in the same chain if that is full. */
void cache_table_add(struct vsmmuv3_cache *cache, const struct cache_entry *entry);

/* Drops the entries in scope, [first, last] included. Returns how many it has examined. */
size_t cache_table_drop(struct vsmmuv3_cache *cache, const struct cache_scope *scope);

#endif
