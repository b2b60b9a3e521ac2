// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <errno.h>

#include "invocation.h"
#include "job/load.h"
#include "model/platform.h"
#include "output/text.h"

static void show(struct report *report, const struct plan_operation *operation, size_t number)
{
	struct plan_description description;
	const char *name;

	plan_describe(operation, &description);
	plan_describe_tokens(operation, &description);
	name = description.name;
	report_result(report, "operation",
		json_pack("{s:I, s:s, s:s, s:o, s:o}", "index", (json_int_t)number, "object",
			description.subject, "operation", description.operation, "detail",
			text_to_json(description.detail), "name", text_to_json(name)),
		"%4zu %-16s %-29s %s%s%s", number, description.subject, description.operation,
		description.detail, name ? " — " : "", name ? name : "");
}

static enum exit_status run(struct invocation *invocation)
{
	enum exit_status status;
	struct plan plan;
	struct job *job;

	status = invocation_check_stdin(invocation, 1);
	if (status)
		return status;
	status = job_load(invocation->arguments[0], invocation->report, &job);
	if (status) {
		invocation_note_bare_word(invocation, invocation->arguments[0]);
		return status;
	}
	status = platform_model_check(
		invocation->model, invocation->report, invocation->arguments[0], job);
	if (status) {
		job_free(job);
		return status;
	}
	if (plan_make(job, &plan)) {
		job_free(job);
		return report_out_of_memory(invocation->report);
	}
	report_in_blocks(invocation->report);
	for (size_t i = 0; i < plan.count; i++)
		show(invocation->report, &plan.operations[i], i + 1);
	plan_free(&plan);
	job_free(job);
	return STATUS_DONE;
}

const struct command command_plan = {
	.name = "plan",
	.arguments = "JOB",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show what a job would do, in order",
	.description =
		"Checks JOB (- is standard input) as validate does, and lists the operations that run "
		"would carry out, in their order. Nothing but the job, and the FILE of --model, is "
		"opened. Undoing takes the reverse order.",
	.takes = TAKES_MODEL,
	.run = run,
};
