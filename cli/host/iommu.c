// SPDX-License-Identifier: MIT
#include "host/iommu.h"

#include <stddef.h>
#include <string.h>

#include <iommuctl/context.h>

struct kind {
	const char *prefix;
	const char *kind;
	uint64_t known;
};

static const struct kind *find_kind(const char *name)
{
	static const struct kind kinds[] = {
		{ "smmu3.", "SMMUv3", IOMMUCTL_KNOWN_SMMUV3 },
		{ "dmar", "VT-d", IOMMUCTL_KNOWN_VTD },
		{ "ivhd", "AMD", IOMMUCTL_KNOWN_AMD },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	}
	return NULL;
}

const char *iommu_kind(const char *name)
{
	const struct kind *kind = find_kind(name);

	return kind ? kind->kind : NULL;
}

uint64_t iommu_known(const char *name)
{
	const struct kind *kind = find_kind(name);

	return kind ? kind->known : 0;
}
