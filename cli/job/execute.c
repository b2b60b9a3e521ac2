// SPDX-License-Identifier: MIT
#include "job/execute.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/child.h"
#include "job/live.h"
#include "job/plan.h"
#include "document/problem.h"
#include "output/text.h"

/* What is carried out, and where. */
struct execution {
	const struct job *job;
	const struct cli_context *context;
	const struct platform *platform;
	struct report *report;
	char *const *command;
};

/* Adds where in the document @operation stands. */
static void locate(const struct job *job, const struct plan_operation *operation,
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

/* Turns how the action ended into how the step ended. */
static int judge_step(
	struct live *live, const struct job_step *step, int error, char *detail, size_t size)
{
	const struct failure *failure = &live->failure;
	const struct job_expect *expect = step->expect;

	if (!expect || error == LIVE_UNMET)
		return error;
	if (!error) {
		live_unmet(live, NULL, "succeeded; %s was expected", expect->errno_name);
		return live_expected(live, "%s", expect->errno_name);
	}
	if (-error != errno_from_name(expect->errno_name))
		return error;
	if (!has_cause(failure, expect->cause)) {
		live_unmet(live, NULL, "%s came, but no cause of it has \"%s\" in it",
			expect->errno_name, expect->cause);
		return live_expected(live, "%s: %s", expect->errno_name, expect->cause);
	}
	if (failure->explanation_count && failure->explanations[0].cause)
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

static int run_operation(struct live *live, const struct plan_operation *operation,
	struct report *report, struct plan_description *description)
{
	int err;

	plan_describe(operation, description);
	if (operation->step)
		return run_step(live, operation->step, report, description);
	if (operation->object)
		err = live_make(live, operation->object);
	else
		err = live_attach(live, operation->attach);
	if (!err)
		report_made(report, live, operation->object, description);
	return err;
}

/* *@steps becomes the number of steps that have passed. */
static enum exit_status run_plan(
	struct live *live, const struct plan *plan, struct report *report, size_t *steps)
{
	enum exit_status status = STATUS_DONE;

	for (size_t i = 0; !status && i < plan->count; i++) {
		const struct plan_operation *operation = &plan->operations[i];
		struct plan_description description;
		int err = run_operation(live, operation, report, &description);
		int signal = interrupt_take(&live->interrupt);

		if (signal) {
			failure_set(&live->failure, 0, "interrupted by %s", interrupt_name(signal));
			live->failure.status = STATUS_FAILED;
			live->failure.code = "interrupted";
		}
		if (signal || err)
			locate(live->job, operation, &description, &live->failure);
		if (signal)
			status = report_failure(report, &live->failure);
		else if (err)
			status = live_report_failure(live, report);
		else
			*steps += operation->step != NULL;
	}
	/* The description ends here. */
	live->failure.path = NULL;
	return status;
}

static const char *const ledger_kinds[] = {
	[IOMMUCTL_LEDGER_FILE] = "file descriptor",
	[IOMMUCTL_LEDGER_OBJECT] = "object",
	[IOMMUCTL_LEDGER_ATTACH] = "attachment",
	[IOMMUCTL_LEDGER_MAPPING] = "mapping",
};

/* Nothing may be left once all is undone: the ledger has seen every call. */
static enum exit_status check_ledger(const struct execution *execution, enum exit_status status)
{
	const struct iommuctl_ledger_entry *entries;
	struct failure failure;
	size_t count;

	entries = iommuctl_transport_ledger_get_entries(execution->context->ledger, &count);
	if (!count)
		return status;
	failure_set(&failure, 0,
		"%zu left behind, the first of them the %s %" PRIu64 " that %s made", count,
		ledger_kinds[entries[0].kind], entries[0].id, entries[0].call);
	failure.code = "left-behind";
	failure.operation = "undo";
	report_failure(execution->report, &failure);
	return status ? status : STATUS_FAILED;
}

static void report_summary(const struct execution *execution, enum exit_status status, size_t steps)
{
	uint64_t calls = iommuctl_transport_ledger_get_calls(execution->context->ledger);
	const struct job *job = execution->job;
	struct report *report = execution->report;
	const char *backend = execution->platform->backend;
	const char *name = job->name ? job->name : "job";
	const bool failed = status || report->output_lost || report->memory_lost;
	const char *result = failed ? "failed" : "passed";
	size_t left;

	iommuctl_transport_ledger_get_entries(execution->context->ledger, &left);
	if (failed && !report->json) {
		report_note(report,
			"%s: failed and undone, %zu of %zu steps passed; %" PRIu64
			" calls to the %s, %zu left behind",
			name, steps, job->steps.count, calls, backend, left);
		return;
	}
	report_result(report, "run",
		json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:I}", "job", text_to_json(name),
			"result", result, "backend", backend, "steps", (json_int_t)job->steps.count,
			"steps-passed", (json_int_t)steps, "calls", (json_int_t)calls,
			"left-behind", (json_int_t)left),
		"%s: %s, %zu steps; %" PRIu64 " calls to the %s, %zu left behind", name, result,
		steps, calls, backend, left);
}

/* Makes, runs and undoes @plan. The signals of @interrupt can end it, but not the undoing. */
static enum exit_status execute(const struct execution *execution, const struct plan *plan,
	const struct interrupt *interrupt)
{
	struct report *report = execution->report;
	enum exit_status status;
	struct live live;
	size_t steps = 0;
	int err;

	err = live_open(&live, execution->job, execution->context->ctx, execution->platform);
	live.interrupt = *interrupt;
	if (err)
		status = report_failure(report, &live.failure);
	else
		status = run_plan(&live, plan, report, &steps);
	if (!status && execution->command)
		status = child_run(&live, execution->command, report);
	if (live_close(&live)) {
		live.failure.path = "undo";
		report_failure(report, &live.failure);
		status = status ? status : STATUS_FAILED;
	}
	status = check_ledger(execution, status);
	status = cli_context_check(execution->context, report, status);
	report_summary(execution, status, steps);
	return status;
}

enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct platform *platform, struct report *report, char *const *command)
{
	const struct execution execution = { job, context, platform, report, command };
	struct interrupt interrupt;
	enum exit_status status;
	struct plan plan;
	int err;

	if (plan_make(job, &plan))
		return report_out_of_memory(report);
	err = interrupt_watch(&interrupt);
	if (!err) {
		status = execute(&execution, &plan, &interrupt);
		interrupt_unwatch(&interrupt);
	} else {
		status = report_errno(report, "signalfd", NULL, err);
	}
	plan_free(&plan);
	return status;
}
