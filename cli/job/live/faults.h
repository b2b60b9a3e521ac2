/* SPDX-License-Identifier: MIT */
/* Device page faults. */
#ifndef CLI_JOB_LIVE_FAULTS_H
#define CLI_JOB_LIVE_FAULTS_H

#include "job/live/live.h"

/*
 * Takes the next group of page faults of the queue @object, which then waits for its response: 1
 * with *@group and *@count, valid until the next call, 0 if none came in time, or a failure
 * recorded.
 */
int live_next_faults(struct live *live, const struct document_object *object, uint64_t timeout_ms,
	const struct iommuctl_pgfault **group, size_t *count);

/* Answers the oldest group that steps have taken from the queue @object. */
int live_answer_faults(struct live *live, const struct document_object *object, uint32_t code);

/*
 * Reads waiting groups of the queue @object, for clients that watch, while there is room; they stay
 * for the steps that take them, and the rest stays in the kernel. Returns 0, or an error with a
 * failure recorded.
 */
int live_watch_faults(struct live *live, const struct document_object *object);
bool live_has_room_for_faults(const struct live *live, const struct document_object *object);

/* Drops the groups that the kernel answered itself when the group of @device was moved. */
void live_forget_faults(struct live *live, const struct document_object *device);

void live_free_faults(struct live_fault_queue *queue);

/* The live device with this ID; NULL if there is none. */
const struct document_object *live_device_of_id(const struct live *live, uint32_t id);

#endif
