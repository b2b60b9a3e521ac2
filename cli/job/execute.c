// SPDX-License-Identifier: MIT
#include "job/execute.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/child.h"
#include "job/live.h"
#include "job/plan.h"

static enum exit_status report_live_failure(
	struct report *report, const struct live_failure *failure, const char *subject)
{
	struct failure plain = {
		.status = failure->status,
		.code = failure->error ? errno_name(failure->error) : "unmet",
		.operation = failure->operation,
		.object = failure->object[0] ? failure->object : NULL,
		.path = subject,
		.message = failure->message,
	};
	char object[300];

	if (!failure->explained)
		return report_failure(report, &plain);
	snprintf(object, sizeof(object), "%s%s%s", subject ? subject : failure->object,
		subject && failure->object[0] ? ": " : "", subject ? failure->object : "");
	report_error(report, &failure->library, object[0] ? object : NULL);
	return failure->status;
}

static bool has_cause(const struct live_failure *failure, const char *part)
{
	if (!part)
		return true;
	for (size_t i = 0; failure->explained && i < failure->library.explanation_count; i++) {
		if (strstr(failure->library.explanation[i].cause, part))
			return true;
	}
	return false;
}

/* Turns how the action ended into how the step ended. */
static int judge_step(struct live *live, const struct job_step *step, int error, char *detail,
	size_t size)
{
	const struct job_expect *expect = step->expect;
	size_t used = strlen(detail);

	if (!expect || error == LIVE_UNMET)
		return error;
	if (!error)
		return live_unmet(live, NULL, "succeeded; %s was expected", expect->errno_name);
	if (-error != errno_from_name(expect->errno_name))
		return error;
	if (!has_cause(&live->failure, expect->cause))
		return live_unmet(live, NULL, "%s came, but no cause of it has \"%s\" in it",
			expect->errno_name, expect->cause);
	snprintf(detail + used, size - used, "%s%s%s%s", used ? ": " : "", expect->errno_name,
		live->failure.explained && live->failure.library.explanation_count ? ", " : "",
		live->failure.explained && live->failure.library.explanation_count ?
			live->failure.library.explanation[0].cause : "");
	return 0;
}

static void report_operation(struct report *report, const struct live *live,
	const struct plan_operation *operation, const struct plan_description *description,
	const char *detail)
{
	const struct live_object *state = NULL;
	json_t *value;

	if (operation->object)
		state = live_object(live, operation->object);
	value = json_pack("{s:s, s:s, s:s}", operation->step ? "step" : "object",
		description->subject, operation->step ? "action" : "operation",
		description->operation, "detail", detail);
	if (operation->step)
		json_object_set_new(value, "result", json_string("ok"));
	if (state && state->id)
		json_object_set_new(value, "id", json_integer(state->id));
	report_result(report, operation->step ? "step" : "made", value, "%-4s %-16s %-29s %s",
		operation->step ? "ok" : "made", description->subject, description->operation, detail);
}

static int run_operation(struct live *live, const struct plan_operation *operation,
	struct report *report)
{
	struct plan_description description;
	char detail[1024] = "", whole[1300];
	int err;

	plan_describe(operation, &description);
	if (operation->object) {
		err = live_make(live, operation->object);
	} else if (operation->attach) {
		err = live_attach(live, operation->attach);
	} else {
		err = live_step(live, operation->step, detail, sizeof(detail));
		err = judge_step(live, operation->step, err, detail, sizeof(detail));
	}
	if (err)
		return err;
	snprintf(whole, sizeof(whole), "%s%s%s", detail,
		detail[0] && description.detail[0] ? " — " : "", description.detail);
	report_operation(report, live, operation, &description, whole);
	return 0;
}

static enum exit_status run_plan(
	struct live *live, const struct plan *plan, struct report *report)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_operation *operation = &plan->operations[i];
		struct plan_description description;

		if (!run_operation(live, operation, report))
			continue;
		plan_describe(operation, &description);
		return report_live_failure(
			report, &live->failure, operation->object ? NULL : description.subject);
	}
	return STATUS_DONE;
}

static const char *const ledger_kinds[] = {
	[IOMMUCTL_LEDGER_FILE] = "file descriptor",
	[IOMMUCTL_LEDGER_OBJECT] = "object",
	[IOMMUCTL_LEDGER_ATTACH] = "attachment",
	[IOMMUCTL_LEDGER_MAPPING] = "mapping",
};

/* Nothing may be left once all is undone: the ledger has seen every call. */
static enum exit_status check_ledger(
	const struct cli_context *context, struct report *report, enum exit_status status)
{
	const struct iommuctl_ledger_entry *entries;
	char message[192];
	size_t count;

	entries = iommuctl_transport_ledger_entries(context->ledger, &count);
	if (!count)
		return status;
	snprintf(message, sizeof(message), "%zu left behind, the first of them the %s %" PRIu64
		" that %s made", count, ledger_kinds[entries[0].kind], entries[0].id, entries[0].call);
	report_failure(report, &(struct failure){
		.status = STATUS_FAILED, .code = "left-behind", .operation = "undo", .message = message });
	return status ? status : STATUS_FAILED;
}

static void report_summary(const struct job *job, const struct cli_context *context,
	struct report *report, enum exit_status status)
{
	uint64_t calls = iommuctl_transport_ledger_calls(context->ledger);
	const char *name = job->name ? job->name : "job";
	const char *result = status ? "failed" : "passed";
	size_t left;

	iommuctl_transport_ledger_entries(context->ledger, &left);
	if (status && !report->json) {
		report_note(report, "%s: failed, and undone; %" PRIu64 " calls to the kernel, %zu left behind",
			name, calls, left);
		return;
	}
	report_result(report, "run",
		json_pack("{s:s, s:s, s:I, s:I, s:I}", "job", name, "result", result, "steps",
			(json_int_t)job->steps.count, "calls", (json_int_t)calls, "left-behind",
			(json_int_t)left),
		"%s: %s, %zu steps; %" PRIu64 " calls to the kernel, %zu left behind", name, result,
		job->steps.count, calls, left);
}

enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct sysfs *sysfs, struct report *report, char *const *command)
{
	struct live_failure undo_failure;
	enum exit_status status;
	struct live live;
	struct plan plan;

	if (plan_make(job, &plan))
		return report_errno(report, "plan", NULL, ENOMEM);
	if (live_open(&live, job, context->ctx, sysfs))
		status = report_live_failure(report, &live.failure, NULL);
	else
		status = run_plan(&live, &plan, report);
	if (!status && command)
		status = child_run(&live, command, report);
	if (live_close(&live, &undo_failure)) {
		report_live_failure(report, &undo_failure, "undo");
		status = status ? status : STATUS_FAILED;
	}
	status = check_ledger(context, report, status);
	report_summary(job, context, report, status);
	plan_free(&plan);
	return status;
}
