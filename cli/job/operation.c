// SPDX-License-Identifier: MIT
#include "job/operation.h"

#include <string.h>

#include "document/problem.h"
#include "output/progress.h"
#include "output/text.h"

void operation_locate(const struct job *job, const struct plan_operation *operation,
	const struct plan_description *description, struct failure *failure)
{
	const struct job_step *step = operation->step;
	const struct document_path *path =
		step		    ? step->path
		: operation->attach ? operation->attach->path
				    : operation->object->path;
	struct scan_position position = document_position(job->document, path);

	failure->path = description->subject;
	if (job->document->file_name) {
		failure->file = text_file_name(job->document->file_name);
		failure->line = position.line;
		failure->column = position.column;
	}
	if (!step)
		return;
	failure->in_step = true;
	failure->step = path->index;
	failure->step_name = step->name;
	if (!failure->expected && step->expect)
		failure->expected = step->expect->errno_name;
}

static bool has_cause(const struct failure *failure, const char *part)
{
	for (size_t i = 0; part && i < failure->explanation_count; i++) {
		if (failure->explanations[i].cause && strstr(failure->explanations[i].cause, part))
			return true;
	}
	return !part || (!failure->explanation_count && strstr(failure_message(failure), part));
}

/* Turns the action's result into the step's result. */
static int judge_step(
	struct live *live, const struct job_step *step, int error, char *detail, size_t size)
{
	struct failure *failure = &live->failure;
	const struct job_expect *expect = step->expect;

	if (!expect || error == LIVE_UNMET)
		return error;
	if (!error) {
		live_unmet(live, NULL, "succeeded; %s was expected", expect->errno_name);
		return live_expected(live, "%s", expect->errno_name);
	}
	/* A kernel that lacks something is no excuse: what it answers is what the step is about. */
	if (-error != errno_from_name(expect->errno_name)) {
		failure->status = STATUS_FAILED;
		return error;
	}
	if (failure->incidental) {
		failure->status = STATUS_FAILED;
		live_expected(
			live, "%s, but of the call that the step is about", expect->errno_name);
		return error;
	}
	if (!has_cause(failure, expect->cause)) {
		live_unmet(live, NULL, "%s came, but none of its causes contains \"%s\"",
			expect->errno_name, expect->cause);
		return live_expected(live, "%s: %s", expect->errno_name, expect->cause);
	}
	/* Several causes do not fit the line, and naming one of them would be a guess. */
	if (failure->explanation_count == 1 && failure->explanations[0].cause)
		text_append(detail, size, ": %s", failure->explanations[0].cause);
	return 0;
}

static void report_made(struct report *report, const struct live *live,
	const struct document_object *object, const struct plan_description *made)
{
	json_t *value = json_pack("{s:s, s:s, s:o}", "object", made->subject, "operation",
		made->operation, "detail", text_to_json(made->detail));
	uint32_t id = object ? live_object(live, object)->id : 0;

	if (id)
		json_object_set_new(value, "id", json_integer(id));
	report_result(report, "made", value, "%-4s %-16s %-29s %s", "made", made->subject,
		made->operation, made->detail);
}

static void report_step(struct report *report, const struct plan_description *done)
{
	report_result(report, "step",
		json_pack("{s:s, s:s, s:o, s:o, s:s}", "step", done->subject, "action",
			done->operation, "name", text_to_json(done->name), "detail",
			text_to_json(done->detail), "result", "ok"),
		"%-4s %-16s %-29s %s%s%s", "ok", done->subject, done->operation, done->detail,
		done->name ? " — " : "", done->name ? done->name : "");
}

static int run_step(struct live *live, const struct job_step *step, struct report *report,
	struct plan_description *description)
{
	int err = live_step(live, step);

	if (live->seen[0]) {
		description->detail[0] = '\0';
		text_append(description->detail, sizeof(description->detail), "%s", live->seen);
	}
	err = judge_step(live, step, err, description->detail, sizeof(description->detail));
	if (!err)
		report_step(report, description);
	return err;
}

/* The slow part is an IOAS's memory, which is mapped, or pinned for its first table. */
static int make_object(struct live *live, const struct document_object *object,
	const struct report *report, const char *subject)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	struct progress progress;
	uint64_t total = 0;
	int err;

	if (object->collection != JOB_IOAS &&
		(object->collection != JOB_HWPTS || !hwpt->ioas.target))
		return live_make(live, object);
	for (size_t i = 0; object->collection == JOB_IOAS && i < ioas->map.count; i++)
		total += job_ioas_map_length(&map[i]);
	progress_start(&progress, report, subject,
		object->collection == JOB_IOAS ? "mapping" : "pinning memory", total);
	live->progress = &progress;
	err = live_make(live, object);
	live->progress = NULL;
	progress_end(&progress);
	return err;
}

int operation_run(struct live *live, const struct plan_operation *operation, struct report *report,
	struct plan_description *description)
{
	int err;

	plan_describe(operation, description);
	if (operation->step)
		return run_step(live, operation->step, report, description);
	if (operation->object)
		err = make_object(live, operation->object, report, description->subject);
	else
		err = live_attach(live, operation->attach);
	if (!err)
		report_made(report, live, operation->object, description);
	return err;
}

bool operation_was_ended(struct live *live, int *signal)
{
	*signal = interrupt_take(&live->interrupt);
	if (*signal)
		failure_set(&live->failure, 0, "interrupted by %s", interrupt_name(*signal));
	else if (*live->ended)
		failure_set(&live->failure, 0, "ended: %s", live->ended);
	else
		return false;
	live->failure.status = STATUS_FAILED;
	live->failure.code = *signal ? "interrupted" : "ended";
	return true;
}
