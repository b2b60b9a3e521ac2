// SPDX-License-Identifier: MIT
/* The window for MSIs: where it is, and what keeps out of it. */
#include <iommuctl/msi.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

#define LINE_MAX_LENGTH 63

static const char *const type_names[] = {
	[IOMMUCTL_RESERVED_DIRECT] = "direct",
	[IOMMUCTL_RESERVED_DIRECT_RELAXABLE] = "direct-relaxable",
	[IOMMUCTL_RESERVED_RESERVED] = "reserved",
	[IOMMUCTL_RESERVED_MSI] = "msi",
};

#define TYPE_COUNT (ARRAY_SIZE(type_names))

const char *iommuctl_reserved_type_name(enum iommuctl_reserved_type type)
{
	return (size_t)type < TYPE_COUNT ? type_names[type] : NULL;
}

static int parse_type(const char *name, enum iommuctl_reserved_type *type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcmp(name, type_names[i]) != 0)
			continue;
		*type = (enum iommuctl_reserved_type)i;
		return 0;
	}
	return -EINVAL;
}

/* "0x0000000008000000 0x00000000080fffff msi": first byte, last byte, type. */
static int parse_line(const char *line, size_t length, struct iommuctl_reserved_region *region)
{
	char copy[LINE_MAX_LENGTH + 1];
	char type[24];
	int used = 0;

	if (length > LINE_MAX_LENGTH)
		return -EINVAL;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (sscanf(copy, "0x%16" SCNx64 " 0x%16" SCNx64 " %23s%n", &region->start, &region->last,
		    type, &used) != 3)
		return -EINVAL;
	if ((size_t)used != length || region->last < region->start)
		return -EINVAL;
	return parse_type(type, &region->type);
}

int iommuctl_reserved_regions_parse(
	const char *text, struct iommuctl_reserved_region *regions, size_t *count)
{
	size_t found = 0;

	while (*text) {
		const size_t length = strcspn(text, "\n");
		struct iommuctl_reserved_region region;

		if (parse_line(text, length, &region))
			return -EINVAL;
		if (found < *count)
			regions[found] = region;
		found++;
		text += length;
		text += *text == '\n';
	}
	if (found > *count) {
		*count = found;
		return -EMSGSIZE;
	}
	*count = found;
	return 0;
}

int iommuctl_msi_window_find(const struct iommuctl_reserved_region *regions, size_t count,
	struct iommuctl_reserved_region *window)
{
	for (size_t i = 0; i < count; i++) {
		if (regions[i].type != IOMMUCTL_RESERVED_MSI)
			continue;
		*window = regions[i];
		return 0;
	}
	return -ENOENT;
}

static int overlaps(
	const struct iommuctl_reserved_region *window, const struct iommuctl_guest_range *range)
{
	uint64_t last;

	if (!range->size)
		return 0;
	if (__builtin_add_overflow(range->ipa, range->size - 1, &last))
		return 1;
	return range->ipa <= window->last && last >= window->start;
}

int iommuctl_msi_check_memory(const struct iommuctl_reserved_region *window,
	const struct iommuctl_guest_memory *memory, size_t *range)
{
	if (!window || !memory || (memory->range_count && !memory->ranges))
		return -EINVAL;
	for (size_t i = 0; i < memory->range_count; i++) {
		if (!overlaps(window, &memory->ranges[i]))
			continue;
		if (range)
			*range = i;
		return -EADDRINUSE;
	}
	return 0;
}
