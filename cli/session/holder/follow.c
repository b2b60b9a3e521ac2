// SPDX-License-Identifier: MIT
#include "session/holder/follow.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "monotonic.h"
#include "output/json.h"
#include "output/text.h"

void follow_begin(struct follow *follow)
{
	follow->idle_end = monotonic_ms() + follow->idle_ms;
}

int follow_time_left(const struct follow *follow)
{
	int64_t left = follow->idle_end - monotonic_ms();

	if (!follow->idle_ms)
		return -1;
	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

static uint64_t lost_of(const struct event_record *record)
{
	return record->is_fault ? record->dropped : record->event.lost;
}

static json_t *record_to_json(const struct event_record *record)
{
	json_t *event;

	if (*record->request)
		event = json_pack("{s:s, s:s, s:o}", "object", record->object, "type",
			"device-request", "event", text_to_json(record->request));
	else if (record->is_fault)
		event = page_fault_to_json(record->object, &record->fault);
	else if (record->event.is_loss)
		event = json_pack("{s:s, s:s, s:s}", "object", record->object, "type", "lost",
			"event", "the queue has overflowed and lost events");
	else
		event = live_event_to_json(record->object, &record->event);
	json_object_set_new(event, "number", json_integer((json_int_t)record->number));
	json_object_set_new(event, "time", json_integer(record->seconds));
	if (lost_of(record))
		json_object_set_new(event, "lost", json_integer((json_int_t)lost_of(record)));
	return event;
}

/* "14:05:09", for readers; JSON has the number of seconds. */
static const char *time_text(int64_t seconds, char *text, size_t size)
{
	const time_t when = (time_t)seconds;
	struct tm parts;

	if (!localtime_r(&when, &parts) || !strftime(text, size, "%H:%M:%S", &parts))
		*text = '\0';
	return text;
}

static void say_record(struct report *report, const struct event_record *record)
{
	char event[512] = "the queue has overflowed", time[32], loss[64] = "";

	if (*record->request)
		snprintf(event, sizeof(event), "the kernel wants it back: %s", record->request);
	else if (record->is_fault)
		page_fault_print(&record->fault, event, sizeof(event));
	else if (!record->event.is_loss)
		live_event_print(&record->event, event, sizeof(event));
	if (lost_of(record))
		text_append(loss, sizeof(loss), "%" PRIu64 " lost; ", lost_of(record));
	report_result(report, "event", record_to_json(record), "%s %" PRIu64 " %s: %s%s",
		time_text(record->seconds, time, sizeof(time)), record->number, record->object,
		loss, event);
}

static void say_gone(struct report *report, uint64_t gone)
{
	report_result(report, "event",
		json_pack("{s:s, s:s, s:I}", "type", "gone", "event", "events are no longer kept",
			"lost", (json_int_t)gone),
		"%" PRIu64 " events before the next are no longer kept", gone);
}

bool follow_wants(const struct follow *follow, const char *queue)
{
	const char *name = strchr(queue, '.');

	return !*follow->queue || !strcmp(follow->queue, queue) ||
	       (name && !strcmp(follow->queue, name + 1));
}

static void take(struct follow *follow, const struct event_record *record, struct report *report)
{
	if (record->number > follow->next) {
		say_gone(report, record->number - follow->next);
		follow->lost += record->number - follow->next;
	}
	follow->next = record->number + 1;
	/* When a device goes, its events end: report it to clients that wait for a queue. */
	if (*record->request && *follow->queue) {
		say_record(report, record);
		return;
	}
	if (!follow_wants(follow, record->object))
		return;
	say_record(report, record);
	follow->told += record->is_fault || !record->event.is_loss;
	follow->lost += lost_of(record);
	follow_begin(follow);
}

bool follow_say(struct follow *follow, const struct event_log *log, struct report *report)
{
	const struct event_record *record;
	bool enough = false;

	while (!enough && (record = event_log_at(log, follow->next))) {
		const uint64_t told = follow->told;

		take(follow, record, report);
		enough = follow->left && follow->told > told && !--follow->left;
	}
	if (!enough && follow->waits && follow_time_left(follow))
		return false;
	report_result(report, "watched",
		json_pack("{s:I, s:I, s:I}", "events", (json_int_t)follow->told, "lost",
			(json_int_t)follow->lost, "next", (json_int_t)follow->next),
		"events: %" PRIu64 ", lost: %" PRIu64 ", next: %" PRIu64, follow->told,
		follow->lost, follow->next);
	return true;
}

enum exit_status follow_end(const struct follow *follow, struct report *report)
{
	struct failure failure = { 0 };

	if (!follow->waits || !follow->left)
		return STATUS_DONE;
	failure_set(&failure, 0, "%" PRIu64 " of %" PRIu64 " events came", follow->told,
		follow->told + follow->left);
	failure.status = STATUS_UNMET;
	failure.code = "unmet";
	failure.operation = "events";
	return report_failure(report, &failure);
}
