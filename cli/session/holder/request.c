// SPDX-License-Identifier: MIT
#include "session/holder/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document/parse.h"
#include "job/load.h"
#include "monotonic.h"
#include "output/json.h"
#include "output/memory.h"
#include "session/holder/apply.h"

enum { FORMAT_JSON, FORMAT_TEXT };

struct request {
	uint64_t version;
	uint64_t format;
	bool color;
	uint64_t columns;
	const struct schema_key *key;
	void *arguments;
};

static const struct schema_choice format_choices[] = {
	{ "json", FORMAT_JSON },
	{ "text", FORMAT_TEXT },
	{ NULL },
};

#define REQUEST(name, kind, help_)                                                                 \
	{                                                                                          \
		name, SCHEMA_OBJECT, MEMBER(request, arguments),                                   \
			.group = 1, .shape = &(kind).shape, .help = help_                          \
	}

static const struct schema_key request_keys[] = {
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(request, version), .required = true, .min = 1, .max = 1,
		.help = "The version of the protocol: 1." },
	{ "format", SCHEMA_CHOICE, MEMBER(request, format), .choices = format_choices,
		.fallback = FORMAT_JSON,
		.help = "Format of results and errors: \"text\" has the lines that the command "
			"prints, in \"out\" and \"err\"." },
	{ "color", SCHEMA_BOOL, MEMBER(request, color), .help = "Use terminal colours in text." },
	{ "columns", SCHEMA_NUMBER, MEMBER(request, columns), .max = REQUEST_COLUMNS_MAX,
		.help = "Wrap text at this many columns; 0: do not wrap." },
	REQUEST("apply", request_apply, "Adds a job to the session."),
	REQUEST("replace", request_replace,
		"Replaces a HWPT with another one, for all devices attached to it."),
	REQUEST("show", request_show, "Shows the session's objects."),
	REQUEST("save", request_save, "Returns the session as a job that makes it again."),
	REQUEST("export", request_export, "Passes open files, and the IDs of objects."),
	REQUEST("walk", request_walk, "Walks the translation of a device's IOVA."),
	REQUEST("dump", request_dump, "Shows the tables that devices use."),
	REQUEST("stats", request_stats, "Shows the session's counters."),
	REQUEST("events", request_events, "Reports events as they arrive."),
	REQUEST("stop", request_stop, "Ends the session: everything is undone in reverse."),
	{ NULL },
};

const struct schema_shape schema_request = {
	"request",
	sizeof(struct request),
	request_keys,
	.chosen_offset = offsetof(struct request, key),
	.help = "A request to a session, on one line.",
};

/* The messages for a running request. */
struct answer {
	struct memory_text out;
	struct memory_text err;
	struct report report;
};

static bool open_answer(struct answer *answer)
{
	memory_take_failure(); /* of an earlier answer, which has reported it */
	*answer = (struct answer){ .report = { .json = true, .command = "session" } };
	answer->report.out = memory_text_open(&answer->out);
	answer->report.err = memory_text_open(&answer->err);
	return answer->report.out && answer->report.err;
}

void request_out_of_memory(struct peer *peer)
{
	char text[PEER_LAST_MAX];
	size_t used;

	json_print_out_of_memory(
		text, sizeof(text), ENOMEM, "check with 'session show' how far the request got");
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used,
		"{\"iommuctl\":1,\"done\":{\"status\":%d,\"name\":\"%s\"}}\n", STATUS_FAILED,
		exit_status_name(STATUS_FAILED));
	peer_end(peer, text);
}

/* NULL: out of memory. */
static void say_whole(struct peer *peer, const char *text)
{
	if (!text || peer_say(peer, text, strlen(text)))
		request_out_of_memory(peer);
}

/* Sends a line, with its newline; sends nothing if memory runs out. */
static void say_json(struct peer *peer, json_t *line)
{
	const size_t length = line ? json_dumpb(line, NULL, 0, JSON_COMPACT) : 0;
	char *text = length ? malloc(length + 2) : NULL;

	const bool whole = text && json_dumpb(line, text, length, JSON_COMPACT) == length;

	if (whole)
		memcpy(text + length, "\n", 2);
	say_whole(peer, whole ? text : NULL);
	free(text);
	json_decref(line);
}

static void say_done(struct peer *peer, enum exit_status status)
{
	say_json(peer, json_pack("{s:i, s:{s:i, s:s}}", "iommuctl", 1, "done", "status",
			       (int)status, "name", exit_status_name(status)));
}

/* JSON is sent as it is; of text, each stream becomes a string. */
static void say_stream(struct peer *peer, const struct report *report, const char *kind, char *text)
{
	if (!text || report->json)
		say_whole(peer, text);
	else if (*text)
		say_json(peer, json_pack("{s:i, s:o}", "iommuctl", 1, kind, json_string(text)));
	free(text);
}

static void close_answer(struct answer *answer, struct peer *peer, enum exit_status status)
{
	struct report *report = &answer->report;

	if (!report->out || !report->err) {
		free(memory_text_close(&answer->out));
		free(memory_text_close(&answer->err));
		memory_take_failure();
		request_out_of_memory(peer);
		return;
	}
	if (memory_take_failure())
		status = report_out_of_memory(report);
	if (report->memory_lost)
		status = STATUS_FAILED;
	say_stream(peer, report, "out", memory_text_close(&answer->out));
	say_stream(peer, report, "err", memory_text_close(&answer->err));
	if (!peer->follow && !peer->held)
		say_done(peer, status);
}

static void say_as(struct report *report, const struct request *request)
{
	report->json = request->format == FORMAT_JSON;
	report->color_err = request->color;
	report->columns = (int)request->columns;
	report->command = request->key->name;
}

static const struct request_kind *kind_of(const struct request *request)
{
	return (const struct request_kind *)request->key->shape;
}

static enum exit_status carry_out(struct session *session, struct peer *peer,
	const struct request *request, struct report *report)
{
	const struct request_kind *kind = kind_of(request);

	say_as(report, request);
	peer->patience_end = 0;
	if (kind->looks && !session->wait)
		session_refresh(session);
	/* The state before the last change must not be the answer. */
	if (kind->looks && !session->wait && session->is_stale)
		return report_out_of_memory(report);
	return kind->run(session, peer, request->arguments, report);
}

/* Wait for a step that ends soon. */
#define PATIENCE_MS 200

static enum exit_status refuse_busy(
	const struct session *session, const char *kind, struct report *report)
{
	const struct session_wait *wait = session->wait;
	struct failure failure = { 0 };

	failure_set(&failure, -EBUSY,
		"client %d waits in %s (%s), and only one client at a time can change the "
		"session\ntry again when it is done, in %d s at most, or end that client; requests "
		"that only look, and 'session stop', need not wait",
		(int)wait->pid, session->doing->subject, session->doing->operation,
		wait->left_ms / 1000 + 1);
	failure.code = "busy";
	failure.operation = kind;
	failure.object = session->name;
	return report_failure(report, &failure);
}

/*
 * While another client's step waits, requests that change something wait for a while, and are then
 * refused. Stopping the session ends the step.
 */
static enum exit_status wait_for_turn(struct session *session, struct peer *peer,
	const struct request *request, struct report *report)
{
	const int64_t now = monotonic_ms();

	if (request->key->shape == &request_stop.shape) {
		session_end_doing(session, "client %d stopped the session", (int)peer->pid);
		session->wait->stopper = peer;
	} else if (!peer->patience_end) {
		peer->patience_end = now + PATIENCE_MS;
	} else if (now >= peer->patience_end) {
		peer->patience_end = 0;
		say_as(report, request);
		return refuse_busy(session, request->key->name, report);
	}
	peer_put_back(peer);
	return STATUS_DONE;
}

static enum exit_status answer(struct session *session, struct peer *peer, const char *text,
	size_t length, struct report *report)
{
	struct document_problem problem = { .message = "" };
	struct document *document = document_new(text, length);
	struct request request = { 0 };
	enum exit_status status;
	int err = -ENOMEM;

	if (document)
		err = document_parse(document, &schema_request, &request, &problem);
	if (!err && session->wait && !kind_of(&request)->looks)
		status = wait_for_turn(session, peer, &request, report);
	else if (!err)
		status = carry_out(session, peer, &request, report);
	else
		status = job_report_unread(report, "request", "bad-request", err, &problem);
	document_free(document);
	return status;
}

void request_answer(struct session *session, struct peer *peer, const char *text, size_t length)
{
	enum exit_status status = STATUS_FAILED;
	struct answer open;

	if (open_answer(&open))
		status = answer(session, peer, text, length, &open.report);
	close_answer(&open, peer, status);
}

void request_follow(const struct session *session, struct peer *peer)
{
	enum exit_status status = STATUS_DONE;
	struct answer open;
	bool enough = true;

	if (open_answer(&open)) {
		open.report.json = peer->follow->json;
		open.report.columns = peer->follow->columns;
		enough = follow_say(peer->follow, &session->log, &open.report);
		if (enough)
			status = follow_end(peer->follow, &open.report);
	}
	if (enough) {
		free(peer->follow);
		peer->follow = NULL;
	}
	close_answer(&open, peer, status);
}

void request_end_follow(struct peer *peer, const struct failure *failure)
{
	enum exit_status status = STATUS_FAILED;
	struct answer open;

	if (open_answer(&open)) {
		open.report.json = peer->follow->json;
		open.report.columns = peer->follow->columns;
		status = report_failure(&open.report, failure);
	}
	free(peer->follow);
	peer->follow = NULL;
	close_answer(&open, peer, status);
}

void request_refuse(struct peer *peer, enum exit_status status, const char *why, const char *remedy)
{
	struct answer open;

	if (open_answer(&open))
		report_failure(&open.report,
			&(struct failure){ .status = status,
				.code = "refused",
				.operation = "session",
				.message = why,
				.explanations = { { .remedy = remedy } },
				.explanation_count = 1 });
	close_answer(&open, peer, status);
}
