/* SPDX-License-Identifier: MIT */
/* Mappings of an IOAS that HW queues hold: the kernel undoes none of them before its queue. */
#ifndef CLI_JOB_HELD_H
#define CLI_JOB_HELD_H

#include "job/iova_map.h"
#include "job/job.h"

/* Which HW queues of @job there are. */
struct held_by {
	const struct job *job;
	bool (*exists)(const void *context, const struct document_object *queue);
	const void *context;
};

/*
 * What has the undoing of [@first, @last] of @ioas, which maps @map, end with -EBUSY: the queue
 * that holds the first mapping there, which begins at *@begin. NULL: none does, or a mapping that
 * is there only in part comes before it.
 */
const struct job_hw_queue *held_find(const struct held_by *by, const struct document_object *ioas,
	const struct iova_map *map, uint64_t first, uint64_t last, uint64_t *begin);

#endif
