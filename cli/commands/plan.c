// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <errno.h>

#include "invocation.h"
#include "job/load.h"
#include "job/machine.h"
#include "model/platform.h"
#include "output/text.h"

static void show(struct report *report, const struct plan_operation *operation, size_t number)
{
	struct plan_description description;
	const char *name;

	plan_describe(operation, &description);
	name = description.name;
	report_result(report, "operation",
		json_pack("{s:I, s:s, s:s, s:o, s:o}", "index", (json_int_t)number, "object",
			description.subject, "operation", description.operation, "detail",
			text_to_json(description.detail), "name", text_to_json(name)),
		"%4zu %-16s %-29s %s%s%s", number, description.subject, description.operation,
		description.detail, name ? " — " : "", name ? name : "");
}

static enum exit_status show_all(struct report *report, const struct job *job)
{
	struct plan plan;

	if (plan_make(job, &plan))
		return report_out_of_memory(report);
	report_in_blocks(report);
	for (size_t i = 0; i < plan.count; i++)
		show(report, &plan.operations[i], i + 1);
	plan_free(&plan);
	return STATUS_DONE;
}

static enum exit_status run(struct invocation *invocation)
{
	const char *name = invocation->arguments[0];
	struct report *report = invocation->report;
	struct machine *machine;
	enum exit_status status;
	struct job *job;

	status = invocation_check_stdin(invocation, 1);
	if (!status)
		status = machine_load_option(
			invocation_option(invocation, MACHINE_OPTION), report, &machine);
	if (status)
		return status;
	status = job_load(name, report, &job);
	if (status) {
		invocation_note_bare_word(invocation, name);
		machine_free(machine);
		return status;
	}
	/* Without a machine, what its devices are to do can be told. */
	if (machine)
		status = machine_apply(machine, job, report);
	if (!status)
		status = platform_model_check(invocation->model, report, name, job);
	if (!status)
		status = show_all(report, job);
	job_free(job);
	machine_free(machine);
	return status;
}

static const struct command_option options[] = {
	{ MACHINE_OPTION, "FILE", MACHINE_HELP },
	{ NULL },
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "JOB",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show what a job would do, in order",
	.description =
		"Checks JOB (- is standard input) as validate does, and lists the operations that run "
		"would carry out, in their order. Nothing but the job, and the FILEs of --model and "
		"--machine, is opened. Undoing takes the reverse order.",
	.options = options,
	.takes = TAKES_MODEL,
	.run = run,
};
