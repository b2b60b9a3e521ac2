// SPDX-License-Identifier: MIT
/* The events of vIOMMUs. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/live/access.h"
#include "job/live/live.h"
#include "job/live/reach.h"
#include "job/live/mock.h"
#include "output/json.h"

void live_begin_queue(struct live *live, const struct document_object *object)
{
	const struct job_veventq *veventq = (const struct job_veventq *)object;
	struct live_queue *queue = &live->queues[object->index];

	*queue = (struct live_queue){
		.is_mock = live_is_mock_viommu(veventq->viommu.target),
		.is_cmdqv = veventq->type == IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV,
	};
	iommuctl_event_reader_init_typed(
		&queue->reader, live->ctx, live_object(live, object)->fd, (uint32_t)veventq->type);
}

/* Combines what poll(2) reports and what the reader has buffered. */
static bool has_more(struct live *live, const struct document_object *object)
{
	return iommuctl_event_reader_holds_events(&live->queues[object->index].reader) ||
	       live_wait_readable(live, live_object(live, object)->fd, 0) > 0;
}

/* Reads waiting events, as far as there is room after those already read. Records no failure. */
static int read_events(struct live *live, const struct document_object *object)
{
	struct live_queue *queue = &live->queues[object->index];
	int err = 0;

	if (queue->is_mock)
		return 0;
	memmove(queue->events, queue->events + queue->first, queue->count * sizeof(*queue->events));
	queue->first = 0;
	while (queue->count < LIVE_EVENTS_MAX && has_more(live, object)) {
		struct live_event *event = &queue->events[queue->count];

		err = live_event_read(&queue->reader, queue->is_cmdqv, event);
		if ((err && err != -EAGAIN) || (err && !event->lost))
			break;
		if (queue->joins)
			event->lost = event->is_loss;
		queue->joins = false;
		queue->count++;
		queue->came++;
		if (live->watch)
			live->watch(&(struct live_notice){ .queue = object, .event = event },
				live->watch_data);
	}
	return err == -EAGAIN ? 0 : err;
}

static int fail_read(struct live *live, const struct document_object *object, int error)
{
	if (error == -EPROTO)
		return live_fail_with(
			live, object, error, "read", "the data in the queue is not an event");
	return live_fail(live, object, error);
}

/*
 * Drops the oldest events; the first one left tells the step that takes it how many were dropped.
 */
static void make_room(struct live_queue *queue)
{
	uint64_t lost = 0, untaken = 0;

	for (; queue->count > LIVE_EVENTS_MAX / 2; queue->first++, queue->count--) {
		const struct live_event *event = &queue->events[queue->first];

		lost += event->lost + !event->is_loss;
		untaken += event->untaken + !event->is_loss;
	}
	queue->events[queue->first].lost += lost;
	queue->events[queue->first].untaken += untaken;
}

/* Bounded, as a device may fault endlessly. */
#define WATCH_ROUNDS 32

int live_watch_events(struct live *live, const struct document_object *object)
{
	struct live_queue *queue = &live->queues[object->index];
	int err = 0, rounds = 0;

	do {
		/* Events that a step waits for are left to it. */
		if (live_queue_is_full(live, object->index)) {
			if (live->waits || !has_more(live, object))
				return 0;
			make_room(queue);
		}
		err = read_events(live, object);
	} while (!err && live_queue_is_full(live, object->index) && ++rounds < WATCH_ROUNDS);
	return err ? fail_read(live, object, err) : 0;
}

/* 1, 0 after @timeout_ms, or a failure recorded. A concurrent watcher may read it first. */
static int wait_for_event(
	struct live *live, const struct document_object *object, uint64_t timeout_ms)
{
	int err = live_wait(
		live, live_object(live, object)->fd, &live->queues[object->index].came, timeout_ms);

	if (err < 0)
		return live_fail_wait(live, object, err);
	return err;
}

#define PAGE_MASK UINT64_C(0xfff)

/* Whether @event is about @reach, if it has an address. */
static bool is_about(const struct iommuctl_smmuv3_event *event, const struct live_reach *reach,
	const struct job_vdevice *vdevice)
{
	const uint64_t page = reach->iova & ~PAGE_MASK;

	if (event->streamid != vdevice->vsid)
		return false;
	return !iommuctl_smmuv3_event_field(event->type, "InputAddr") ||
	       event->inputaddr - page < reach->iova - page + reach->size;
}

/* In @object, the event queue of @vdevice's vIOMMU. */
static size_t count_events(const struct live *live, const struct document_object *object,
	const struct live_reach *reach, const struct job_vdevice *vdevice, char *text, size_t size)
{
	const struct live_queue *queue = &live->queues[object->index];
	size_t count = 0;

	for (size_t i = 0; i < queue->count; i++) {
		const struct live_event *event = &queue->events[queue->first + i];

		if (event->is_loss || event->is_cmdqv || !is_about(&event->event, reach, vdevice))
			continue;
		count++;
		iommuctl_smmuv3_event_print(&event->event, text, size);
	}
	return count;
}

/* The vIOMMU's queue of SMMU events, NULL if it has none. */
static const struct document_object *queue_of(
	const struct live *live, const struct document_object *viommu)
{
	const struct job_veventq *queues = live->job->objects[JOB_VEVENTQS].items;

	for (size_t i = 0; i < live->job->objects[JOB_VEVENTQS].count; i++) {
		if (live->objects[JOB_VEVENTQS][i].made && queues[i].viommu.target == viommu &&
			!live->queues[i].is_cmdqv)
			return &queues[i].object;
	}
	return NULL;
}

bool live_is_unheard(const struct live *live, const struct document_object *viommu)
{
	const struct job_viommu *described = (const struct job_viommu *)viommu;
	const bool is_smmu =
		described->type == IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 || job_is_vintf(viommu);

	return is_smmu && live_object(live, viommu)->made && !queue_of(live, viommu);
}

int live_events_of(struct live *live, const struct live_reach *reach, uint64_t timeout_ms,
	size_t *count, char *text, size_t size)
{
	const struct job_vdevice *vdevices = live->job->objects[JOB_VDEVICES].items;
	int err = 0;

	*count = 0;
	for (size_t i = 0; i < live->job->objects[JOB_VDEVICES].count; i++) {
		const struct document_object *queue = queue_of(live, vdevices[i].viommu.target);

		if (!queue || !live->objects[JOB_VDEVICES][i].made ||
			vdevices[i].device.target != reach->device)
			continue;
		if (timeout_ms)
			err = wait_for_event(live, queue, timeout_ms);
		if (err < 0)
			return err;
		err = read_events(live, queue);
		if (err)
			return fail_read(live, queue, err);
		*count += count_events(live, queue, reach, &vdevices[i], text, size);
	}
	return 0;
}

/* Appends what is known about events that are missing. */
static void add_note(json_t *events, const char *object, const char *type, const char *text)
{
	json_array_append_new(events,
		json_pack("{s:s, s:s, s:s}", "object", object, "type", type, "event", text));
}

static void add_loss(json_t *events, const char *object, const struct live_event *event)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " events are missing before the next", event->lost);
	if (event->is_loss)
		add_note(events, object, "lost", "the queue has overflowed and lost events");
	else
		add_note(events, object, "missing", text);
	json_object_set_new(json_array_get(events, json_array_size(events) - 1), "lost",
		json_integer((json_int_t)event->lost));
}

/* They stay in the queue for the steps that follow. What cannot be read does not matter here. */
static void show_events(struct live *live, const struct document_object *object, json_t *events)
{
	const struct live_queue *queue = &live->queues[object->index];
	char label[128];

	document_object_label(object, label, sizeof(label));
	read_events(live, object);
	for (size_t i = 0; i < queue->count; i++) {
		const struct live_event *event = &queue->events[queue->first + i];

		if (event->lost)
			add_loss(events, label, event);
		if (!event->is_loss)
			json_array_append_new(events, live_event_to_json(label, event));
	}
	if (has_more(live, object))
		add_note(events, label, "more", "more events follow");
}

enum exit_status live_report_failure(struct live *live, struct report *report)
{
	enum exit_status status;
	json_t *events = json_array();

	for (size_t i = 0; events && i < live->job->objects[JOB_VEVENTQS].count; i++) {
		if (live->objects[JOB_VEVENTQS][i].made)
			show_events(live, document_object_at(live->job->document, JOB_VEVENTQS, i),
				events);
	}
	if (live->took_event && live->failure.status == STATUS_UNMET && live->failure.place)
		live->failure.event = &live->event;
	live->failure.events = json_array_size(events) ? events : NULL;
	status = report_failure(report, &live->failure);
	live->failure.events = NULL;
	json_decref(events);
	return status;
}

/* What was lost is reported once; an event behind it is still to be taken. */
static void drop_loss(struct live_queue *queue)
{
	struct live_event *event = &queue->events[queue->first];

	event->lost = event->untaken = 0;
	if (!event->is_loss)
		return;
	queue->first++;
	queue->count--;
}

static int fail_lost(
	struct live *live, const struct document_object *object, const struct live_event *event)
{
	int err = live_fail_with(live, object, -ENOBUFS, "read",
		event->untaken ? "events before the next are gone" : "the queue has lost events");

	if (event->untaken)
		failure_explain(&live->failure,
			failure_print(&live->failure,
				"%" PRIu64 " events read for watching clients were dropped before "
				"a step took them",
				event->untaken),
			"take events with steps sooner, or read them with 'iommuctl events'");
	if (event->lost == event->untaken)
		return err;
	failure_explain(&live->failure, "it has overflowed", "give the veventq a greater depth");
	failure_explain(&live->failure, "the kernel had no memory for them", NULL);
	return err;
}

int live_next_event(struct live *live, const struct document_object *object, uint64_t timeout_ms)
{
	struct live_queue *queue = &live->queues[object->index];
	const struct live_event *next;
	int err = live_need_file(live, object);

	if (err)
		return err;
	if (!queue->count) {
		err = wait_for_event(live, object, timeout_ms);
		if (err < 0)
			return err;
		err = read_events(live, object);
		if (err)
			return fail_read(live, object, err);
	}
	if (!queue->count)
		return 0;
	next = &queue->events[queue->first];
	if (next->lost) {
		err = fail_lost(live, object, next);
		drop_loss(queue);
		return err;
	}
	queue->first++;
	queue->count--;
	live->event = next->event;
	live->took_event = true;
	return 1;
}
