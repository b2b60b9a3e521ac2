// SPDX-License-Identifier: MIT
/* The events of vIOMMUs, and waiting for them and for interrupts. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "job/live.h"
#include "output/text.h"

/* More than one event with its header takes. */
#define QUEUE_ROOM_MIN 64

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int live_wait_readable(const struct live *live, int fd, uint64_t timeout_ms)
{
	const int64_t end = now_ms() + (int64_t)timeout_ms;
	struct pollfd files[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = live->interrupt.fd, .events = POLLIN },
	};

	for (;;) {
		int64_t left = end - now_ms();
		int ready = poll(files, 2, left > 0 ? (int)left : 0);

		if (ready == 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready > 0 && files[1].revents)
			return -EINTR;
		if (ready > 0)
			return files[0].revents & POLLIN ? 1 : -EIO;
	}
}

static int fill_queue(struct live *live, const struct document_object *object, uint64_t timeout_ms)
{
	struct live_queue *queue = &live->queues[object->index];
	int fd = live_object(live, object)->fd;
	int err;

	err = live_wait_readable(live, fd, timeout_ms);
	if (err < 0)
		return live_fail_with(live, object, err, "poll", "%s", strerror(-err));
	queue->offset = 0;
	queue->length = 0;
	if (err == 0)
		return 0;
	err = iommuctl_veventq_read(
		live->ctx, fd, queue->buffer, sizeof(queue->buffer), &queue->length);
	return err ? live_fail(live, object, err) : 0;
}

/* Reads what waits behind what has been read already, as far as there is room. */
static int fill_up(struct live *live, const struct document_object *object)
{
	struct live_queue *queue = &live->queues[object->index];
	int fd = live_object(live, object)->fd;

	memmove(queue->buffer, queue->buffer + queue->offset, queue->length - queue->offset);
	queue->length -= queue->offset;
	queue->offset = 0;
	while (sizeof(queue->buffer) - queue->length >= QUEUE_ROOM_MIN &&
		live_wait_readable(live, fd, 0) > 0) {
		size_t got = 0;
		int err = iommuctl_veventq_read(live->ctx, fd, queue->buffer + queue->length,
			sizeof(queue->buffer) - queue->length, &got);

		if (err)
			return live_fail(live, object, err);
		if (!got)
			return 0;
		queue->length += got;
	}
	return 0;
}

/* The next event that has been read, without taking it: @offset goes on. False: there is no more. */
static bool look_at_next(const struct live_queue *queue, size_t *offset,
	struct iommuctl_vevent *vevent, struct iommuctl_smmuv3_event *event)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	if (*offset >= queue->length || iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
			queue->buffer, queue->length, offset, vevent))
		return false;
	if (vevent->flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS)
		return true;
	iommuctl_smmuv3_words_from_le(words, vevent->data, IOMMUCTL_SMMUV3_EVENT_WORDS);
	iommuctl_smmuv3_event_decode(words, event);
	return true;
}

#define PAGE_MASK UINT64_C(0xfff)

/* Whether @event is about @reach, as far as it says an address. */
static bool is_about(const struct iommuctl_smmuv3_event *event, const struct live_reach *reach,
	const struct job_vdevice *vdevice)
{
	const uint64_t page = reach->iova & ~PAGE_MASK;

	if (event->streamid != vdevice->vsid)
		return false;
	return !iommuctl_smmuv3_event_field(event->type, "InputAddr") ||
		event->inputaddr - page < reach->iova - page + reach->size;
}

/* In @object, the queue of the vIOMMU of @vdevice. */
static size_t count_events(const struct live *live, const struct document_object *object,
	const struct live_reach *reach, const struct job_vdevice *vdevice, char *text, size_t size)
{
	const struct live_queue *queue = &live->queues[object->index];
	struct iommuctl_smmuv3_event event = { 0 };
	size_t offset = queue->offset, count = 0;
	struct iommuctl_vevent vevent;

	while (look_at_next(queue, &offset, &vevent, &event)) {
		if (vevent.flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS ||
			!is_about(&event, reach, vdevice))
			continue;
		count++;
		iommuctl_smmuv3_event_print(&event, text, size);
	}
	return count;
}

/* The queue of the vIOMMU in which @vdevice is, NULL if there is none. */
static const struct document_object *queue_of(const struct live *live, const struct job_vdevice *vdevice)
{
	const struct job_veventq *queues = live->job->objects[JOB_VEVENTQS].items;

	for (size_t i = 0; i < live->job->objects[JOB_VEVENTQS].count; i++) {
		if (live->objects[JOB_VEVENTQS][i].made &&
			queues[i].viommu.target == vdevice->viommu.target)
			return &queues[i].object;
	}
	return NULL;
}

int live_events_of(struct live *live, const struct live_reach *reach, uint64_t timeout_ms,
	size_t *count, char *text, size_t size)
{
	const struct job_vdevice *vdevices = live->job->objects[JOB_VDEVICES].items;
	int err;

	*count = 0;
	for (size_t i = 0; i < live->job->objects[JOB_VDEVICES].count; i++) {
		const struct document_object *queue = queue_of(live, &vdevices[i]);

		if (!queue || !live->objects[JOB_VDEVICES][i].made ||
			vdevices[i].device.target != reach->device)
			continue;
		if (timeout_ms)
			live_wait_readable(live, live_object(live, queue)->fd, timeout_ms);
		err = fill_up(live, queue);
		if (err)
			return err;
		*count += count_events(live, queue, reach, &vdevices[i], text, size);
	}
	return 0;
}

static void add_event_text(
	json_t *events, const struct document_object *object, const char *type, const char *text)
{
	char label[96];

	json_array_append_new(events, json_pack("{s:s, s:s, s:s}", "object",
		document_object_label(object, label, sizeof(label)), "type", type, "event", text));
}

/* Adds what @vevent is, and what is missing before it. */
static void add_event(json_t *events, const struct document_object *object, struct live_queue *queue,
	const struct iommuctl_vevent *vevent, const struct iommuctl_smmuv3_event *event)
{
	const uint32_t missing = (vevent->sequence - queue->sequence - 1) & INT32_MAX;
	const char *name = iommuctl_smmuv3_event_name(event->type);
	char text[256];

	if (queue->has_sequence && missing) {
		snprintf(text, sizeof(text), "%u events are missing before the next", missing);
		add_event_text(events, object, "missing", text);
	}
	queue->sequence = vevent->sequence;
	queue->has_sequence = true;
	if (vevent->flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS) {
		add_event_text(
			events, object, "lost", "the queue has overflowed and lost events");
		return;
	}
	iommuctl_smmuv3_event_print(event, text, sizeof(text));
	add_event_text(events, object, name ? name : "unknown", text);
}

json_t *live_take_events(struct live *live)
{
	const struct live_failure failure = live->failure;
	json_t *events = json_array();

	for (size_t i = 0; events && i < live->job->objects[JOB_VEVENTQS].count; i++) {
		const struct document_object *object = document_object_at(live->job->document, JOB_VEVENTQS, i);
		struct live_queue *queue = &live->queues[i];
		struct iommuctl_smmuv3_event event = { 0 };
		struct iommuctl_vevent vevent;

		if (!live_object(live, object)->made)
			continue;
		fill_up(live, object);
		while (look_at_next(queue, &queue->offset, &vevent, &event))
			add_event(events, object, queue, &vevent, &event);
		if (live_wait_readable(live, live_object(live, object)->fd, 0) > 0)
			add_event_text(events, object, "more", "more events follow");
	}
	/* What cannot be read now does not matter beside why the job has failed. */
	live->failure = failure;
	if (json_array_size(events))
		return events;
	json_decref(events);
	return NULL;
}

/* Losses and gaps are failures: a selftest that misses events proves nothing. */
static int check_sequence(struct live *live, const struct document_object *object,
	const struct iommuctl_vevent *vevent)
{
	struct live_queue *queue = &live->queues[object->index];
	uint32_t due = (queue->sequence + 1) & INT32_MAX;
	bool gap = queue->has_sequence && vevent->sequence != due;

	queue->sequence = vevent->sequence;
	queue->has_sequence = true;
	if (vevent->flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS)
		return live_fail_with(live, object, -ENOBUFS, "read",
			"the queue has lost events: it has overflowed, where a greater depth helps, or "
			"the kernel had no memory for them");
	if (gap)
		return live_fail_with(live, object, -ENOBUFS, "read",
			"event %u came where %u was due: events are missing", vevent->sequence, due);
	return 0;
}

int live_next_event(struct live *live, const struct document_object *object, uint64_t timeout_ms,
	struct iommuctl_smmuv3_event *event)
{
	struct live_queue *queue = &live->queues[object->index];
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_vevent vevent;
	int err = live_need(live, object);

	if (!err && queue->offset == queue->length)
		err = fill_queue(live, object, timeout_ms);
	if (err)
		return err;
	if (queue->length == 0)
		return 0;
	err = iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, queue->buffer, queue->length,
		&queue->offset, &vevent);
	if (err) {
		live_fail_with(live, object, err, "read", "what the queue holds is no event");
		return err;
	}
	err = check_sequence(live, object, &vevent);
	if (err)
		return err;
	iommuctl_smmuv3_words_from_le(words, vevent.data, IOMMUCTL_SMMUV3_EVENT_WORDS);
	iommuctl_smmuv3_event_decode(words, event);
	return 1;
}
