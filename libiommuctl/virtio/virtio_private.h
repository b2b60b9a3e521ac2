/* SPDX-License-Identifier: MIT */
/* The state of a virtio-iommu, and the interfaces of its sources. */
#ifndef LIBIOMMUCTL_VIRTIO_VIRTIO_PRIVATE_H
#define LIBIOMMUCTL_VIRTIO_VIRTIO_PRIVATE_H

#include <iommuctl/virtio_iommu.h>

#include "core/call.h"

#define FEATURE(name) (UINT64_C(1) << ABI_VIRTIO_IOMMU_F_##name)

struct range {
	uint64_t start;
	uint64_t last; /* inclusive */
};

/* A mapping of the guest; of a one-to-one mapping, only memory is in the IOAS. */
struct mapping {
	uint64_t start;
	uint64_t last;
	uint64_t physical; /* what start leads to */
	uint8_t access;	   /* ABI_VIRTIO_IOMMU_MAP_F_… */
};

static inline bool mapping_is_one_to_one(const struct mapping *mapping)
{
	return mapping->start == mapping->physical;
}

enum domain_kind {
	DOMAIN_FREE,
	DOMAIN_MAPPED,
	DOMAIN_BYPASS,
	DOMAIN_TABLE,
	DOMAIN_DEAD, /* gone for the guest, but its IOAS could not be destroyed yet */
};

struct domain {
	enum domain_kind kind;
	uint32_t id;
	uint32_t ioas_id;
	uint32_t endpoint_count;
	struct mapping *mappings; /* by address */
	size_t mapping_count;
	size_t mapping_room;
};

struct place {
	bool attached;
	uint32_t ioas_id; /* if so */
};

struct endpoint {
	uint32_t id;
	int device;
	bool group_known;
	uint32_t group;	     /* the IOMMU group, if known */
	struct place now;    /* what the device is attached to here */
	struct place before; /* the same before a change */
	bool leaves;	     /* while it is removed */
	bool nested;
	bool emulated;
	uint32_t vsid;
	uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS]; /* if nested */
	struct iommuctl_virtio_iommu_region *regions;
	size_t region_count;
	struct domain *domain; /* NULL: in none */
};

/* Whether we attach it: a nest attaches its own, and an emulated one has no device. */
static inline bool endpoint_is_attached_here(const struct endpoint *endpoint)
{
	return !endpoint->nested && !endpoint->emulated;
}

struct iommuctl_virtio_iommu {
	struct iommuctl *ctx;
	struct iommuctl_virtio_iommu_config config;
	struct iommuctl_virtio_iommu_drafts drafts;
	struct iommuctl_smmuv3_idr idr;
	uint64_t features; /* accepted */
	bool bypass;
	bool finds_reach;   /* no input range was requested: it is what the IOMMUs support, … */
	bool finds_pages;   /* … and so are the pages */
	struct range reach; /* the input range */
	bool has_guide;
	uint32_t guide; /* an IOAS for finding memory */
	struct endpoint *endpoints;
	size_t endpoint_count;
	struct domain *domains; /* one more than domains_max: an endpoint moves before it leaves */
	uint32_t *vsids;	/* room for those of one domain */
};

/* A failure about @what that no kernel call caused: call_refuse(). */
int viommu_refuse(const struct iommuctl_virtio_iommu *iommu, enum operation operation,
	struct call_object what, int error, const struct iommuctl_explanation *why);

/* endpoint.c */

struct endpoint *endpoint_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id);

/*
 * Moves @endpoint to @domain; NULL: to none. @ste is for one with tables. A domain that it was the
 * last one in is destroyed. On failure nothing changes, and an empty domain is destroyed.
 */
int endpoint_move(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste);

/* Turns bypass on or off for all endpoints outside of domains. */
int endpoints_set_bypass(struct iommuctl_virtio_iommu *iommu, bool bypass);

/* Detaches it and removes it from its domain, whatever the kernel says. */
void endpoint_cut_off(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

bool endpoint_has_region(const struct endpoint *endpoint, uint64_t start, uint64_t last);

/* domain.c */

struct domain *domain_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id);

/* The number of elements of iommu->domains. */
size_t domain_slots(const struct iommuctl_virtio_iommu *iommu);

/*
 * Makes a domain for @endpoint, without endpoints yet: move it there. -ENOSPC: there are
 * domains_max, not counting one that @endpoint is the last one in.
 */
int domain_make(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint, uint32_t id,
	enum domain_kind kind, struct domain **domain);

/* Ends an empty domain. */
void domain_drop(struct iommuctl_virtio_iommu *iommu, struct domain *domain);

/* The mappings that overlap the range are @first to *@end, exclusive. */
size_t domain_mappings(const struct domain *domain, uint64_t start, uint64_t last, size_t *end);

/* Makes room for one more mapping. -ENOSPC: there are mappings_max. */
int domain_reserve(const struct iommuctl_virtio_iommu *iommu, struct domain *domain);

void domain_insert(struct domain *domain, size_t at, const struct mapping *mapping);
void domain_remove(struct domain *domain, size_t first, size_t end);

/* place.c */

/* Attaches all of @endpoint's group, or none, as their domains say. On failure nothing changes. */
int place_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

/* The same for the rest of the group of @endpoint, which leaves. */
int place_others_of_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

int place_detach(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

/* Queries the group of @endpoint, which may stay unknown. */
int place_find_group(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

/* reach.c */

/* What devices can map in an IOAS: from the start of its first range to the end of the last. */
int reach_of_ioas(struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, struct range *reach);

/* Narrows the input range to what the IOMMU of @endpoint, which is detached, supports. */
int reach_narrow(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

/* The same for one that is attached to the memory. */
int reach_narrow_to_memory(struct iommuctl_virtio_iommu *iommu);

/* memory.c */

/*
 * Maps the memory in @range of guest-physical addresses onto itself in @domain; read-only memory
 * stays read-only. On failure everything is unmapped again. -ENOSPC: the memory is in too many
 * pieces.
 */
int memory_map_pieces(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint8_t access);

/* Whether @domain maps anything at @address: 1, 0, or -errno. */
int memory_is_left(
	struct iommuctl_virtio_iommu *iommu, const struct domain *domain, uint64_t address);

void memory_free_guide(struct iommuctl_virtio_iommu *iommu);

/* mapping.c */

/* Maps the memory at @physical at @range of @domain, and records it. */
int mapping_add(struct iommuctl_virtio_iommu *iommu, struct domain *domain,
	const struct range *range, uint64_t physical, uint8_t access);

/* Unmaps and forgets the mappings @first to @end, exclusive and at least one, of @domain. */
int mapping_remove(
	struct iommuctl_virtio_iommu *iommu, struct domain *domain, size_t first, size_t end);

/* Unmaps what lies entirely within @range of @domain; there may be nothing. */
int mapping_clear(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range);

/* draft.c: requests and their statuses */

/* Status for @err of a draft function, which was called after error_forget(). */
int draft_answer(const struct iommuctl_virtio_iommu *iommu, int err);

/* Invalidates everything cached for the stream @vsid. */
int draft_forget_stream(struct iommuctl_virtio_iommu *iommu, uint32_t vsid);

uint8_t draft_attach_table(struct iommuctl_virtio_iommu *iommu, const unsigned char *request);
uint8_t draft_invalidate(struct iommuctl_virtio_iommu *iommu, const unsigned char *request);

/* request.c */

/* The status for an -errno of moving an endpoint. */
uint8_t attach_status(int error);

#endif
