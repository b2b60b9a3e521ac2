// SPDX-License-Identifier: MIT
/* The steps that wait: for events of a vIOMMU, and for interrupts. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "job/live.h"
#include "output/text.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 1 when @fd can be read, 0 after @timeout_ms, or -errno; -EINTR: the user wants an end of it. */
static int wait_readable(const struct live *live, int fd, uint64_t timeout_ms)
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

static int fill_queue(struct live *live, const struct job_object *object, uint64_t timeout_ms)
{
	struct live_queue *queue = &live->queues[object->index];
	int fd = live_object(live, object)->fd;
	int err;

	err = wait_readable(live, fd, timeout_ms);
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

/* Losses and gaps are failures: a selftest that misses events proves nothing. */
static int check_sequence(struct live *live, const struct job_object *object,
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

/* 1 with @event filled, 0 when none came in time, or a recorded failure. */
static int next_event(struct live *live, const struct job_object *object, uint64_t timeout_ms,
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

static int compare_event(struct live *live, const struct job_step_event *expected,
	const struct iommuctl_smmuv3_event *event, const char *text)
{
	const struct job_object *object = expected->veventq.target;
	const struct job_field *fields = expected->fields.items;
	uint8_t type = 0;

	iommuctl_smmuv3_event_from_name(expected->type, &type);
	if (event->type != type)
		return live_unmet(live, object, "the event is %s; %s was expected", text,
			expected->type);
	for (size_t i = 0; i < expected->fields.count; i++) {
		uint64_t value = iommuctl_smmuv3_field_get(fields[i].field, event);

		if (value != fields[i].value)
			return live_unmet(live, object, "the event is %s; %s=0x%" PRIx64
				" was expected", text, fields[i].field->name, fields[i].value);
	}
	return 0;
}

int live_step_event(struct live *live, const struct job_step *step)
{
	const struct job_step_event *expected = step->event;
	const struct job_object *object = expected->veventq.target;
	struct iommuctl_smmuv3_event event = { 0 };
	char text[256];
	int err;

	err = next_event(live, object, expected->timeout_ms, &event);
	if (err < 0)
		return err;
	if (err == 0)
		return live_unmet(live, object, "no event came within %" PRIu64 " ms; %s was expected",
			expected->timeout_ms, expected->type);
	iommuctl_smmuv3_event_print(&event, text, sizeof(text));
	text_append(live->seen, sizeof(live->seen), "veventqs.%s: %s", object->name, text);
	return compare_event(live, expected, &event, text);
}

int live_step_no_event(struct live *live, const struct job_step *step)
{
	const struct job_object *object = step->no_event->veventq.target;
	struct iommuctl_smmuv3_event event = { 0 };
	char text[256];
	int err;

	err = next_event(live, object, step->no_event->timeout_ms, &event);
	if (err <= 0)
		return err;
	iommuctl_smmuv3_event_print(&event, text, sizeof(text));
	return live_unmet(live, object, "the event %s came; none was expected", text);
}

int live_step_trigger_msi(struct live *live, const struct job_step *step)
{
	const struct job_step_trigger_msi *trigger = step->trigger_msi;
	const struct job_irq *irq = (const struct job_irq *)trigger->irq.target;
	struct stimulus *stimulus;
	eventfd_t count;
	int fd, ready, err;

	err = live_need(live, &irq->object);
	if (!err)
		err = live_stimulus(live, irq->device.target, &stimulus);
	if (err)
		return err;
	if (irq->vector >= stimulus->driver->vectors)
		return live_fail_with(live, &irq->object, -EINVAL, "trigger-msi",
			"the %s device has %u vectors", stimulus->driver->name,
			stimulus->driver->vectors);
	fd = live_object(live, &irq->object)->fd;
	eventfd_read(fd, &count);
	err = stimulus->driver->raise_irq(stimulus, (uint32_t)irq->vector);
	if (err)
		return live_fail(live, irq->device.target, err);
	ready = wait_readable(live, fd, trigger->timeout_ms);
	err = stimulus->driver->clear_irq(stimulus, (uint32_t)irq->vector);
	if (err)
		return live_fail(live, irq->device.target, err);
	if (ready < 0)
		return live_fail_with(live, &irq->object, ready, "poll", "%s", strerror(-ready));
	if (ready && !trigger->delivered)
		return live_unmet(live, &irq->object, "the interrupt arrived; it was expected not to");
	if (!ready && trigger->delivered)
		return live_unmet(live, &irq->object, "no interrupt arrived within %" PRIu64 " ms",
			trigger->timeout_ms);
	return 0;
}
