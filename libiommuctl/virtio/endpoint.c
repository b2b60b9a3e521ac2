// SPDX-License-Identifier: MIT
/* Adds endpoints, moves them between domains, and removes them. */
#include "virtio/virtio_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/vfio.h>

#include "abi/virtio_iommu.h"

struct endpoint *endpoint_find(const struct iommuctl_virtio_iommu *iommu, uint32_t id)
{
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (iommu->endpoints[i].id == id)
			return &iommu->endpoints[i];
	return NULL;
}

static bool overlaps(const struct iommuctl_virtio_iommu_region *regions, size_t count,
	uint64_t start, uint64_t last)
{
	for (size_t i = 0; i < count; i++)
		if (regions[i].start <= last && regions[i].last >= start)
			return true;
	return false;
}

bool endpoint_has_region(const struct endpoint *endpoint, uint64_t start, uint64_t last)
{
	return overlaps(endpoint->regions, endpoint->region_count, start, last);
}

/* The STE takes effect once what was cached for the old one is gone. */
static int set_ste(
	struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint, const uint64_t *ste)
{
	struct error_first first = { .err = 0 };
	int err;

	error_forget(iommu->ctx);
	err = iommu->drafts.set_ste(endpoint->vsid, ste, iommu->drafts.data);
	if (err)
		return draft_answer(iommu, err);
	error_first_keep(iommu->ctx, &first, draft_forget_stream(iommu, endpoint->vsid));
	if (first.err) {
		(void)iommu->drafts.set_ste(endpoint->vsid, endpoint->ste, iommu->drafts.data);
		return error_first_tell(iommu->ctx, &first);
	}
	memcpy(endpoint->ste, ste, sizeof(endpoint->ste));
	return 0;
}

static int set_config(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	enum iommuctl_smmuv3_config config)
{
	const struct iommuctl_smmuv3_ste ste = { .v = 1, .config = (uint8_t)config };
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];

	/* Each value fits its field. */
	(void)iommuctl_smmuv3_ste_encode(&ste, words, NULL);
	return set_ste(iommu, endpoint, words);
}

static int place_nested(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	const struct domain *domain, const uint64_t *ste)
{
	if (domain && domain->kind == DOMAIN_MAPPED)
		return -EOPNOTSUPP;
	if (domain && domain->kind == DOMAIN_TABLE)
		return set_ste(iommu, endpoint, ste);
	return set_config(iommu, endpoint,
		domain || iommu->bypass ? IOMMUCTL_SMMUV3_CONFIG_BYPASS
					: IOMMUCTL_SMMUV3_CONFIG_ABORT);
}

static int detach(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint)
{
	int err;

	if (endpoint->emulated)
		return 0;
	if (!endpoint->nested)
		return place_detach(iommu, endpoint);
	err = set_config(iommu, endpoint, IOMMUCTL_SMMUV3_CONFIG_ABORT);
	/* The nest has dropped it before. */
	return err == -ENOENT ? 0 : err;
}

/* Moves the DMA of @endpoint to where that of @domain goes. */
static int place(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste)
{
	struct domain *old = endpoint->domain;
	int err;

	if (endpoint->nested)
		return place_nested(iommu, endpoint, domain, ste);
	if (domain && domain->kind == DOMAIN_TABLE)
		return -EOPNOTSUPP;
	if (endpoint->emulated)
		return 0;
	endpoint->domain = domain;
	err = place_group(iommu, endpoint);
	endpoint->domain = old;
	return err;
}

static void change_domain(
	struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint, struct domain *domain)
{
	struct domain *old = endpoint->domain;

	if (domain)
		domain->endpoint_count++;
	endpoint->domain = domain;
	if (old && --old->endpoint_count == 0)
		domain_drop(iommu, old);
}

int endpoint_move(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste)
{
	struct error_first first = { .err = 0 };

	error_first_keep(iommu->ctx, &first, place(iommu, endpoint, domain, ste));
	if (!first.err)
		change_domain(iommu, endpoint, domain);
	else if (domain && domain->endpoint_count == 0)
		domain_drop(iommu, domain);
	return error_first_tell(iommu->ctx, &first);
}

void endpoint_cut_off(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint)
{
	(void)detach(iommu, endpoint);
	change_domain(iommu, endpoint, NULL);
}

int endpoints_set_bypass(struct iommuctl_virtio_iommu *iommu, bool bypass)
{
	const bool before = iommu->bypass;
	struct error_first first = { .err = 0 };
	size_t i;

	iommu->bypass = bypass;
	for (i = 0; i < iommu->endpoint_count && !first.err; i++)
		if (!iommu->endpoints[i].domain)
			error_first_keep(
				iommu->ctx, &first, place(iommu, &iommu->endpoints[i], NULL, NULL));
	if (!first.err)
		return 0;
	iommu->bypass = before;
	for (i--; i-- > 0;)
		if (!iommu->endpoints[i].domain)
			(void)place(iommu, &iommu->endpoints[i], NULL, NULL);
	return error_first_tell(iommu->ctx, &first);
}

static const struct iommuctl_explanation no_description = {
	"the endpoint is not described, or its regions are missing",
	"pass a struct iommuctl_virtio_iommu_endpoint, and all of its regions",
};

static const struct iommuctl_explanation too_many_regions = {
	"the regions of the endpoint do not fit probe_size",
	"raise probe_size, which is 24 bytes for each region, or leave some out",
};

static const struct iommuctl_explanation bad_regions = {
	"a region ends before it starts, overlaps another, or is a second MSI region",
	"pass regions that do not overlap, and at most one for MSIs",
};

static const struct iommuctl_explanation no_drafts = {
	"a nested endpoint needs drafts",
	"pass drafts to iommuctl_virtio_iommu_new(), or an endpoint that is not nested",
};

static const struct iommuctl_explanation nested_and_emulated = {
	"an endpoint cannot be both nested and emulated",
	"choose one: a host device in a nest, or one that the VMM emulates",
};

static const struct iommuctl_explanation id_taken = {
	"another endpoint has the id",
	"give each endpoint its own id, or remove the other first",
};

static const struct iommuctl_explanation too_many = {
	"there are as many endpoints as endpoints_max",
	"raise endpoints_max, or remove one first",
};

static const struct iommuctl_explanation no_endpoint = {
	"no endpoint has the id",
	"pass the id of one that was added and not removed since",
};

static int refuse(const struct iommuctl_virtio_iommu *iommu, enum operation operation, uint32_t id,
	int error, const struct iommuctl_explanation *why)
{
	return viommu_refuse(iommu, operation, (struct call_object){ "endpoint", id }, error, why);
}

static int check_regions(
	const struct iommuctl_virtio_iommu *iommu, const struct iommuctl_virtio_iommu_endpoint *new)
{
	const size_t most =
		iommu->config.probe_size / sizeof(struct abi_virtio_iommu_probe_resv_mem);
	size_t msis = 0;

	if (iommu->config.probe_size && new->region_count > most)
		return refuse(
			iommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT, new->id, EMSGSIZE, &too_many_regions);
	for (size_t i = 0; i < new->region_count; i++) {
		const struct iommuctl_virtio_iommu_region *region = &new->regions[i];

		msis += region->msi;
		if (region->last < region->start || msis > 1 ||
			overlaps(new->regions, i, region->start, region->last))
			return refuse(
				iommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT, new->id, EINVAL, &bad_regions);
	}
	return 0;
}

static int place_first(struct iommuctl_virtio_iommu *iommu, struct endpoint *endpoint)
{
	struct error_first first = { .err = 0 };
	int err;

	if (endpoint->nested)
		return place_nested(iommu, endpoint, NULL, NULL);
	if (endpoint->emulated)
		return 0;
	err = place_group(iommu, endpoint);
	if (err)
		return err;
	err = endpoint->now.attached ? reach_narrow_to_memory(iommu)
				     : reach_narrow(iommu, endpoint);
	error_first_keep(iommu->ctx, &first, err);
	if (err)
		(void)place_detach(iommu, endpoint);
	return error_first_tell(iommu->ctx, &first);
}

/* Where the device was before does not matter. */
static int enter(struct iommuctl_virtio_iommu *iommu, const struct endpoint *new)
{
	struct endpoint *endpoint = &iommu->endpoints[iommu->endpoint_count];
	struct error_first first = { .err = 0 };
	int err;

	*endpoint = *new;
	endpoint->now.attached = true;
	err = endpoint_is_attached_here(new) ? place_find_group(iommu, endpoint) : 0;
	if (err)
		return err;
	iommu->endpoint_count++;
	error_first_keep(iommu->ctx, &first, place_first(iommu, endpoint));
	if (!first.err)
		return 0;
	endpoint->leaves = true;
	(void)place_others_of_group(iommu, endpoint);
	iommu->endpoint_count--;
	return error_first_tell(iommu->ctx, &first);
}

static int check(
	const struct iommuctl_virtio_iommu *iommu, const struct iommuctl_virtio_iommu_endpoint *new)
{
	const enum operation operation = OP_VIRTIO_IOMMU_ADD_ENDPOINT;
	int err = check_regions(iommu, new);

	if (err)
		return err;
	if (new->nested &&new->emulated)
		return refuse(iommu, operation, new->id, EINVAL, &nested_and_emulated);
	if (new->nested && !iommu->config.drafts)
		return refuse(iommu, operation, new->id, EINVAL, &no_drafts);
	if (endpoint_find(iommu, new->id))
		return refuse(iommu, operation, new->id, EEXIST, &id_taken);
	if (iommu->endpoint_count == iommu->config.endpoints_max)
		return refuse(iommu, operation, new->id, ENOSPC, &too_many);
	return 0;
}

int iommuctl_virtio_iommu_add_endpoint(
	struct iommuctl_virtio_iommu *iommu, const struct iommuctl_virtio_iommu_endpoint *endpoint)
{
	struct endpoint added;
	int err;

	if (!iommu)
		return -EINVAL;
	if (!endpoint || (endpoint->region_count && !endpoint->regions))
		return refuse(iommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT, endpoint ? endpoint->id : 0,
			EINVAL, &no_description);
	err = check(iommu, endpoint);
	if (err)
		return err;
	added = (struct endpoint){
		.id = endpoint->id,
		.device = endpoint->device,
		.nested = endpoint->nested,
		.emulated = endpoint->emulated,
		.vsid = endpoint->vsid,
		.region_count = endpoint->region_count,
	};
	added.regions =
		calloc(endpoint->region_count ? endpoint->region_count : 1, sizeof(*added.regions));
	if (!added.regions)
		return refuse(iommu, OP_VIRTIO_IOMMU_ADD_ENDPOINT, endpoint->id, ENOMEM, NULL);
	for (size_t i = 0; i < endpoint->region_count; i++)
		added.regions[i] = endpoint->regions[i];
	err = enter(iommu, &added);
	if (err)
		free(added.regions);
	return err;
}

int iommuctl_virtio_iommu_remove_endpoint(struct iommuctl_virtio_iommu *iommu, uint32_t id)
{
	struct error_first first = { .err = 0 };
	struct endpoint *endpoint;

	if (!iommu)
		return -EINVAL;
	endpoint = endpoint_find(iommu, id);
	if (!endpoint)
		return refuse(iommu, OP_VIRTIO_IOMMU_REMOVE_ENDPOINT, id, ENOENT, &no_endpoint);
	endpoint->leaves = true;
	error_first_keep(iommu->ctx, &first, detach(iommu, endpoint));
	if (!first.err)
		error_first_keep(iommu->ctx, &first, place_others_of_group(iommu, endpoint));
	if (first.err) {
		endpoint->leaves = false;
		if (endpoint_is_attached_here(endpoint))
			(void)place_group(iommu, endpoint);
		return error_first_tell(iommu->ctx, &first);
	}
	change_domain(iommu, endpoint, NULL);
	free(endpoint->regions);
	*endpoint = iommu->endpoints[--iommu->endpoint_count];
	return 0;
}
