// SPDX-License-Identifier: MIT
#include "look/live_tables.h"

#include <errno.h>
#include <stdlib.h>

#include "output/memory.h"

const struct job_hwpt *look_nested_hwpt(const struct document_object *table)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;

	return table->collection == JOB_HWPTS && !hwpt->ioas.target && hwpt->ste ? hwpt : NULL;
}

const struct document_object *look_ioas_of(const struct document_object *table)
{
	if (table->collection == JOB_IOAS)
		return table;
	return job_paging_hwpt((const struct job_hwpt *)table)->ioas.target;
}

uint32_t look_vsid_of(const struct live *live, const struct document_object *device)
{
	const struct job_vdevice *vdevices = live->job->objects[JOB_VDEVICES].items;

	for (size_t i = 0; i < live->job->objects[JOB_VDEVICES].count; i++) {
		if (live->objects[JOB_VDEVICES][i].made && vdevices[i].device.target == device)
			return (uint32_t)vdevices[i].vsid;
	}
	return 0;
}

int look_tables_open(
	const struct live *live, const struct document_object *ioas, struct look_tables *tables)
{
	const struct iova_map *map = ioas ? &live->maps[ioas->index] : NULL;
	const size_t count = map ? map->count : 0;

	*tables = (struct look_tables){ .ranges = calloc(count + 1, sizeof(*tables->ranges)) };
	if (!tables->ranges) {
		memory_note_failure();
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		const struct iova_span *span = &map->spans[i];
		const uint64_t size = span->last - span->first + 1;

		tables->ranges[i] = (struct iommuctl_guest_range){
			.ipa = span->first,
			.size = size,
			.host = iommuctl_guest_memory_at(&live->guest, span->ipa, size),
		};
	}
	tables->memory = (struct iommuctl_guest_memory){
		.ranges = tables->ranges,
		.range_count = count,
	};
	return 0;
}

void look_tables_close(struct look_tables *tables)
{
	free(tables->ranges);
}
