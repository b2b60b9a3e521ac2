// SPDX-License-Identifier: MIT
/*
 * The TLB: entries without gaps, and a hash table of chains of them. What drops entries looks at
 * all of them, as there are few.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu_private.h"

/* An entry is named by 1 + its index in chains; 0 ends one. */
static uint16_t *chain_of(const struct smmu_tlb *tlb, const struct smmu_tlb_key *key)
{
	uint64_t hash = key->page / SMMU_PAGE_SIZE;

	hash ^= (uint64_t)key->vmid << 48 | (uint64_t)key->asid << 32 | (uint64_t)key->kind << 30;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return &tlb->chains[(hash >> 32) & (tlb->capacity - 1)];
}

static bool is_same_key(const struct smmu_tlb_key *a, const struct smmu_tlb_key *b)
{
	return a->page == b->page && a->vmid == b->vmid && a->asid == b->asid && a->kind == b->kind;
}

int smmu_tlb_init(struct smmu_tlb *tlb, uint32_t capacity)
{
	*tlb = (struct smmu_tlb){ .capacity = capacity };
	tlb->entries = calloc(capacity, sizeof(*tlb->entries));
	tlb->chains = calloc(capacity, sizeof(*tlb->chains));
	if (tlb->entries && tlb->chains)
		return 0;
	smmu_tlb_release(tlb);
	return -ENOMEM;
}

void smmu_tlb_release(struct smmu_tlb *tlb)
{
	free(tlb->entries);
	free(tlb->chains);
}

const struct smmu_tlb_entry *smmu_tlb_find(
	const struct smmu_tlb *tlb, const struct smmu_tlb_key *key)
{
	uint16_t at = *chain_of(tlb, key);

	while (at && !is_same_key(&tlb->entries[at - 1].key, key))
		at = tlb->entries[at - 1].next;
	return at ? &tlb->entries[at - 1] : NULL;
}

static void link_entry(struct smmu_tlb *tlb, uint32_t index)
{
	struct smmu_tlb_entry *entry = &tlb->entries[index];
	uint16_t *chain = chain_of(tlb, &entry->key);

	entry->next = *chain;
	*chain = (uint16_t)(index + 1);
}

static void unlink_entry(struct smmu_tlb *tlb, uint32_t index)
{
	struct smmu_tlb_entry *entry = &tlb->entries[index];
	uint16_t *link = chain_of(tlb, &entry->key);

	while (*link != index + 1)
		link = &tlb->entries[*link - 1].next;
	*link = entry->next;
}

void smmu_tlb_clear(struct smmu_tlb *tlb)
{
	tlb->count = 0;
	memset(tlb->chains, 0, tlb->capacity * sizeof(*tlb->chains));
}

void smmu_tlb_add(struct smmu_tlb *tlb, const struct smmu_tlb_entry *entry)
{
	if (tlb->count == tlb->capacity)
		smmu_tlb_clear(tlb);
	tlb->entries[tlb->count] = *entry;
	link_entry(tlb, tlb->count++);
}

/* The last entry takes the place of the one that goes. */
static void remove_entry(struct smmu_tlb *tlb, uint32_t index)
{
	const uint32_t last = tlb->count - 1;

	unlink_entry(tlb, index);
	if (index != last) {
		unlink_entry(tlb, last);
		tlb->entries[index] = tlb->entries[last];
		link_entry(tlb, index);
	}
	tlb->count = last;
}

static bool is_in_scope(const struct smmu_tlb_key *key, const struct smmu_tlb_scope *scope)
{
	if (!(scope->kinds & 1u << key->kind) || key->vmid != scope->vmid)
		return false;
	if (key->kind == SMMU_TLB_ASID && !scope->any_asid && key->asid != scope->asid)
		return false;
	return (key->page | ~SMMU_PAGE_MASK) >= scope->first && key->page <= scope->last;
}

void smmu_tlb_drop(struct smmu_tlb *tlb, const struct smmu_tlb_scope *scope)
{
	for (uint32_t i = tlb->count; i-- > 0;) {
		if (is_in_scope(&tlb->entries[i].key, scope))
			remove_entry(tlb, i);
	}
}
