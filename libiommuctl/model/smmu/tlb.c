// SPDX-License-Identifier: MIT
/*
 * The TLB: entries without gaps, and a hash table of chains of them, by page. Dropping the entries
 * of a few pages searches their chains, anything else all entries.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu/private.h"

/* An entry is named by 1 + its index in chains; 0 ends one. */
static uint16_t *chain_of(const struct smmu_tlb *tlb, uint64_t page)
{
	const uint64_t hash = page / SMMU_PAGE_SIZE * UINT64_C(0x9e3779b97f4a7c15);

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
	uint16_t at = *chain_of(tlb, key->page);

	while (at && !is_same_key(&tlb->entries[at - 1].key, key))
		at = tlb->entries[at - 1].next;
	return at ? &tlb->entries[at - 1] : NULL;
}

static void link_entry(struct smmu_tlb *tlb, uint32_t index)
{
	struct smmu_tlb_entry *entry = &tlb->entries[index];
	uint16_t *chain = chain_of(tlb, entry->key.page);

	entry->next = *chain;
	*chain = (uint16_t)(index + 1);
}

static void unlink_entry(struct smmu_tlb *tlb, uint32_t index)
{
	struct smmu_tlb_entry *entry = &tlb->entries[index];
	uint16_t *link = chain_of(tlb, entry->key.page);

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

/* The last entry takes the place of the removed one. */
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

/* Another entry takes the place of a removed one, so the chain is searched again. */
static void drop_from_chain(
	struct smmu_tlb *tlb, const struct smmu_tlb_scope *scope, const uint16_t *chain)
{
	uint16_t at = *chain;

	while (at) {
		const uint32_t index = at - 1u;

		if (is_in_scope(&tlb->entries[index].key, scope)) {
			remove_entry(tlb, index);
			at = *chain;
		} else {
			at = tlb->entries[index].next;
		}
	}
}

static void drop_from_all(struct smmu_tlb *tlb, const struct smmu_tlb_scope *scope)
{
	for (uint32_t i = tlb->count; i-- > 0;) {
		if (is_in_scope(&tlb->entries[i].key, scope))
			remove_entry(tlb, i);
	}
}

void smmu_tlb_drop(struct smmu_tlb *tlb, const struct smmu_tlb_scope *scope)
{
	const uint64_t first = scope->first / SMMU_PAGE_SIZE;
	const uint64_t last = scope->last / SMMU_PAGE_SIZE;

	if (last - first >= tlb->count) {
		drop_from_all(tlb, scope);
		return;
	}
	for (uint64_t page = first; page <= last; page++)
		drop_from_chain(tlb, scope, chain_of(tlb, page * SMMU_PAGE_SIZE));
}

size_t model_smmu_get_tlb(
	const struct model_smmu *smmu, struct iommuctl_model_tlb_entry *entries, size_t room)
{
	for (uint32_t i = 0; i < smmu->tlb.count && i < room; i++) {
		const struct smmu_tlb_entry *entry = &smmu->tlb.entries[i];

		entries[i] = (struct iommuctl_model_tlb_entry){
			.iova = entry->key.page,
			.size = SMMU_PAGE_SIZE,
			.ipa = entry->ipa,
			.vmid = entry->key.vmid,
			.asid = entry->key.asid,
			.stage2_only = entry->key.kind == SMMU_TLB_STAGE2,
			.global = entry->key.kind == SMMU_TLB_GLOBAL,
			.readable = entry->stage2_readable,
			.writable = entry->stage1_writable && entry->stage2_writable,
		};
	}
	return smmu->tlb.count;
}
