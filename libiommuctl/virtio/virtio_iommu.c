// SPDX-License-Identifier: MIT
/* Makes a virtio-iommu, and serves its features and configuration space. */
#include "virtio/virtio_private.h"

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

static const struct iommuctl_explanation no_arguments = {
	"the configuration or the place for the result is missing",
	"pass both",
};

static const struct iommuctl_explanation no_memory_ioas = {
	"the IOAS of the guest's memory is missing",
	"pass its id in memory_ioas_id",
};

static const struct iommuctl_explanation bad_range = {
	"a range ends before it starts",
	"pass a last address or id that is not below the first",
};

static const struct iommuctl_explanation bad_probe_size = {
	"probe_size is not a multiple of 8",
	"pass one that is",
};

static const struct iommuctl_explanation bad_drafts = {
	"the drafts lack the guest's SMMU, one of their functions, or a granule",
	"fill in idr, set_ste and issue, and a granule of 4096, 16384 or 65536",
};

static const struct iommuctl_explanation bad_bypass = {
	"bypass is on, but the guest cannot see it (bypass_config)",
	"set bypass_config as well, or leave bypass off",
};

static bool drafts_are_sound(const struct iommuctl_virtio_iommu_drafts *drafts)
{
	const uint32_t granule = drafts->granule;

	if (granule != 4096 && granule != 16384 && granule != 65536)
		return false;
	return drafts->idr && drafts->set_ste && drafts->issue;
}

static const struct iommuctl_explanation *find_mistake(
	const struct iommuctl_virtio_iommu_config *config)
{
	if (config->memory_ioas_id == 0)
		return &no_memory_ioas;
	if (config->input_end < config->input_start || config->domain_end < config->domain_start)
		return &bad_range;
	if (config->probe_size % PROPERTIES_ALIGNMENT)
		return &bad_probe_size;
	if (config->drafts && !drafts_are_sound(config->drafts))
		return &bad_drafts;
	return config->bypass && !config->bypass_config ? &bad_bypass : NULL;
}

int viommu_refuse(const struct iommuctl_virtio_iommu *iommu, enum operation operation,
	struct call_object what, int error, const struct iommuctl_explanation *why)
{
	const struct call call = { .operation = operation, .objects = { what } };

	return call_refuse(iommu->ctx, &call, error, why);
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
	const struct iommuctl_virtio_iommu_config *config, struct iommuctl_virtio_iommu **iommu)
{
	const struct iommuctl_explanation *mistake;
	struct iommuctl_virtio_iommu *new;
	struct call call = {
		.operation = OP_VIRTIO_IOMMU_NEW,
		.objects = { { "no configuration", .show = SHOW_NAME } },
	};

	if (!ctx)
		return -EINVAL;
	if (config)
		call.objects[0] = (struct call_object){ "memory IOAS", config->memory_ioas_id };
	mistake = config && iommu ? find_mistake(config) : &no_arguments;
	if (mistake)
		return call_refuse(ctx, &call, EINVAL, mistake);
	new = calloc(1, sizeof(*new));
	if (!new)
		return call_fail(ctx, &call, ENOMEM);
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
	/* One more than domains_max is none where a size has 32 bits. */
	if (domain_slots(new))
		new->domains = calloc(domain_slots(new), sizeof(*new->domains));
	new->vsids = calloc(new->config.endpoints_max, sizeof(*new->vsids));
	if (!new->endpoints || !new->domains || !new->vsids) {
		iommuctl_virtio_iommu_free(new);
		return call_fail(ctx, &call, ENOMEM);
	}
	*iommu = new;
	return 0;
}

void iommuctl_virtio_iommu_free(struct iommuctl_virtio_iommu *iommu)
{
	if (!iommu)
		return;
	for (size_t i = 0; i < iommu->endpoint_count; i++) {
		endpoint_cut_off(iommu, &iommu->endpoints[i]);
		free(iommu->endpoints[i].regions);
	}
	for (size_t i = 0; iommu->domains && i < domain_slots(iommu); i++)
		if (iommu->domains[i].kind == DOMAIN_DEAD)
			domain_drop(iommu, &iommu->domains[i]);
	memory_free_guide(iommu);
	free(iommu->vsids);
	free(iommu->domains);
	free(iommu->endpoints);
	free(iommu);
}

uint64_t iommuctl_virtio_iommu_get_features(const struct iommuctl_virtio_iommu *iommu)
{
	uint64_t features = FEATURE(MAP_UNMAP) | FEATURE(INPUT_RANGE) | FEATURE(DOMAIN_RANGE);

	if (!iommu)
		return 0;
	if (iommu->config.probe_size)
		features |= FEATURE(PROBE);
	if (iommu->config.mmio)
		features |= FEATURE(MMIO);
	if (iommu->config.bypass_config)
		features |= FEATURE(BYPASS_CONFIG);
	return features;
}

int iommuctl_virtio_iommu_accept(struct iommuctl_virtio_iommu *iommu, uint64_t features)
{
	static const struct iommuctl_explanation not_offered = {
		"the guest accepted a feature that was not offered",
		"leave FEATURES_OK clear, so that the guest's driver gives up",
	};

	if (!iommu)
		return -EINVAL;
	features &= (UINT64_C(1) << FEATURES_OF_DEVICES) - 1;
	if (features & ~iommuctl_virtio_iommu_get_features(iommu))
		return viommu_refuse(iommu, OP_VIRTIO_IOMMU_ACCEPT,
			(struct call_object){ "features", features, SHOW_HEX }, EINVAL,
			&not_offered);
	iommu->features = features;
	return 0;
}

#define PUT(config, field, value)                                                                  \
	wire_put(config, offsetof(struct abi_virtio_iommu_config, field),                          \
		sizeof(((struct abi_virtio_iommu_config *)0)->field), value)

int iommuctl_virtio_iommu_read_config(
	const struct iommuctl_virtio_iommu *iommu, size_t offset, void *buffer, size_t size)
{
	static const struct iommuctl_explanation beyond = {
		"the read leaves the configuration, or its buffer is missing",
		"read no more than IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE bytes from its start",
	};
	unsigned char config[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE] = { 0 };

	if (!iommu)
		return -EINVAL;
	if (!buffer || offset > sizeof(config) || size > sizeof(config) - offset)
		return viommu_refuse(iommu, OP_VIRTIO_IOMMU_READ_CONFIG,
			(struct call_object){ "offset", offset, SHOW_HEX }, EINVAL, &beyond);
	PUT(config, page_size_mask, iommu->config.page_size_mask);
	PUT(config, input_range.start, iommu->reach.start);
	PUT(config, input_range.end, iommu->reach.last);
	PUT(config, domain_range.start, iommu->config.domain_start);
	PUT(config, domain_range.end, iommu->config.domain_end);
	PUT(config, probe_size, iommu->config.probe_size);
	PUT(config, bypass, iommu->bypass);
	memcpy(buffer, config + offset, size);
	return 0;
}

int iommuctl_virtio_iommu_write_config(
	struct iommuctl_virtio_iommu *iommu, size_t offset, const void *buffer, size_t size)
{
	static const struct iommuctl_explanation not_writable = {
		"only bypass can be written, with 0 or 1, once F_BYPASS_CONFIG is accepted",
		"leave the configuration as it is",
	};
	uint8_t bypass = UINT8_MAX;

	if (!iommu)
		return -EINVAL;
	if (buffer && offset == offsetof(struct abi_virtio_iommu_config, bypass) && size == 1 &&
		iommu->features & FEATURE(BYPASS_CONFIG))
		memcpy(&bypass, buffer, 1);
	if (bypass > 1)
		return viommu_refuse(iommu, OP_VIRTIO_IOMMU_WRITE_CONFIG,
			(struct call_object){ "offset", offset, SHOW_HEX }, EINVAL, &not_writable);
	return bypass == iommu->bypass ? 0 : endpoints_set_bypass(iommu, bypass);
}

int iommuctl_virtio_iommu_reset(struct iommuctl_virtio_iommu *iommu)
{
	struct error_first first = { .err = 0 };

	if (!iommu)
		return -EINVAL;
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (iommu->endpoints[i].domain)
			error_first_keep(iommu->ctx, &first,
				endpoint_move(iommu, &iommu->endpoints[i], NULL, NULL));
	iommu->features = 0;
	return error_first_tell(iommu->ctx, &first);
}
