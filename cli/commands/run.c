// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "invocation.h"
#include "job/child.h"
#include "job/execute.h"
#include "job/load.h"
#include "job/parse.h"

static enum exit_status check_command(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	enum exit_status status = STATUS_DONE;
	char *unknown;

	if (!command)
		return STATUS_DONE;
	if (!invocation->has_separator)
		return report_usage(invocation->report,
			"unexpected argument '%s': a command stands behind '--'", command[0]);
	unknown = child_find_unknown_file(job, command);
	if (unknown)
		status = report_usage(invocation->report,
			"{fd:%s}: the job has no device, veventq, memory or irq of this name", unknown);
	free(unknown);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	char *const *command =
		invocation->argument_count > 1 ? invocation->arguments + 1 : NULL;
	struct cli_context context;
	enum exit_status status;
	struct job *job;

	status = job_load(invocation->arguments[0], invocation->report, &job);
	if (status)
		return status;
	status = check_command(invocation, job, command);
	if (!status)
		status = cli_context_open(&context, invocation);
	if (!status) {
		status = job_execute(
			job, &context, &sysfs_of_host, invocation->report, command);
		cli_context_close(&context);
	}
	job_free(job);
	return status;
}

const struct command command_run = {
	.name = "run",
	.arguments = "JOB [-- COMMAND [ARGUMENT]...]",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Carry out a job",
	.description =
		"Checks JOB (- is standard input), makes its objects, attaches its devices and goes "
		"through its steps. Then everything is undone in reverse, as it is when anything fails: "
		"a job is carried out whole or leaves nothing behind.\n"
		"\n"
		"With COMMAND, it is started once the steps have passed, and everything is undone when it "
		"ends. In its arguments, {fd:NAME} stands for the number of a file that it inherits; NAME "
		"is iommufd, or the place of a device, veventq, memory or irq in the job:\n"
		"\n"
		"  iommuctl run vm.json -- vmm --iommufd {fd:iommufd} --vfio {fd:devices.nic}\n"
		"\n"
		"SIGINT and SIGTERM end the steps, and everything is undone; a second one ends the process, "
		"and the kernel undoes the rest. While COMMAND runs, it is COMMAND that SIGTERM is passed on "
		"to, and the exit status is 1 if it ends with a status other than 0 or by a signal.\n"
		"\n"
		"With --json, each object that is made (made) and each step that passes (step) is a line "
		"of its own, and in the end comes a summary (run), also after a failure.\n"
		"\n"
		"An expectation of a step that is not met makes the exit status 6; an action that fails "
		"against expectation makes it 1, 4 or 5. Errors that were expected count as success.",
	.run = run,
};
