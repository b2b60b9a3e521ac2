// SPDX-License-Identifier: MIT
#include "host/iommu.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/context.h>

#include "array.h"

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

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
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

const char *iommu_short_name(const char *name, char text[HOST_NAME_SIZE])
{
	const char *address = strstr(name, ".0x");
	const char *digits = address ? address + strlen(".0x") : name;
	const size_t zeros = address ? strspn(digits, "0") : 0;

	snprintf(text, HOST_NAME_SIZE, "%.*s%s", (int)(digits - name), name,
		digits[zeros] ? digits + zeros : digits);
	return text;
}
