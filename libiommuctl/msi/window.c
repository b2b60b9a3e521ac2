// SPDX-License-Identifier: MIT
/* The MSI window: finding it, and checking what overlaps it. */
#include <iommuctl/msi.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
	char start[17], last[17], type[24];
	int used = 0;

	if (length > LINE_MAX_LENGTH)
		return -EINVAL;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (sscanf(copy, "0x%16[0-9a-f]%*1[ ]0x%16[0-9a-f]%*1[ ]%23[a-z-]%n", start, last, type,
		    &used) != 3)
		return -EINVAL;
	region->start = strtoull(start, NULL, 16);
	region->last = strtoull(last, NULL, 16);
	if ((size_t)used != length || region->last < region->start)
		return -EINVAL;
	return parse_type(type, &region->type);
}

/* Stores as many as @room allows; @found: how many there are. */
static int parse_lines(
	const char *text, struct iommuctl_reserved_region *regions, size_t room, size_t *found)
{
	*found = 0;
	while (*text) {
		const size_t length = strcspn(text, "\n");
		struct iommuctl_reserved_region region;

		if (parse_line(text, length, &region))
			return -EINVAL;
		if (*found < room)
			regions[*found] = region;
		++*found;
		text += length;
		text += *text == '\n';
	}
	return 0;
}

int iommuctl_reserved_regions_parse(
	const char *text, struct iommuctl_reserved_region *regions, size_t *count)
{
	const size_t room = *count;
	size_t found;

	/* Nothing is written unless the whole text is valid. */
	if (parse_lines(text, NULL, 0, &found))
		return -EINVAL;
	parse_lines(text, regions, room, &found);
	*count = found;
	return found > room ? -EMSGSIZE : 0;
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
