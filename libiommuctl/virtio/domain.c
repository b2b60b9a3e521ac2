// SPDX-License-Identifier: MIT
/* Domains: their IOASs, and the records of their mappings. */
#include "virtio/virtio_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/iommufd.h>

#define FIRST_ROOM 16

size_t domain_slots(const struct iommuctl_virtio_iommu *iommu)
{
	return (size_t)iommu->config.domains_max + 1;
}

struct domain *domain_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id)
{
	for (size_t i = 0; i < domain_slots(iommu); i++) {
		struct domain *domain = &iommu->domains[i];

		if (domain->id == id && domain->kind != DOMAIN_FREE && domain->kind != DOMAIN_DEAD)
			return domain;
	}
	return NULL;
}

void domain_drop(struct iommuctl_virtio_iommu *iommu, struct domain *domain)
{
	const bool has_ioas = domain->kind == DOMAIN_MAPPED || domain->kind == DOMAIN_DEAD;

	free(domain->mappings);
	domain->mappings = NULL;
	domain->mapping_count = domain->mapping_room = 0;
	if (has_ioas && iommuctl_destroy(iommu->ctx, iommu->config.iommufd, domain->ioas_id) != 0) {
		domain->kind = DOMAIN_DEAD;
		return;
	}
	domain->kind = DOMAIN_FREE;
}

/* A free slot. Retries destroying at most one dead domain for each call, so that it ends. */
static struct domain *take_slot(struct iommuctl_virtio_iommu *iommu, size_t most)
{
	struct domain *free_slot = NULL, *dead = NULL;
	size_t taken = 0;

	for (size_t i = 0; i < domain_slots(iommu); i++) {
		struct domain *domain = &iommu->domains[i];

		if (domain->kind == DOMAIN_FREE)
			free_slot = domain;
		else
			taken++;
		if (domain->kind == DOMAIN_DEAD)
			dead = domain;
	}
	if (dead) {
		domain_drop(iommu, dead);
		if (dead->kind == DOMAIN_FREE) {
			free_slot = dead;
			taken--;
		}
	}
	return taken < most ? free_slot : NULL;
}

int domain_make(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint, uint32_t id,
	enum domain_kind kind, struct domain **domain)
{
	const bool leaves_one = endpoint->domain && endpoint->domain->endpoint_count == 1;
	struct domain *slot = take_slot(iommu, iommu->config.domains_max + (size_t)leaves_one);
	uint32_t ioas_id = 0;
	int err = 0;

	if (!slot)
		return -ENOSPC;
	if (kind == DOMAIN_MAPPED)
		err = iommuctl_ioas_alloc(iommu->ctx, iommu->config.iommufd, &ioas_id);
	if (err)
		return err;
	*slot = (struct domain){ .kind = kind, .id = id, .ioas_id = ioas_id };
	*domain = slot;
	return 0;
}

/* The first mapping that ends at @address or later. */
static size_t first_mapping(const struct domain *domain, uint64_t address)
{
	size_t low = 0, high = domain->mapping_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (domain->mappings[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t domain_mappings(const struct domain *domain, uint64_t start, uint64_t last, size_t *end)
{
	const size_t first = first_mapping(domain, start);

	*end = first_mapping(domain, last);
	if (*end < domain->mapping_count && domain->mappings[*end].start <= last)
		(*end)++;
	return first;
}

int domain_reserve(const struct iommuctl_virtio_iommu *iommu, struct domain *domain)
{
	const size_t most = iommu->config.mappings_max;
	size_t room = domain->mapping_room ? 2 * domain->mapping_room : FIRST_ROOM;
	struct mapping *mappings;

	if (domain->mapping_count < domain->mapping_room)
		return 0;
	if (domain->mapping_count >= most)
		return -ENOSPC;
	if (room > most)
		room = most;
	mappings = realloc(domain->mappings, room * sizeof(*mappings));
	if (!mappings)
		return -ENOMEM;
	domain->mappings = mappings;
	domain->mapping_room = room;
	return 0;
}

void domain_insert(struct domain *domain, size_t at, const struct mapping *mapping)
{
	memmove(&domain->mappings[at + 1], &domain->mappings[at],
		(domain->mapping_count - at) * sizeof(*domain->mappings));
	domain->mappings[at] = *mapping;
	domain->mapping_count++;
}

void domain_remove(struct domain *domain, size_t first, size_t end)
{
	memmove(&domain->mappings[first], &domain->mappings[end],
		(domain->mapping_count - end) * sizeof(*domain->mappings));
	domain->mapping_count -= end - first;
}
