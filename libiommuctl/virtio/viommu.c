// SPDX-License-Identifier: MIT
#include "virtio/viommu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/virtio_iommu.h"
#include "generic/wire.h"

#define PAGE_SIZE_MASK	     (~UINT64_C(0xfff))
#define ENDPOINTS_MAX	     64
#define DOMAINS_MAX	     64
#define MAPPINGS_MAX	     65536
#define PROPERTIES_ALIGNMENT 8
#define FEATURES_OF_DEVICES  24

_Static_assert(IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE == sizeof(struct abi_virtio_iommu_config), "");

static bool drafts_are_sound(const struct iommuctl_virtio_iommu_drafts *drafts)
{
	const uint32_t granule = drafts->granule;

	if (granule != 4096 && granule != 16384 && granule != 65536)
		return false;
	return drafts->idr && drafts->set_ste && drafts->issue;
}

static bool config_is_sound(const struct iommuctl_virtio_iommu_config *config)
{
	if (config->memory_ioas_id == 0)
		return false;
	if (config->input_end < config->input_start || config->domain_end < config->domain_start)
		return false;
	if (config->probe_size % PROPERTIES_ALIGNMENT)
		return false;
	if (config->drafts && !drafts_are_sound(config->drafts))
		return false;
	return config->bypass_config || !config->bypass;
}

static void fill_in(struct iommuctl_virtio_iommu_config *config)
{
	if (!config->page_size_mask)
		config->page_size_mask = PAGE_SIZE_MASK;
	if (!config->input_end)
		config->input_end = UINT64_MAX;
	if (!config->domain_end)
		config->domain_end = UINT32_MAX;
	if (!config->endpoints_max)
		config->endpoints_max = ENDPOINTS_MAX;
	if (!config->domains_max)
		config->domains_max = DOMAINS_MAX;
	if (!config->mappings_max)
		config->mappings_max = MAPPINGS_MAX;
}

int iommuctl_virtio_iommu_new(struct iommuctl *ctx,
	const struct iommuctl_virtio_iommu_config *config, struct iommuctl_virtio_iommu **viommu)
{
	struct iommuctl_virtio_iommu *new;

	if (!ctx || !config || !viommu || !config_is_sound(config))
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->ctx = ctx;
	new->config = *config;
	new->bypass = config->bypass;
	new->finds_reach = !config->input_end;
	new->finds_pages = !config->page_size_mask;
	fill_in(&new->config);
	new->reach = (struct range){ new->config.input_start, new->config.input_end };
	if (config->drafts) {
		new->idr = *config->drafts->idr;
		new->drafts = *config->drafts;
		new->drafts.idr = &new->idr;
		new->config.drafts = &new->drafts;
	}
	new->endpoints = calloc(new->config.endpoints_max, sizeof(*new->endpoints));
	new->domains = calloc(domain_slots(new), sizeof(*new->domains));
	new->vsids = calloc(new->config.endpoints_max, sizeof(*new->vsids));
	if (!new->endpoints || !new->domains || !new->vsids) {
		iommuctl_virtio_iommu_free(new);
		return -ENOMEM;
	}
	*viommu = new;
	return 0;
}

void iommuctl_virtio_iommu_free(struct iommuctl_virtio_iommu *viommu)
{
	if (!viommu)
		return;
	for (size_t i = 0; i < viommu->endpoint_count; i++) {
		endpoint_cut_off(viommu, &viommu->endpoints[i]);
		free(viommu->endpoints[i].regions);
	}
	for (size_t i = 0; viommu->domains && i < domain_slots(viommu); i++)
		if (viommu->domains[i].kind == DOMAIN_DEAD)
			domain_drop(viommu, &viommu->domains[i]);
	memory_free_guide(viommu);
	free(viommu->vsids);
	free(viommu->domains);
	free(viommu->endpoints);
	free(viommu);
}

uint64_t iommuctl_virtio_iommu_get_features(const struct iommuctl_virtio_iommu *viommu)
{
	uint64_t features = FEATURE(MAP_UNMAP) | FEATURE(INPUT_RANGE) | FEATURE(DOMAIN_RANGE);

	if (!viommu)
		return 0;
	if (viommu->config.probe_size)
		features |= FEATURE(PROBE);
	if (viommu->config.mmio)
		features |= FEATURE(MMIO);
	if (viommu->config.bypass_config)
		features |= FEATURE(BYPASS_CONFIG);
	return features;
}

int iommuctl_virtio_iommu_accept(struct iommuctl_virtio_iommu *viommu, uint64_t features)
{
	features &= (UINT64_C(1) << FEATURES_OF_DEVICES) - 1;
	if (!viommu || features & ~iommuctl_virtio_iommu_get_features(viommu))
		return -EINVAL;
	viommu->features = features;
	return 0;
}

#define PUT(config, field, value)                                                                  \
	wire_put(config, offsetof(struct abi_virtio_iommu_config, field),                          \
		sizeof(((struct abi_virtio_iommu_config *)0)->field), value)

int iommuctl_virtio_iommu_read_config(
	const struct iommuctl_virtio_iommu *viommu, size_t offset, void *buffer, size_t size)
{
	unsigned char config[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE] = { 0 };

	if (!viommu || !buffer || offset > sizeof(config) || size > sizeof(config) - offset)
		return -EINVAL;
	PUT(config, page_size_mask, viommu->config.page_size_mask);
	PUT(config, input_range.start, viommu->reach.start);
	PUT(config, input_range.end, viommu->reach.last);
	PUT(config, domain_range.start, viommu->config.domain_start);
	PUT(config, domain_range.end, viommu->config.domain_end);
	PUT(config, probe_size, viommu->config.probe_size);
	PUT(config, bypass, viommu->bypass);
	memcpy(buffer, config + offset, size);
	return 0;
}

int iommuctl_virtio_iommu_write_config(
	struct iommuctl_virtio_iommu *viommu, size_t offset, const void *buffer, size_t size)
{
	uint8_t bypass;

	if (!viommu || !buffer || offset != offsetof(struct abi_virtio_iommu_config, bypass) ||
		size != 1)
		return -EINVAL;
	if (!(viommu->features & FEATURE(BYPASS_CONFIG)))
		return -EINVAL;
	memcpy(&bypass, buffer, 1);
	if (bypass > 1)
		return -EINVAL;
	return bypass == viommu->bypass ? 0 : endpoints_set_bypass(viommu, bypass);
}

int iommuctl_virtio_iommu_reset(struct iommuctl_virtio_iommu *viommu)
{
	int first = 0;

	if (!viommu)
		return -EINVAL;
	for (size_t i = 0; i < viommu->endpoint_count; i++) {
		int ret = 0;

		if (viommu->endpoints[i].domain)
			ret = endpoint_move(viommu, &viommu->endpoints[i], NULL, NULL);
		if (ret && !first)
			first = ret;
	}
	viommu->features = 0;
	return first;
}
