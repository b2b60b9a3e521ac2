// SPDX-License-Identifier: MIT
#include "job/execute.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/handover/live.h"
#include "job/ledger.h"
#include "job/operation.h"
#include "output/text.h"

/* A plan, and what it is carried out on. */
struct execution {
	const struct job *job;
	const struct cli_context *context;
	const struct platform *platform;
	struct report *report;
	const struct child *child;
	const struct job_observer *observer;
};

/* Sets *@steps to the number of steps that passed. */
static enum exit_status run_plan(
	struct live *live, const struct plan *plan, struct report *report, size_t *steps)
{
	enum exit_status status = STATUS_DONE;

	for (size_t i = 0; !status && i < plan->count; i++) {
		const struct plan_operation *operation = &plan->operations[i];
		struct plan_description description;
		int err = operation_run(live, operation, report, &description);
		int signal;
		const bool ended = operation_was_ended(live, &signal);

		if (ended || err)
			operation_locate(live->job, operation, &description, &live->failure);
		if (ended)
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

static enum exit_status run_child(
	const struct child *child, const struct live *live, struct report *report)
{
	struct handover handover = { 0 };
	enum exit_status status;

	if (handover_add_live(&handover, live))
		status = report_out_of_memory(report);
	else
		status = child_run(child, &handover, &live->interrupt, report);
	handover_free(&handover);
	return status;
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

	err = live_open(&live, execution->job, execution->context->ctx, execution->platform, NULL);
	live.interrupt = *interrupt;
	live.transport = execution->context->top;
	if (err)
		status = report_failure(report, &live.failure);
	else
		status = run_plan(&live, plan, report, &steps);
	if (!status && execution->observer)
		status = execution->observer->look(
			&live, execution->context, report, execution->observer->data);
	if (!status && execution->child)
		status = run_child(execution->child, &live, report);
	if (live_close(&live)) {
		live.failure.path = "undo";
		report_failure(report, &live.failure);
		status = status ? status : STATUS_FAILED;
	}
	status = ledger_check(execution->context, execution->report, status);
	status = cli_context_check(execution->context, report, status);
	report_summary(execution, status, steps);
	return status;
}

enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct platform *platform, struct report *report, const struct child *child,
	const struct job_observer *observer)
{
	const struct execution execution = { job, context, platform, report, child, observer };
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
