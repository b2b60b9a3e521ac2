// SPDX-License-Identifier: MIT
/* Device page faults and the responses that they wait for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/live/faults.h"

const struct document_object *live_device_of_id(const struct live *live, uint32_t id)
{
	for (size_t i = 0; i < live->job->objects[JOB_DEVICES].count; i++) {
		if (live->objects[JOB_DEVICES][i].made && live->objects[JOB_DEVICES][i].id == id)
			return document_object_at(live->job->document, JOB_DEVICES, i);
	}
	return NULL;
}

static void drop_group(struct live_fault_queue *queue, size_t at)
{
	free(queue->groups[at]);
	memmove(&queue->groups[at], &queue->groups[at + 1],
		(--queue->count - at) * sizeof(*queue->groups));
	queue->taken -= at < queue->taken;
}

/* The kernel reuses a cookie only after its group has been answered. */
static void drop_cookie(struct live_fault_queue *queue, uint32_t cookie)
{
	for (size_t i = queue->count; i-- > 0;) {
		if (queue->groups[i]->faults[0].cookie == cookie)
			drop_group(queue, i);
	}
}

static void show_group(const struct live *live, const struct document_object *object,
	const struct live_fault_group *group)
{
	struct live_notice notice = { .queue = object, .count = group->count };

	notice.device = live_device_of_id(live, group->faults[0].dev_id);
	for (; live->watch && notice.index < notice.count; notice.index++) {
		notice.fault = &group->faults[notice.index];
		live->watch(&notice, live->watch_data);
	}
}

/* Appends the next group to those kept: 0, -EAGAIN, or an error. Records no failure. */
static int read_group(struct live *live, const struct document_object *object)
{
	struct live_fault_queue *queue = &live->fault_queues[object->index];
	struct live_fault_group *group =
		malloc(sizeof(*group) + queue->reader.room * sizeof(*group->faults));
	const struct iommuctl_pgfault *faults;
	struct live_fault_group *fitted;
	int err = group ? 0 : -ENOMEM;

	if (!err)
		err = iommuctl_fault_reader_next(&queue->reader, &faults, &group->count);
	if (err) {
		free(group);
		return err;
	}
	memcpy(group->faults, faults, group->count * sizeof(*faults));
	fitted = realloc(group, sizeof(*group) + group->count * sizeof(*faults));
	drop_cookie(queue, faults->cookie);
	if (fitted)
		group = fitted;
	queue->groups[queue->count++] = group;
	queue->faults += group->count;
	show_group(live, object, group);
	return 0;
}

static int fail_read(struct live *live, const struct document_object *object, int error)
{
	if (error == -ENOMEM)
		return live_fail_with(live, object, error, "read", "out of memory");
	return live_fail(live, object, error);
}

/* Waits only if the reader has nothing left. */
static int wait_for_group(
	struct live *live, const struct document_object *object, uint64_t timeout_ms)
{
	int err = read_group(live, object);
	int ready;

	if (err != -EAGAIN)
		return err;
	ready = live_wait_readable(live, live_object(live, object)->fd, timeout_ms);
	return ready <= 0 ? (ready ? ready : -EAGAIN) : read_group(live, object);
}

int live_next_faults(struct live *live, const struct document_object *object, uint64_t timeout_ms,
	const struct iommuctl_pgfault **group, size_t *count)
{
	struct live_fault_queue *queue = &live->fault_queues[object->index];
	int err = live_need_file(live, object);

	if (err)
		return err;
	if (queue->taken == LIVE_GROUPS_MAX)
		return live_fail_with(live, object, -ENOSPC, "read",
			"%d groups of page faults already wait for responses", LIVE_GROUPS_MAX);
	if (queue->taken == queue->count)
		err = wait_for_group(live, object, timeout_ms);
	if (err == -EAGAIN)
		return 0;
	if (err == -EINTR || err == -ECANCELED)
		return live_fail_wait(live, object, err);
	if (err)
		return fail_read(live, object, err);
	*group = queue->groups[queue->taken]->faults;
	*count = queue->groups[queue->taken++]->count;
	return 1;
}

int live_answer_faults(struct live *live, const struct document_object *object, uint32_t code)
{
	struct live_fault_queue *queue = &live->fault_queues[object->index];
	int err = live_need_file(live, object);

	if (err)
		return err;
	if (!queue->taken)
		return live_fail_with(live, object, -ENOENT, "answer",
			"no page fault that was read from it waits for a response");
	err = iommuctl_fault_reader_respond(
		&queue->reader, queue->groups[0]->faults[0].cookie, code);
	if (err)
		live_fail(live, object, err);
	else
		queue->answered += queue->groups[0]->count;
	/* The kernel no longer knows a group that it has answered itself. */
	if (!err || err == -EINVAL)
		drop_group(queue, 0);
	return err;
}

bool live_has_room_for_faults(const struct live *live, const struct document_object *object)
{
	return live->fault_queues[object->index].count < LIVE_GROUPS_MAX;
}

int live_watch_faults(struct live *live, const struct document_object *object)
{
	int err = 0;

	while (!err && live_has_room_for_faults(live, object))
		err = wait_for_group(live, object, 0);
	return err && err != -EAGAIN && err != -EINTR ? fail_read(live, object, err) : 0;
}

static bool is_of(const struct live *live, const struct live_fault_group *group,
	const struct document_object *device)
{
	const struct document_object *other = live_device_of_id(live, group->faults[0].dev_id);

	return other == device ||
	       (other && platform_share_group(&live->devices[device->index].found,
				 &live->devices[other->index].found));
}

void live_forget_faults(struct live *live, const struct document_object *device)
{
	for (size_t i = 0; i < live->job->objects[JOB_FAULT_QUEUES].count; i++) {
		struct live_fault_queue *queue = &live->fault_queues[i];

		for (size_t at = queue->count; at-- > 0;) {
			if (is_of(live, queue->groups[at], device))
				drop_group(queue, at);
		}
	}
}

void live_free_faults(struct live_fault_queue *queue)
{
	while (queue->count)
		drop_group(queue, queue->count - 1);
	free(queue->reader.faults);
	queue->reader.faults = NULL;
}
