// SPDX-License-Identifier: MIT
#include "session/holder/carry_out.h"

#include <stdlib.h>
#include <string.h>

#include "document/node.h"
#include "job/actions/action.h"
#include "job/operation.h"
#include "job/plan.h"
#include "output/memory.h"
#include "session/holder/kept_steps.h"
#include "session/holder/merge.h"
#include "session/state/mapped_document.h"
#include "session/state/snapshot.h"
#include "session/holder/undo.h"

/* Reserved for describing the session once memory has run out. */
#define RESERVE_SIZE ((size_t)256 * 1024)

/* The previous contents, and what has changed since. */
struct addition {
	struct session *session;
	struct report *report;
	const json_t *base;
	bool *changed[JOB_COLLECTIONS];
	size_t steps_done; /* steps of the job that have run, including earlier ones */
	json_t *held;	   /* names of IOASes whose mappings are in session->maps meanwhile */
};

static void close_addition(struct addition *addition)
{
	for (int c = 0; c < JOB_COLLECTIONS; c++)
		free(addition->changed[c]);
	json_decref(addition->held);
}

static bool open_addition(struct addition *addition)
{
	const struct job *job = addition->session->job;

	for (int c = 0; c < JOB_COLLECTIONS; c++) {
		addition->changed[c] = calloc(job->objects[c].count + 1, sizeof(bool));
		if (!addition->changed[c])
			return false;
	}
	addition->steps_done = merge_count(addition->base, "steps");
	return true;
}

static bool is_old(const struct addition *addition, const struct plan_operation *operation)
{
	const struct job *job = addition->session->job;

	if (operation->object)
		return undo_was_there(addition->base, operation->object);
	if (operation->attach)
		return (size_t)(operation->attach - (const struct job_attach *)job->attach.items) <
		       merge_count(addition->base, "attach");
	return (size_t)(operation->step - (const struct job_step *)job->steps.items) <
	       merge_count(addition->base, "steps");
}

/* Records which object of the session's document @step has changed. */
static void note_changes(struct addition *addition, const struct job_step *step)
{
	const struct job *job = addition->session->job;
	const struct job_action *action = job_step_action(step);
	const struct job_stage1 *stage1 = job->objects[JOB_STAGE1].items;
	const struct action_span span = job_step_writes(step);

	if (action->effect == ACTION_CHANGES) {
		const struct document_object *object =
			job_action_object(action, step->arguments, 0);

		addition->changed[object->collection][object->index] |=
			live_object(&addition->session->live, object)->made &&
			(object->collection == JOB_IOAS || object->collection == JOB_STAGE1);
	}
	for (size_t i = 0; span.size && i < job->objects[JOB_STAGE1].count; i++) {
		if (span.ipa < stage1[i].at + stage1[i].size && stage1[i].at < span.ipa + span.size)
			addition->changed[JOB_STAGE1][i] = true;
	}
}

/* The IOAS that @operation, a step, changes; NULL: none. */
static const struct document_object *changed_ioas(const struct plan_operation *operation)
{
	const struct job_step *step = operation->step;
	const struct job_action *action = step ? job_step_action(step) : NULL;
	const struct document_object *object =
		action && action->effect == ACTION_CHANGES
			? job_action_object(action, step->arguments, 0)
			: NULL;

	return object && object->collection == JOB_IOAS ? object : NULL;
}

/*
 * Others that look while a later step waits are told what was mapped before the request, which only
 * the live session may know.
 */
static void hold_map(struct addition *addition, const struct plan_operation *operation)
{
	struct session *session = addition->session;
	const struct job_step *step = operation->step;
	const struct job_action *action = step ? job_step_action(step) : NULL;
	const struct document_object *ioas =
		action && (action->effect == ACTION_CHANGES || action->effect == ACTION_DESTROYS)
			? job_action_object(action, step->arguments, 0)
			: NULL;

	if (!ioas || ioas->collection != JOB_IOAS || !undo_was_there(addition->base, ioas) ||
		!whole_hold_map(session, (const struct job_ioas *)ioas))
		return;
	if (!addition->held)
		addition->held = json_array();
	json_array_append_new(addition->held, json_string(ioas->name));
}

static void drop_held_maps(struct addition *addition)
{
	json_t *name;
	size_t i;

	json_array_foreach(addition->held, i, name) {
		json_object_del(addition->session->maps, json_string_value(name));
	}
}

static size_t count_mappings(const struct live *live, const struct plan_operation *operation)
{
	const struct document_object *ioas = changed_ioas(operation);

	return ioas ? live->maps[ioas->index].count : 0;
}

/*
 * A failed step may have changed an IOAS's mappings even if the failure was expected; anything else
 * can only have changed if the step failed unexpectedly.
 */
static bool may_have_changed(const struct live *live, const struct plan_operation *operation,
	size_t mappings, enum exit_status status)
{
	if (!status && !operation->step->expect)
		return true;
	if (changed_ioas(operation))
		return count_mappings(live, operation) != mappings;
	return status != STATUS_DONE;
}

/* If an operation cannot be recorded, undo it as if it had failed. */
static bool is_untold(const struct report *report)
{
	fflush(report->out); /* the answer grows by that; losses on standard output are reported */
	return report->memory_lost || memory_has_failed();
}

static enum exit_status run(struct addition *addition, const struct plan *plan)
{
	struct live *live = &addition->session->live;
	enum exit_status status = STATUS_DONE;

	*live->ended = '\0';
	for (size_t i = 0; !status && i < plan->count; i++) {
		const struct plan_operation *operation = &plan->operations[i];
		const size_t mappings = count_mappings(live, operation);
		struct plan_description description;
		int err, signal;
		bool ended;

		if (is_old(addition, operation))
			continue;
		if (i + 1 < plan->count)
			hold_map(addition, operation);
		addition->session->doing = &description;
		err = operation_run(live, operation, addition->report, &description);
		addition->session->doing = NULL;
		ended = operation_was_ended(live, &signal);
		if (ended || err)
			operation_locate(live->job, operation, &description, &live->failure);
		if (ended)
			status = report_failure(addition->report, &live->failure);
		else if (err)
			status = live_report_failure(live, addition->report);
		else if (operation->step)
			addition->steps_done++;
		if (operation->step && may_have_changed(live, operation, mappings, status))
			note_changes(addition, operation->step);
		if (!status && is_untold(addition->report))
			status = report_out_of_memory(addition->report);
		addition->session->stopping |= signal != 0;
	}
	live->failure.path = NULL;
	return status;
}

/* Those steps that have run which a saved session must include. */
static json_t *keep_steps(const struct addition *addition)
{
	const struct document_node *tree = addition->session->job->document->tree;
	const struct document_node *all = document_node_member(tree, "steps");
	const struct document_node *step = all ? all->first : NULL;
	json_t *kept = json_array();

	for (size_t at = 0; at < addition->steps_done && step; at++, step = step->next)
		kept_steps_add(kept, document_share(step));
	return kept;
}

/* A session's job begins with what existed before: number the rest as in the request. */
static void renumber(const struct session *session, const json_t *base)
{
	const struct job_attach *attach = session->job->attach.items;
	const struct job_step *steps = session->job->steps.items;
	size_t first = merge_count(base, "attach");

	for (size_t i = first; i < session->job->attach.count; i++)
		((struct document_path *)attach[i].path)->index = i - first;
	first = merge_count(base, "steps");
	for (size_t i = first; i < session->job->steps.count; i++)
		((struct document_path *)steps[i].path)->index = i - first;
}

/*
 * The current contents, as a job; NULL: no memory for all of it. Earlier memory failures are left
 * to the report.
 */
static json_t *try_to_take_stock(struct addition *addition)
{
	struct session *session = addition->session;
	const bool ran_out = memory_take_failure();
	json_t *steps = keep_steps(addition), *document = NULL;

	if (steps)
		document = session_snapshot_take(&session->live, session->name, steps,
			(const bool *const *)addition->changed, session->maps);
	json_decref(steps);
	if (memory_take_failure()) {
		json_decref(document);
		document = NULL;
	}
	if (ran_out)
		memory_note_failure();
	return document;
}

/* The same, using the reserved memory if there is no other. */
static json_t *take_stock(struct addition *addition)
{
	struct session *session = addition->session;
	json_t *document = try_to_take_stock(addition);

	if (document || !session->reserve)
		return document;
	free(session->reserve);
	session->reserve = NULL;
	return try_to_take_stock(addition);
}

/* Contents that cannot be described cannot be added to. */
static enum exit_status go_on_with(
	struct session *session, json_t *document, enum exit_status status, struct report *report)
{
	session->stopping |= !document;
	if (!document)
		return report_out_of_memory(report);
	json_decref(session->document);
	session->document = document;
	return status;
}

enum exit_status session_take_stock(struct session *session, struct report *report)
{
	struct addition addition = {
		.session = session, .report = report, .base = session->document
	};
	json_t *document = open_addition(&addition) ? take_stock(&addition) : NULL;

	close_addition(&addition);
	session->is_stale = true;
	return go_on_with(session, document, STATUS_DONE, report);
}

enum exit_status session_carry_out(
	struct session *session, const json_t *base, struct report *report)
{
	struct addition addition = { .session = session, .report = report, .base = base };
	enum exit_status status;
	json_t *document;
	struct plan plan = { 0 };

	if (!session->reserve)
		session->reserve = malloc(RESERVE_SIZE);
	if (!session->reserve || !open_addition(&addition) || plan_make(session->job, &plan)) {
		close_addition(&addition);
		return report_out_of_memory(report);
	}
	renumber(session, base);
	status = run(&addition, &plan);
	if (status)
		undo_addition(session, base, report);
	plan_free(&plan);
	drop_held_maps(&addition);
	document = take_stock(&addition);
	close_addition(&addition);
	return go_on_with(session, document, status, report);
}
