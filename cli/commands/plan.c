// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <errno.h>

#include "invocation.h"
#include "job/load.h"
#include "job/parse.h"

static enum exit_status run(struct invocation *invocation)
{
	struct plan_description description;
	enum exit_status status;
	struct plan plan;
	struct job *job;

	status = job_load(invocation->arguments[0], invocation->report, &job);
	if (status)
		return status;
	if (plan_make(job, &plan)) {
		job_free(job);
		return report_errno(invocation->report, "plan", NULL, ENOMEM);
	}
	for (size_t i = 0; i < plan.count; i++) {
		plan_describe(&plan.operations[i], &description);
		report_result(invocation->report, "operation",
			json_pack("{s:I, s:s, s:s, s:s}", "index", (json_int_t)i + 1, "object",
				description.subject, "operation", description.operation, "detail",
				description.detail),
			"%4zu %-16s %-*s%s", i + 1, description.subject,
			description.detail[0] ? 30 : 0, description.operation, description.detail);
	}
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
		"would carry out, in their order. Nothing but the job is opened. Undoing takes the "
		"reverse order.",
	.run = run,
};
