// SPDX-License-Identifier: MIT
/*
 * What a device can reach, judged by its attachment. With a stage 1, the contents of the TLB are
 * unknown.
 */
#include <stdio.h>

#include "job/live/reach.h"
#include "job/live/memory.h"

/* The IOAS that translates for @table without a stage 1; NULL if there is a stage 1, or no IOAS. */
static const struct document_object *plain_ioas(
	const struct live *live, const struct document_object *table, bool *aborts)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;
	struct iommuctl_smmuv3_ste ste;

	*aborts = false;
	if (table->collection == JOB_IOAS || hwpt->ioas.target)
		return table->collection == JOB_IOAS ? table : hwpt->ioas.target;
	if (!hwpt->ste)
		return NULL;
	iommuctl_smmuv3_ste_decode(live_object(live, table)->ste, &ste);
	*aborts = !ste.v || ste.config == IOMMUCTL_SMMUV3_CONFIG_ABORT;
	if (*aborts || ste.config != IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return NULL;
	return job_paging_hwpt(hwpt)->ioas.target;
}

/* Write-only mappings can be read as well, except under a nesting parent. */
static uint64_t needed_prot(const struct document_object *table, bool write)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;

	if (write)
		return JOB_PROT_WRITE;
	return table->collection == JOB_HWPTS && (hwpt->nest_parent || !hwpt->ioas.target)
		       ? JOB_PROT_READ
		       : 0;
}

const struct document_object *live_led_to(
	const struct live *live, const struct document_object *device)
{
	const struct live_device *own = &live->devices[device->index];

	for (size_t i = 0; !own->table && i < live->job->objects[JOB_DEVICES].count; i++) {
		const struct live_device *other = &live->devices[i];

		if (other->table && platform_share_group(&own->found, &other->found))
			return other->table;
	}
	return own->table;
}

void live_obstacle(const struct live *live, const struct live_reach *reach, char *text, size_t size)
{
	const struct document_object *table = live_led_to(live, reach->device);
	const struct document_object *ioas;
	bool aborts = false;
	uint64_t last;

	text[0] = '\0';
	ioas = table ? plain_ioas(live, table, &aborts) : NULL;
	/* A SubstreamID uses other tables than the device itself. */
	if (reach->has_ssid && !aborts)
		return;
	if (!table)
		snprintf(text, size, "devices.%s is not attached", reach->device->name);
	else if (aborts)
		snprintf(text, size, "the STE of hwpts.%s aborts", table->name);
	else if (ioas && (__builtin_add_overflow(reach->iova, reach->size - 1, &last) ||
				 !iova_map_covers(&live->maps[ioas->index], reach->iova, last,
					 needed_prot(table, reach->write))))
		snprintf(text, size, "ioas.%s does not map all of it for that", ioas->name);
}

unsigned char *live_target(
	const struct live *live, const struct document_object *device, uint64_t iova, uint64_t size)
{
	const struct document_object *table = live_led_to(live, device);
	const struct document_object *ioas;
	const struct iova_map *map;
	uint64_t ipa;
	bool aborts;
	size_t at;

	ioas = table ? plain_ioas(live, table, &aborts) : NULL;
	if (!ioas)
		return NULL;
	map = &live->maps[ioas->index];
	at = iova_map_at(map, iova);
	if (at == map->count || map->spans[at].first > iova ||
		map->spans[at].last - iova < size - 1)
		return NULL;
	ipa = map->spans[at].ipa + (iova - map->spans[at].first);
	/* The device does not reach memory that was made again in its place. */
	if (live_has_gone_memory(live, ipa))
		return NULL;
	return iommuctl_guest_memory_at(&live->guest, ipa, size);
}
