/* SPDX-License-Identifier: MIT */
/*
 * IOAS mappings held by HW queues: the kernel refuses to unmap them before the queue is destroyed.
 */
#ifndef CLI_JOB_SEQUENCE_HW_QUEUE_PINS_H
#define CLI_JOB_SEQUENCE_HW_QUEUE_PINS_H

#include "job/sequence/iova_map.h"
#include "job/job.h"

/* Which HW queues of @job exist. */
struct held_by {
	const struct job *job;
	bool (*exists)(const void *context, const struct document_object *queue);
	const void *context;
};

/*
 * The queue that makes unmapping [@first, @last] of @ioas, which maps @map, fail with -EBUSY: the
 * one that holds the first mapping there, which begins at *@begin. NULL if there is none, or if a
 * mapping that lies only partly in the range comes before it.
 */
const struct job_hw_queue *held_find(const struct held_by *by, const struct document_object *ioas,
	const struct iova_map *map, uint64_t first, uint64_t last, uint64_t *begin);

#endif
