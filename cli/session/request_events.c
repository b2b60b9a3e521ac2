// SPDX-License-Identifier: MIT
/* The request that watches events. */
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "document/value.h"
#include "job/live_access.h"
#include "output/text.h"
#include "session/request.h"

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
			"name); all of the session if not given." },
	{ "follow", SCHEMA_BOOL, MEMBER(events_arguments, follow),
		.help = "Go on with those that are yet to come." },
	{ "count", SCHEMA_NUMBER, MEMBER(events_arguments, count), .max = FOLLOW_COUNT_MAX,
		.help = "End after so many; 0: do not." },
	{ "idle-timeout", SCHEMA_NUMBER, MEMBER(events_arguments, idle_timeout),
		.max = VALUE_DURATION_MAX_MS,
		.help = "End when none has come for so many milliseconds; 0: do not." },
	{ "since", SCHEMA_NUMBER, MEMBER(events_arguments, since), .fallback = DOCUMENT_UNSET,
		.help = "The number of the first event that is wanted. If not given, it is the next "
			"that comes, and without \"follow\" the first that is kept." },
	{ NULL },
};

static enum exit_status refuse_queue(struct report *report, const char *name)
{
	return report_failure(report,
		&(struct failure){ .error = -ENODEV,
			.operation = "look-up",
			.object = name,
			.message = "the session has no queue of events or page faults of this name",
			.explanations = { { .remedy = "'iommuctl session show --names' shows "
						      "what it has" } },
			.explanation_count = 1 });
}

/* Whether one that exists is wanted. */
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

/* Of a number that is yet to come there is nothing to leave out: others hold this session now. */
static uint64_t first_since(const struct event_log *log, uint64_t since)
{
	if (since > log->count + 1)
		return log->count + 1;
	return since ? since : 1;
}

/* Says of which vIOMMUs no event ever comes. */
static void say_unheard(const struct session *session, struct report *report)
{
	static const char said[] = "has no vEVENTQ: what the SMMU says of its devices is lost";
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
	/* What waits in the queues goes into the log first. */
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
		.help = "Says events and page faults as they come, and whether any were lost. Those that "
			"steps take are said as well. A page fault stays for the step that takes and "
			"answers it." },
	run_events,
	.looks = true,
};
