// SPDX-License-Identifier: MIT
/* The requests that change and show a session's objects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "document/value.h"
#include "job/plan.h"
#include "look/tree.h"
#include "output/memory.h"
#include "output/text.h"
#include "output/wrap.h"
#include "session/holder/apply.h"
#include "session/holder/reclaim.h"
#include "session/holder/replace.h"
#include "session/holder/request.h"
#include "session/state/snapshot_maps.h"

struct apply_arguments {
	json_t *document;
};

static const struct schema_key apply_keys[] = {
	{ "document", SCHEMA_TREE, MEMBER(apply_arguments, document), .required = true,
		.help = "A job as in iommuctl-job(5), without the objects that already exist, "
			"which it may refer to." },
	{ NULL },
};

static enum exit_status run_apply(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct apply_arguments *apply = arguments;

	(void)peer;
	return session_apply(session, apply->document, report);
}

const struct request_kind request_apply = {
	{ "apply", sizeof(struct apply_arguments), apply_keys,
		.help = "Makes objects, attaches, and goes through steps, as run does; undone if "
			"anything fails." },
	run_apply,
};

static const struct schema_key replace_keys[] = {
	{ "hwpt", SCHEMA_STRING, MEMBER(replace_arguments, hwpt), .required = true,
		.help = "The HWPT to replace." },
	{ "by", SCHEMA_STRING, MEMBER(replace_arguments, by), .required = true,
		.help = "The name of the new one." },
	{ "with", SCHEMA_TREE, MEMBER(replace_arguments, with), .required = true,
		.help = "The keys in which the new one differs from the old one." },
	{ NULL },
};

static enum exit_status run_replace(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	(void)peer;
	return session_replace(session, arguments, report);
}

const struct request_kind request_replace = {
	{ "replace", sizeof(struct replace_arguments), replace_keys,
		.help = "Makes a HWPT like another, moves everything attached to the old one to it "
			"without a gap, and destroys the old one. It tracks dirty pages if the old "
			"one did, and what the old one recorded is lost." },
	run_replace,
};

enum { SHOW_LIST, SHOW_NAMES, SHOW_TREE, SHOW_DOT };

struct show_arguments {
	uint64_t as;
};

static const struct schema_choice show_choices[] = {
	{ "list", SHOW_LIST },
	{ "names", SHOW_NAMES },
	{ "tree", SHOW_TREE },
	{ "dot", SHOW_DOT },
	{ NULL },
};

static const struct schema_key show_keys[] = {
	{ "as", SCHEMA_CHOICE, MEMBER(show_arguments, as), .choices = show_choices,
		.fallback = SHOW_LIST, .help = "The format." },
	{ NULL },
};

/* While a step waits, the job may lack the mappings of IOASes: the live ones count. */
static void describe_mapped(const struct session *session, const struct document_object *object,
	struct plan_description *said)
{
	struct job_ioas ioas = *(const struct job_ioas *)object;
	json_t *list = snapshot_ioas_map(&session->live, &ioas), *one;
	const size_t count = json_array_size(list);
	struct job_ioas_map *map = memory_checked(calloc(count + 1, sizeof(*map)));
	size_t i;

	json_array_foreach(list, i, one) {
		const char *iova = json_string_value(json_object_get(one, "iova"));
		const char *memory = json_string_value(json_object_get(one, "memory"));

		if (!map || !iova || !memory)
			break;
		map[i].memory.name = memory;
		value_parse_number(iova, &map[i].iova);
	}
	ioas.map = (struct document_list){ .items = map, .count = i };
	plan_describe(&(struct plan_operation){ .object = &ioas.object }, said);
	free(map);
	json_decref(list);
}

static json_t *describe(
	const struct session *session, const struct document_object *object, FILE *table)
{
	const struct live_object *state = live_object(&session->live, object);
	const struct plan_operation operation = {
		.object = object,
		.ste = object->collection == JOB_HWPTS ? state->ste : NULL,
	};
	struct plan_description said;
	char term[160];
	json_t *value;

	if (session->is_short && object->collection == JOB_IOAS)
		describe_mapped(session, object, &said);
	else
		plan_describe(&operation, &said);
	value = json_pack(
		"{s:s, s:o}", "object", said.subject, "detail", text_to_json(said.detail));
	snprintf(term, sizeof(term), "%s", said.subject);
	if (state->id) {
		json_object_set_new(value, "id", json_integer(state->id));
		text_append(term, sizeof(term), " (%" PRIu32 ")", state->id);
	}
	wrap_print(table, term, said.detail);
	return value;
}

static json_t *describe_attachment(
	const struct live_entry *entry, const struct document_object *to, FILE *table)
{
	char label[160];
	json_t *said;

	document_object_label(to, label, sizeof(label));
	said = json_pack("{s:s, s:s}", "device", entry->object->name, "to", label);
	fprintf(table, "  devices.%s ", entry->object->name);
	if (entry->pasid) {
		fprintf(table, "with PASID %" PRIu32 " ", entry->pasid);
		json_object_set_new(said, "pasid", json_integer(entry->pasid));
	}
	fprintf(table, "is attached to %s\n", label);
	return said;
}

/* In the order in which they were made. */
static json_t *describe_all(const struct session *session, FILE *table)
{
	const struct live *live = &session->live;
	json_t *objects = json_array(), *attachments = json_array();

	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];

		if (!entry->is_attachment)
			json_array_append_new(objects, describe(session, entry->object, table));
	}
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];
		const struct document_object *to =
			entry->is_attachment ? live_attached_to(live, entry) : NULL;

		if (to)
			json_array_append_new(attachments, describe_attachment(entry, to, table));
	}
	return json_pack("{s:o, s:i, s:s, s:o, s:o}", "name", text_to_json(session->name), "pid",
		(int)getpid(), "backend", session->platform->backend, "objects", objects,
		"attachments", attachments);
}

/* The client whose step waits, if any. */
static void describe_wait(const struct session *session, json_t *value, FILE *table)
{
	const struct plan_description *doing = session->doing;

	if (!session->wait)
		return;
	fprintf(table, "  client %d waits in %s (%s)\n", (int)session->wait->pid, doing->subject,
		doing->operation);
	json_object_set_new(value, "waits",
		json_pack("{s:i, s:s, s:s}", "client", (int)session->wait->pid, "step",
			doing->subject, "action", doing->operation));
}

static enum exit_status show_list(struct session *session, struct report *report)
{
	struct memory_text lines;
	FILE *table = memory_text_open(&lines);
	json_t *value = NULL;
	char *text;

	session_refresh_whole(session);
	if (table) {
		fprintf(table, "session %s: process %d, %s\n", session->name, (int)getpid(),
			session->platform->backend);
		value = describe_all(session, table);
		describe_wait(session, value, table);
		reclaim_show(session, value, table);
	}
	text = memory_text_close(&lines);
	if (!text) {
		json_decref(value);
		return report_out_of_memory(report);
	}
	text[strlen(text) - 1] = '\0'; /* the last newline is report_lines()'s */
	report_lines(report, "session", value, text);
	free(text);
	return STATUS_DONE;
}

static enum exit_status show_names(const struct session *session, struct report *report)
{
	const struct live *live = &session->live;

	for (size_t i = 0; i < live->entry_count; i++) {
		char label[160];

		if (live->entries[i].is_attachment)
			continue;
		document_object_label(live->entries[i].object, label, sizeof(label));
		report_result(report, "name", json_string(label), "%s", label);
	}
	return STATUS_DONE;
}

static enum exit_status run_show(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct show_arguments *show = arguments;

	(void)peer;
	switch (show->as) {
	case SHOW_NAMES: return show_names(session, report);
	case SHOW_TREE: return look_tree(&session->live, report);
	case SHOW_DOT: return look_dot(&session->live, report);
	default: return show_list(session, report);
	}
}

const struct request_kind request_show = {
	{ "show", sizeof(struct show_arguments), show_keys,
		.help = "Shows the session's "
			"objects." },
	run_show,
	.looks = true,
};

const struct schema_key request_no_keys[] = { { NULL } };

static enum exit_status run_stop(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	(void)peer;
	(void)arguments;
	session->stopping = true;
	return session_close(session, report, STATUS_DONE);
}

const struct request_kind request_stop = {
	{ "stop", sizeof(struct request_no_arguments), request_no_keys,
		.help = "Ends the session. The answer comes once everything has been undone." },
	run_stop,
};
