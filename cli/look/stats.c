// SPDX-License-Identifier: MIT
#include "look/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "array.h"
#include "output/memory.h"

#define TABLE_BYTES UINT64_C(4096)

/* The bits of IOVA that one table covers, at each level from the leaves to the root. */
static const unsigned int levels[] = { 21, 30, 39, 48, 57 };

/* The tables needed at one level: adjacent mappings share tables. */
static uint64_t tables_at(const struct iova_map *map, unsigned int bits)
{
	uint64_t tables = 0, next = 0;

	for (size_t i = 0; i < map->count; i++) {
		const uint64_t first = map->spans[i].first >> bits;
		const uint64_t end = (map->spans[i].last >> bits) + 1;

		tables += end - (first > next ? first : next);
		next = end;
	}
	return tables;
}

/* As if each page had a leaf of its own: the kernel uses blocks where it can, and needs less. */
static uint64_t table_bytes(const struct iova_map *map)
{
	uint64_t tables = 0;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		tables += tables_at(map, levels[i]);
	return tables * TABLE_BYTES;
}

/* Each paging HWPT has page tables of its own; an IOAS that is attached itself has one. */
static uint64_t count_tables(const struct live *live, const struct document_object *ioas)
{
	const struct job_hwpt *hwpts = live->job->objects[JOB_HWPTS].items;
	uint64_t count = 0;

	for (size_t i = 0; i < live->job->objects[JOB_HWPTS].count; i++)
		count += live->objects[JOB_HWPTS][i].made && hwpts[i].ioas.target == ioas;
	return count ? count : 1;
}

static void measure_ioas(const struct live *live, struct look_ioas_stats *ioas)
{
	const struct iova_map *map = &live->maps[ioas->object->index];
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pages = 0;

	ioas->mappings = map->count;
	for (size_t i = 0; i < map->count; i++) {
		const struct iova_span *span = &map->spans[i];

		ioas->mapped += span->last - span->first + 1;
		pages += span->last / page - span->first / page + 1;
	}
	ioas->pinned = pages * page;
	ioas->pinned += table_bytes(map) * count_tables(live, ioas->object);
}

int look_stats_gather(struct look_stats *stats)
{
	const struct live *live = stats->live;
	const size_t count = live->job->objects[JOB_IOAS].count;

	iommuctl_transport_meter_get_commands(stats->meter, &stats->commands);
	stats->ioas_count = 0;
	stats->ioas = calloc(count + 1, sizeof(*stats->ioas));
	if (!stats->ioas) {
		memory_note_failure();
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		struct look_ioas_stats *ioas = &stats->ioas[stats->ioas_count];

		if (!live->objects[JOB_IOAS][i].made)
			continue;
		ioas->object = document_object_at(live->job->document, JOB_IOAS, i);
		measure_ioas(live, ioas);
		stats->ioas_count++;
	}
	return 0;
}

void look_stats_release(struct look_stats *stats)
{
	free(stats->ioas);
}

size_t look_stats_objects(const struct look_stats *stats, int collection)
{
	const struct live *live = stats->live;
	size_t count = 0;

	for (size_t i = 0; i < live->job->objects[collection].count; i++)
		count += live->objects[collection][i].made;
	return count;
}

const char *look_stats_kind(const struct look_stats *stats, int collection)
{
	if (!stats->live->job->objects[collection].count)
		return NULL;
	return document_object_at(stats->live->job->document, (unsigned int)collection, 0)->kind;
}

bool look_stats_next_call(
	const struct look_stats *stats, size_t *index, struct iommuctl_meter_call *call)
{
	while (iommuctl_transport_meter_get_call(stats->meter, (*index)++, call)) {
		if (call->calls)
			return true;
	}
	return false;
}

void look_stats_each_queue(const struct look_stats *stats,
	void (*each)(
		const struct document_object *object, const struct live_queue *queue, void *data),
	void *data)
{
	const struct live *live = stats->live;

	for (size_t i = 0; i < live->job->objects[JOB_VEVENTQS].count; i++) {
		if (live->objects[JOB_VEVENTQS][i].made)
			each(document_object_at(live->job->document, JOB_VEVENTQS, i),
				&live->queues[i], data);
	}
}

void look_stats_each_fault_queue(const struct look_stats *stats,
	void (*each)(const struct look_fault_stats *queue, void *data), void *data)
{
	const struct live *live = stats->live;

	for (size_t i = 0; i < live->job->objects[JOB_FAULT_QUEUES].count; i++) {
		const struct live_fault_queue *queue = &live->fault_queues[i];
		struct look_fault_stats said = { .read = queue->faults };

		if (!live->objects[JOB_FAULT_QUEUES][i].made)
			continue;
		said.object = document_object_at(live->job->document, JOB_FAULT_QUEUES, i);
		said.answered = queue->answered;
		for (size_t at = 0; at < queue->count; at++)
			said.waiting += queue->groups[at]->count;
		each(&said, data);
	}
}
