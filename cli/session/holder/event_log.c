// SPDX-License-Identifier: MIT
#include "session/holder/event_log.h"

#include <time.h>

#include "output/text.h"

struct event_record *event_log_next(struct event_log *log, const char *queue)
{
	struct event_record *record = &log->records[log->count++ % EVENT_LOG_SIZE];

	*record = (struct event_record){ .number = log->count, .seconds = (int64_t)time(NULL) };
	text_append(record->object, sizeof(record->object), "%s", queue);
	return record;
}

void event_log_add(const struct live_notice *notice, void *data)
{
	char label[sizeof(((struct event_record *)NULL)->object)];
	struct event_record *record;

	record = event_log_next(data, document_object_label(notice->queue, label, sizeof(label)));
	if (notice->event) {
		record->event = *notice->event;
		return;
	}
	record->is_fault = true;
	if (notice->device)
		document_object_label(notice->device, record->device, sizeof(record->device));
	record->fault = (struct page_fault){
		.fault = *notice->fault,
		.index = notice->index,
		.count = notice->count,
		.device = record->device,
	};
}

void event_log_add_request(struct event_log *log, const char *label, const char *text)
{
	struct event_record *record = event_log_next(log, label);

	text_append(record->request, sizeof(record->request), "%s", text);
}

const struct event_record *event_log_at(const struct event_log *log, uint64_t from)
{
	const uint64_t gone = log->count > EVENT_LOG_SIZE ? log->count - EVENT_LOG_SIZE : 0;

	if (from <= gone)
		from = gone + 1;
	return from <= log->count ? &log->records[(from - 1) % EVENT_LOG_SIZE] : NULL;
}
