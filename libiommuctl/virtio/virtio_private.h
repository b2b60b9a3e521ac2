/* SPDX-License-Identifier: MIT */
/* The state of a virtio-iommu, and what its files offer each other. */
#ifndef LIBIOMMUCTL_VIRTIO_VIRTIO_PRIVATE_H
#define LIBIOMMUCTL_VIRTIO_VIRTIO_PRIVATE_H

#include <iommuctl/virtio_iommu.h>

#include "core/call.h"

#define FEATURE(name) (UINT64_C(1) << ABI_VIRTIO_IOMMU_F_##name)

struct range {
	uint64_t start;
	uint64_t last; /* inclusive */
};

/* What the guest has mapped; of a one-to-one mapping, only what is memory is in the IOAS. */
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
	DOMAIN_DEAD, /* gone for the guest; the kernel has not let go of its IOAS yet */
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
	uint32_t group;	     /* the IOMMU group, if it is known */
	struct place now;    /* what the device is attached to, if it is attached here */
	struct place before; /* while it changes */
	bool leaves;	     /* while it is removed */
	bool nested;
	bool emulated;
	uint32_t vsid;
	uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS]; /* in force, if nested */
	struct iommuctl_virtio_iommu_region *regions;
	size_t region_count;
	struct domain *domain; /* NULL: in none */
};

/* Whether it is attached here: a nest attaches its own, and what is emulated has no device. */
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
	bool finds_reach;   /* no input range was asked for: it is what the IOMMUs take, … */
	bool finds_pages;   /* … and so are the pages */
	struct range reach; /* the input range */
	bool has_guide;
	uint32_t guide; /* an IOAS that memory is found with */
	struct endpoint *endpoints;
	size_t endpoint_count;
	struct domain *domains; /* one more than domains_max: an endpoint moves before it leaves */
	uint32_t *vsids;	/* room for those of one domain */
};

/* A failure that no call of the kernel caused, about the thing @what: call_refuse(). */
int viommu_refuse(const struct iommuctl_virtio_iommu *iommu, enum operation operation,
	struct call_object what, int error, const struct iommuctl_explanation *why);

/* endpoint.c */

struct endpoint *endpoint_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id);

/*
 * Moves @endpoint to @domain; NULL: to none. @ste is for one with tables. A domain that it was the
 * last one in is gone. On failure all is as before, and a domain that nobody is in is gone.
 */
int endpoint_move(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste);

/* Has all endpoints in no domain in bypass mode, or not. */
int endpoints_set_bypass(struct iommuctl_virtio_iommu *iommu, bool bypass);

/* Detached, and in no domain, whatever the kernel says. */
void endpoint_cut_off(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

bool endpoint_has_region(const struct endpoint *endpoint, uint64_t start, uint64_t last);

/* domain.c */

struct domain *domain_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id);

/* How many elements iommu->domains has. */
size_t domain_slots(const struct iommuctl_virtio_iommu *iommu);

/*
 * A domain without endpoints, for @endpoint: move it there. -ENOSPC: there are domains_max, not
 * counting one that @endpoint is the last one in.
 */
int domain_make(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint, uint32_t id,
	enum domain_kind kind, struct domain **domain);

/* Ends a domain that no endpoint is in. */
void domain_drop(struct iommuctl_virtio_iommu *iommu, struct domain *domain);

/* The mappings that touch the range are @first to *@end, exclusive. */
size_t domain_mappings(const struct domain *domain, uint64_t start, uint64_t last, size_t *end);

/* Room for one more mapping. -ENOSPC: there are mappings_max. */
int domain_reserve(const struct iommuctl_virtio_iommu *iommu, struct domain *domain);

void domain_insert(struct domain *domain, size_t at, const struct mapping *mapping);
void domain_remove(struct domain *domain, size_t first, size_t end);

/* place.c */

/* Attaches all of the group of @endpoint, or none, as their domains are. On failure as before. */
int place_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

/* The same, for the others of the group of @endpoint, which leaves. */
int place_others_of_group(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

int place_detach(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

/* Asks for the group of @endpoint, which need not be known. */
int place_find_group(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint);

/* reach.c */

/* What devices can map in an IOAS: from the start of its first range to the end of the last. */
int reach_of_ioas(struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, struct range *reach);

/* Narrows the input range to what the IOMMU of @endpoint takes, which is detached. */
int reach_narrow(struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint);

/* The same for one that is attached to the memory. */
int reach_narrow_to_memory(struct iommuctl_virtio_iommu *iommu);

/* memory.c */

/*
 * Maps what memory there is in @range of guest-physical addresses onto itself in @domain; what
 * cannot be written is read-only there. On failure what was put there is gone again. -ENOSPC: the
 * memory is in too many pieces.
 */
int memory_map_pieces(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint8_t access);

/* Whether @domain has something at @address: 1, 0, or -errno. */
int memory_is_left(
	struct iommuctl_virtio_iommu *iommu, const struct domain *domain, uint64_t address);

void memory_free_guide(struct iommuctl_virtio_iommu *iommu);

/* mapping.c */

/* Puts the memory at @physical into @range of @domain, and remembers it. */
int mapping_add(struct iommuctl_virtio_iommu *iommu, struct domain *domain,
	const struct range *range, uint64_t physical, uint8_t access);

/* Takes the mappings @first to @end, exclusive and at least one, out of @domain. */
int mapping_remove(
	struct iommuctl_virtio_iommu *iommu, struct domain *domain, size_t first, size_t end);

/* Takes what lies wholly inside of @range out of @domain; there may be nothing. */
int mapping_clear(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range);

/* draft.c: requests and their statuses */

/* What a function of the drafts returned, @err, which was called after error_forget(). */
int draft_answer(const struct iommuctl_virtio_iommu *iommu, int err);

/* Invalidates all that was cached for the stream @vsid. */
int draft_forget_stream(struct iommuctl_virtio_iommu *iommu, uint32_t vsid);

uint8_t draft_attach_table(struct iommuctl_virtio_iommu *iommu, const unsigned char *request);
uint8_t draft_invalidate(struct iommuctl_virtio_iommu *iommu, const unsigned char *request);

/* request.c */

/* The status for an -errno of moving an endpoint. */
uint8_t attach_status(int error);

#endif
