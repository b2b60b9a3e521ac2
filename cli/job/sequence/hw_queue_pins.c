// SPDX-License-Identifier: MIT
#include "job/sequence/hw_queue_pins.h"

/* NULL: unknown, in a job with errors. */
static const struct document_object *ioas_of(const struct job_hw_queue *queue)
{
	const struct job_viommu *viommu = (const struct job_viommu *)queue->viommu.target;
	const struct job_hwpt *parent =
		viommu ? (const struct job_hwpt *)viommu->hwpt.target : NULL;

	return parent ? parent->ioas.target : NULL;
}

/*
 * The first mapping with a part in [@first, @last] and in what @queue reads; NULL if there is none.
 */
static const struct iova_span *first_held(
	const struct iova_map *map, const struct job_hw_queue *queue, uint64_t first, uint64_t last)
{
	const uint64_t end = queue->ipa + (queue->size - 1);
	const size_t at = iova_map_at(map, first > queue->ipa ? first : queue->ipa);
	const struct iova_span *span = at < map->count ? &map->spans[at] : NULL;

	return span && span->first <= last && span->first <= end ? span : NULL;
}

const struct job_hw_queue *held_find(const struct held_by *by, const struct document_object *ioas,
	const struct iova_map *map, uint64_t first, uint64_t last, uint64_t *begin)
{
	const struct job_hw_queue *queues = by->job->objects[JOB_HW_QUEUES].items, *found = NULL;
	const struct iova_span *held = NULL, *front;

	for (size_t i = 0; i < by->job->objects[JOB_HW_QUEUES].count; i++) {
		const struct iova_span *span;

		if (!by->exists(by->context, &queues[i].object) || ioas_of(&queues[i]) != ioas)
			continue;
		span = first_held(map, &queues[i], first, last);
		if (!span || (held && held <= span))
			continue;
		held = span;
		found = &queues[i];
	}
	if (!held)
		return NULL;
	front = &map->spans[iova_map_at(map, first)];
	if (held != front && front->first < first)
		return NULL;
	*begin = held->first;
	return found;
}
