// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "invocation.h"
#include "job/child.h"
#include "job/execute.h"
#include "job/load.h"
#include "model/platform.h"
#include "model/translation.h"
#include "output/memory.h"

#define SHOW_TRANSLATION "show-translation"

/* What can be told before the job is read. */
static enum exit_status check_arguments(const struct invocation *invocation, char *const *command)
{
	if (command && !invocation->has_separator)
		return invocation_report_unexpected(
			invocation, command[0], ": a command stands behind '--'");
	if (!command && invocation->has_separator)
		return report_usage(invocation->report, "no command stands behind '--'");
	return invocation_check_stdin(invocation, 1);
}

static enum exit_status check_command(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	enum exit_status status = STATUS_DONE;
	char *unknown;

	if (!command)
		return STATUS_DONE;
	unknown = child_find_unknown_file(job, command);
	if (unknown)
		status = report_usage(invocation->report,
			"{fd:%s}: the job has no device, veventq, memory or irq of this name", unknown);
	else if (memory_take_failure())
		status = report_out_of_memory(invocation->report);
	free(unknown);
	return status;
}

static enum exit_status execute(struct invocation *invocation, const struct job *job,
	const struct platform *platform, struct iommuctl_model *model, char *const *command)
{
	struct cli_context context;
	enum exit_status status = cli_context_open(&context, invocation, model);

	if (status)
		return status;
	status = job_execute(job, &context, platform, invocation->report, command);
	cli_context_close(&context);
	return status;
}

static enum exit_status execute_on_host(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	struct platform_host host;

	if (invocation_option(invocation, SHOW_TRANSLATION))
		return report_usage(invocation->report, "only the model can show translations");
	platform_host_init(&host, &sysfs_of_host);
	return execute(invocation, job, &host.base, NULL, command);
}

static enum exit_status execute_on_model(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	const char *file_name = invocation->model ? invocation->model : "";
	struct report *report = invocation->report;
	struct translation_printer printer;
	struct platform_model machine;
	enum exit_status status;

	if (command)
		return report_usage(report, "the model is in this process alone: no COMMAND can use it");
	status = platform_model_open(&machine, file_name, report);
	if (status)
		return status;
	report_note(report, "model: SMMUs: %zu, devices: %zu; no kernel and no hardware is used",
		machine.config->smmu_count, machine.config->device_count);
	if (invocation_option(invocation, SHOW_TRANSLATION))
		translation_printer_start(&printer, report, machine.model);
	/* A machine that was described is known; the usual one shows what comes of a job. */
	if (*file_name)
		status = job_load_check(invocation->arguments[0], report, job, &machine.base);
	if (!status)
		status = execute(invocation, job, &machine.base, machine.model, NULL);
	platform_model_close(&machine);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	char *const *command =
		invocation->argument_count > 1 ? invocation->arguments + 1 : NULL;
	enum exit_status status;
	struct job *job;

	status = check_arguments(invocation, command);
	if (status)
		return status;
	status = job_load(invocation->arguments[0], invocation->report, &job);
	if (status) {
		invocation_note_bare_word(invocation, invocation->arguments[0]);
		return status;
	}
	status = check_command(invocation, job, command);
	if (!status && (invocation->model || job->backend == JOB_BACKEND_MODEL))
		status = execute_on_model(invocation, job, command);
	else if (!status)
		status = execute_on_host(invocation, job, command);
	job_free(job);
	return status;
}

static const struct command_option options[] = {
	{ SHOW_TRANSLATION, NULL,
		"With the model: show each look-up on the way of each DMA and MSI of a device" },
	{ NULL },
};

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
		"The kernel lets a device be bound once. A VMM that binds it itself, as QEMU does, needs one "
		"that the job only opens, with \"bind\": false; one that takes over what the job has set up "
		"does not bind.\n"
		"\n"
		"SIGINT, SIGTERM, SIGHUP and SIGQUIT end the steps, and everything is undone; the exit "
		"status is then 1 (failed). Undoing is never interrupted: signals that come meanwhile do nothing. "
		"Only SIGKILL ends the process at once, and the kernel undoes the rest.\n"
		"\n"
		"While COMMAND runs, these signals are passed on to it, each time; what the terminal sends "
		"(Ctrl-C) has reached it already. A COMMAND that ignores them is waited for. The exit "
		"status is 1 (failed) if it fails itself or ends by a signal. Whatever COMMAND has "
		"started and left running ends with it, by SIGKILL, because it may hold files of the job; "
		"so does COMMAND itself, with all that it has started, when iommuctl is killed. A second "
		"process of iommuctl, COMMAND's parent, sees to that; it has no power over processes that "
		"have become another user's, and should both be killed at once, COMMAND alone ends. COMMAND "
		"is looked for in PATH, as by a shell; files that iommuctl inherited it inherits as well.\n"
		"\n"
		"With --json, each object that is made (made) and each step that passes (step) is a line "
		"of its own, and in the end comes a summary (run), also after a failure. Standard output is "
		"then for these lines alone: what COMMAND writes there goes to standard error.\n"
		"\n"
		"With --model, or where the job says so with \"backend\", the job is carried out on a machine "
		"in this process: an iommufd, VFIO devices, SMMUv3s and edu devices that behave as those of "
		"the kernel and QEMU. It needs no privilege and no hardware, and the last line and a line on "
		"standard error say that it was the model. FILE describes another machine than the usual "
		"one, which has one SMMUv3 that nests and edu devices at 0000:00:01.0 and 0000:00:02.0; "
		"iommuctl-job(5) says how. What the job asks of such a machine is checked first, as "
		"validate does.\n"
		"\n"
		"When an operation fails, the events that wait in the job's vEVENTQs are shown with it (in "
		"JSON: \"events\" of the error).\n"
		"\n"
		"An expectation of a step that is not met makes the exit status 6 (unmet); an action that "
		"fails against expectation makes it 1 (failed), 4 (unsupported) or 5 (no-permission). Errors "
		"that were expected count as success.",
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
