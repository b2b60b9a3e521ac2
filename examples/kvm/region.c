// SPDX-License-Identifier: MIT
/* Finds the device for an access. */
#include "region.h"

#include <string.h>

static const struct region *find(
	const struct region_table *table, uint64_t address, unsigned int size)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct region *region = &table->regions[i];

		if (address >= region->base && address - region->base <= region->size - size)
			return region;
	}
	return NULL;
}

bool region_access(const struct region_table *table, const struct region_access *access)
{
	const struct region *region = find(table, access->address, access->size);
	uint64_t value = 0;
	uint64_t offset;

	if (!region)
		return false;
	offset = access->address - region->base;
	if (access->is_write) {
		memcpy(&value, access->data, access->size);
		return region->write(region->device, offset, access->size, value);
	}
	if (!region->read(region->device, offset, access->size, &value))
		return false;
	memcpy(access->data, &value, access->size);
	return true;
}
