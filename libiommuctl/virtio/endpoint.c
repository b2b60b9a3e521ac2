// SPDX-License-Identifier: MIT
#include "virtio/viommu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/vfio.h>

#include "abi/virtio_iommu.h"

struct endpoint *endpoint_find(const struct iommuctl_virtio_iommu *viommu, uint32_t id)
{
	for (size_t i = 0; i < viommu->endpoint_count; i++)
		if (viommu->endpoints[i].id == id)
			return &viommu->endpoints[i];
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

/* The STE is in force once what was cached of the one before is gone. */
static int set_ste(
	struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint, const uint64_t *ste)
{
	int ret = viommu->drafts.set_ste(endpoint->vsid, ste, viommu->drafts.data);

	if (ret)
		return ret;
	ret = draft_forget_stream(viommu, endpoint->vsid);
	if (ret) {
		(void)viommu->drafts.set_ste(endpoint->vsid, endpoint->ste, viommu->drafts.data);
		return ret;
	}
	memcpy(endpoint->ste, ste, sizeof(endpoint->ste));
	return 0;
}

static int set_config(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint,
	enum iommuctl_smmuv3_config config)
{
	const struct iommuctl_smmuv3_ste ste = { .v = 1, .config = (uint8_t)config };
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	int ret = iommuctl_smmuv3_ste_encode(&ste, words, NULL);

	return ret ? ret : set_ste(viommu, endpoint, words);
}

static int place_nested(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint,
	const struct domain *domain, const uint64_t *ste)
{
	if (domain && domain->kind == DOMAIN_MAPPED)
		return -EOPNOTSUPP;
	if (domain && domain->kind == DOMAIN_TABLE)
		return set_ste(viommu, endpoint, ste);
	return set_config(viommu, endpoint,
		domain || viommu->bypass ? IOMMUCTL_SMMUV3_CONFIG_BYPASS
					 : IOMMUCTL_SMMUV3_CONFIG_ABORT);
}

static int detach(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	int ret;

	if (!endpoint->nested)
		return place_detach(viommu, endpoint);
	ret = set_config(viommu, endpoint, IOMMUCTL_SMMUV3_CONFIG_ABORT);
	/* The nest has let go of it before. */
	return ret == -ENOENT ? 0 : ret;
}

/* Has the DMA of @endpoint go where that of endpoints in @domain goes. */
static int place(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste)
{
	struct domain *left = endpoint->domain;
	int ret;

	if (endpoint->nested)
		return place_nested(viommu, endpoint, domain, ste);
	if (domain && domain->kind == DOMAIN_TABLE)
		return -EOPNOTSUPP;
	endpoint->domain = domain;
	ret = place_group(viommu, endpoint);
	endpoint->domain = left;
	return ret;
}

static void change_domain(
	struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint, struct domain *domain)
{
	struct domain *left = endpoint->domain;

	if (domain)
		domain->endpoint_count++;
	endpoint->domain = domain;
	if (left && --left->endpoint_count == 0)
		domain_drop(viommu, left);
}

int endpoint_move(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint,
	struct domain *domain, const uint64_t *ste)
{
	int ret = place(viommu, endpoint, domain, ste);

	if (ret)
		return ret;
	change_domain(viommu, endpoint, domain);
	return 0;
}

void endpoint_cut_off(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	(void)detach(viommu, endpoint);
	change_domain(viommu, endpoint, NULL);
}

int endpoints_set_bypass(struct iommuctl_virtio_iommu *viommu, bool bypass)
{
	const bool before = viommu->bypass;
	int ret = 0;
	size_t i;

	viommu->bypass = bypass;
	for (i = 0; i < viommu->endpoint_count && !ret; i++)
		if (!viommu->endpoints[i].domain)
			ret = place(viommu, &viommu->endpoints[i], NULL, NULL);
	if (!ret)
		return 0;
	viommu->bypass = before;
	for (i--; i-- > 0;)
		if (!viommu->endpoints[i].domain)
			(void)place(viommu, &viommu->endpoints[i], NULL, NULL);
	return ret;
}

static int check_regions(const struct iommuctl_virtio_iommu *viommu,
	const struct iommuctl_virtio_iommu_endpoint *new)
{
	const size_t most =
		viommu->config.probe_size / sizeof(struct abi_virtio_iommu_probe_resv_mem);
	size_t msis = 0;

	if (viommu->config.probe_size && new->region_count > most)
		return -EMSGSIZE;
	for (size_t i = 0; i < new->region_count; i++) {
		const struct iommuctl_virtio_iommu_region *region = &new->regions[i];

		msis += region->msi;
		if (region->last < region->start || msis > 1 ||
			overlaps(new->regions, i, region->start, region->last))
			return -EINVAL;
	}
	return 0;
}

static int place_first(struct iommuctl_virtio_iommu *viommu, struct endpoint *endpoint)
{
	int ret;

	if (endpoint->nested)
		return place_nested(viommu, endpoint, NULL, NULL);
	ret = place_group(viommu, endpoint);
	if (ret)
		return ret;
	ret = endpoint->now.attached ? reach_narrow_to_memory(viommu)
				     : reach_narrow(viommu, endpoint);
	if (ret)
		(void)place_detach(viommu, endpoint);
	return ret;
}

/* Where the device was before does not matter. */
static int enter(struct iommuctl_virtio_iommu *viommu, const struct endpoint *new)
{
	struct endpoint *endpoint = &viommu->endpoints[viommu->endpoint_count];
	int ret;

	*endpoint = *new;
	endpoint->now.attached = true;
	ret = new->nested ? 0 : place_find_group(viommu, endpoint);
	if (ret)
		return ret;
	viommu->endpoint_count++;
	ret = place_first(viommu, endpoint);
	if (!ret)
		return 0;
	endpoint->leaves = true;
	(void)place_others_of_group(viommu, endpoint);
	viommu->endpoint_count--;
	return ret;
}

int iommuctl_virtio_iommu_add_endpoint(
	struct iommuctl_virtio_iommu *viommu, const struct iommuctl_virtio_iommu_endpoint *new)
{
	struct endpoint endpoint;
	int ret;

	if (!viommu || !new || (new->region_count && !new->regions))
		return -EINVAL;
	ret = check_regions(viommu, new);
	if (ret)
		return ret;
	if (new->nested && !viommu->config.drafts)
		return -EINVAL;
	if (endpoint_find(viommu, new->id))
		return -EEXIST;
	if (viommu->endpoint_count == viommu->config.endpoints_max)
		return -ENOSPC;
	endpoint = (struct endpoint){
		.id = new->id,
		.device = new->device,
		.nested = new->nested,
		.vsid = new->vsid,
		.region_count = new->region_count,
	};
	endpoint.regions =
		calloc(new->region_count ? new->region_count : 1, sizeof(*endpoint.regions));
	if (!endpoint.regions)
		return -ENOMEM;
	for (size_t i = 0; i < new->region_count; i++)
		endpoint.regions[i] = new->regions[i];
	ret = enter(viommu, &endpoint);
	if (ret)
		free(endpoint.regions);
	return ret;
}

int iommuctl_virtio_iommu_remove_endpoint(struct iommuctl_virtio_iommu *viommu, uint32_t id)
{
	struct endpoint *endpoint;
	int ret;

	if (!viommu)
		return -EINVAL;
	endpoint = endpoint_find(viommu, id);
	if (!endpoint)
		return -ENOENT;
	endpoint->leaves = true;
	ret = detach(viommu, endpoint);
	if (!ret)
		ret = place_others_of_group(viommu, endpoint);
	if (ret) {
		endpoint->leaves = false;
		if (!endpoint->nested)
			(void)place_group(viommu, endpoint);
		return ret;
	}
	change_domain(viommu, endpoint, NULL);
	free(endpoint->regions);
	*endpoint = viommu->endpoints[--viommu->endpoint_count];
	return 0;
}
