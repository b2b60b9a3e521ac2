// SPDX-License-Identifier: MIT
/* The request that watches events. */
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "document/value.h"
#include "job/live/access.h"
#include "output/text.h"
#include "session/holder/request.h"

struct events_arguments {
	const char *queue;
	bool follow;
	uint64_t count;
	uint64_t idle_timeout;
	uint64_t since;
};

static const struct schema_key events_keys[] = {
	{ "queue", SCHEMA_STRING, MEMBER(events_arguments, queue),
		.help = "The event queue or page-fault queue (\"COLLECTION.NAME\" if both have the "
			"name); by default all in the session." },
	{ "follow", SCHEMA_BOOL, MEMBER(events_arguments, follow),
		.help = "Wait for further events." },
	{ "count", SCHEMA_NUMBER, MEMBER(events_arguments, count), .max = FOLLOW_COUNT_MAX,
		.help = "Stop after this many events; 0: no limit." },
	{ "idle-timeout", SCHEMA_NUMBER, MEMBER(events_arguments, idle_timeout),
		.max = VALUE_DURATION_MAX_MS,
		.help = "Stop when none has come for this many milliseconds; 0: no limit." },
	{ "since", SCHEMA_NUMBER, MEMBER(events_arguments, since), .fallback = DOCUMENT_UNSET,
		.help = "Number of the first event. By default the next one to come, or without "
			"\"follow\" the first one kept." },
	{ NULL },
};

static enum exit_status refuse_queue(struct report *report, const char *name)
{
	return report_failure(report,
		&(struct failure){ .error = -ENODEV,
			.operation = "look-up",
			.object = name,
			.message = "the session has no event queue or page-fault queue of this "
				   "name",
			.explanations = { { .remedy = "'iommuctl session show --names' lists what "
						      "it has" } },
			.explanation_count = 1 });
}

/* Whether an existing queue is wanted. */
static bool has_queue(const struct session *session, const struct follow *follow)
{
	static const unsigned int collections[] = { JOB_VEVENTQS, JOB_FAULT_QUEUES };
	const struct live *live = &session->live;
	char label[sizeof(follow->queue)];

	for (size_t c = 0; c < ARRAY_SIZE(collections); c++) {
		for (size_t i = 0; i < live->job->objects[collections[c]].count; i++) {
			document_object_label(
				document_object_at(live->job->document, collections[c], i), label,
				sizeof(label));
			if (live->objects[collections[c]][i].made && follow_wants(follow, label))
				return true;
		}
	}
	return false;
}

/* A future number is from an earlier holder: start from the first event instead of skipping. */
static uint64_t first_since(const struct event_log *log, uint64_t since)
{
	if (since > log->count + 1)
		return log->count + 1;
	return since ? since : 1;
}

/* Notes which vIOMMUs never report events. */
static void say_unheard(const struct session *session, struct report *report)
{
	static const char said[] = "has no vEVENTQ: SMMU events for its devices are lost";
	const struct live *live = &session->live;
	char label[160];

	for (size_t i = 0; i < live->job->objects[JOB_VIOMMUS].count; i++) {
		const struct document_object *viommu =
			document_object_at(live->job->document, JOB_VIOMMUS, i);

		if (!live_is_unheard(live, viommu))
			continue;
		document_object_label(viommu, label, sizeof(label));
		report_result(report, "event",
			json_pack("{s:o, s:s, s:s}", "object", text_to_json(label), "type",
				"unheard", "event", said),
			"%s %s", label, said);
	}
}

static enum exit_status run_events(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct events_arguments *wanted = arguments;
	struct follow follow = {
		.columns = report->columns,
		.left = wanted->count,
		.idle_ms = (int64_t)wanted->idle_timeout,
		.waits = wanted->follow,
		.json = report->json,
	};

	if (wanted->queue)
		text_append(follow.queue, sizeof(follow.queue), "%s", wanted->queue);
	if (wanted->queue && !has_queue(session, &follow))
		return refuse_queue(report, wanted->queue);
	follow.next = wanted->follow ? session->log.count + 1 : 1;
	/* First read waiting events into the log. */
	if (live_watch_queues(&session->live))
		return report_failure(report, &session->live.failure);
	if (wanted->since != DOCUMENT_UNSET)
		follow.next = first_since(&session->log, wanted->since);
	if (!wanted->queue)
		say_unheard(session, report);
	follow_begin(&follow);
	if (follow_say(&follow, &session->log, report))
		return follow_end(&follow, report);
	peer->follow = malloc(sizeof(follow));
	if (!peer->follow)
		return report_out_of_memory(report);
	*peer->follow = follow;
	report_note(report, "following events; Ctrl-C ends it");
	return STATUS_DONE;
}

const struct request_kind request_events = {
	{ "events", sizeof(struct events_arguments), events_keys,
		.help = "Reports events and page faults as they come, and whether any were lost, "
			"including those that steps read. A page fault stays for the step that "
			"reads and answers it." },
	run_events,
	.looks = true,
};
