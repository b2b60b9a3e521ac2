// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/run.h"
#include "invocation.h"
#include "job/handover/child.h"
#include "job/execute.h"
#include "job/handover/live.h"
#include "job/load.h"
#include "look/show.h"
#include "job/machine.h"
#include "model/platform.h"
#include "model/translation.h"
#include "output/memory.h"
#include "session/client/start.h"

#define SHOW		 "show"
#define SHOW_TRANSLATION "show-translation"
#define KEEP		 "keep"
#define USER		 "user"

/* What can be checked before the job is read. */
static enum exit_status check_arguments(const struct invocation *invocation, char *const *command)
{
	if (command && !invocation->has_separator)
		return invocation_report_unexpected(
			invocation, command[0], ": write '--' before a command");
	if (!command && invocation->has_separator)
		return report_requires(invocation->report, "'--'", "COMMAND");
	if (!command && invocation_option(invocation, USER))
		return report_requires(invocation->report, USER, "COMMAND");
	return invocation_check_stdin(invocation, 1);
}

static enum exit_status check_command(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	struct handover_mark mark;

	if (!command || !handover_find_unknown(job, command, &mark))
		return STATUS_DONE;
	return report_usage(invocation->report, "{%s:%.*s}: the job has no %s of this name",
		mark.is_id ? "id" : "fd", (int)mark.length, mark.name,
		mark.is_id
			? "bound device, ioas, hwpt, viommu, vdevice, veventq, hw-queue or fault-queue"
			: "device, veventq, fault-queue, memory or irq");
}

static enum exit_status show(const struct live *live, const struct cli_context *context,
	struct report *report, const void *list)
{
	return look_show(list, live, context->meter, report);
}

static enum exit_status execute(struct invocation *invocation, const struct job *job,
	const struct platform *platform, struct iommuctl_model *model, const struct child *child)
{
	const struct job_observer observer = { show, invocation_option(invocation, SHOW) };
	struct cli_context context;
	enum exit_status status = cli_context_open(&context, invocation, model);

	if (status)
		return status;
	status = job_execute(job, &context, platform, invocation->report, child, &observer);
	cli_context_close(&context);
	return status;
}

static enum exit_status execute_on_host(
	struct invocation *invocation, const struct job *job, const struct child *child)
{
	struct platform_host host;

	if (invocation_option(invocation, SHOW_TRANSLATION))
		return report_usage(invocation->report, "only the model can show translations");
	platform_host_init(&host, &sysfs_of_host);
	return execute(invocation, job, &host.base, NULL, child);
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
		return report_usage(
			report, "the model exists only in this process: no COMMAND can use it");
	status = platform_model_open(&machine, file_name, report);
	if (status)
		return status;
	report_note(report, "model: SMMUs: %zu, devices: %zu; neither kernel nor hardware is used",
		machine.config->smmu_count, machine.config->device_count);
	if (invocation_option(invocation, SHOW_TRANSLATION))
		translation_printer_start(&printer, report, machine.model);
	/* A described machine is known; on the default one, the job shows what comes of it. */
	if (*file_name)
		status = job_load_check(job->document->file_name, report, job, &machine.base);
	if (!status)
		status = execute(invocation, job, &machine.base, machine.model, NULL);
	platform_model_close(&machine);
	return status;
}

/* As the user that --user names, who is looked up before anything is opened. */
static enum exit_status run_on_host(
	struct invocation *invocation, const struct job *job, char *const *command)
{
	const char *name = invocation_option(invocation, USER);
	struct child child = { .command = command };
	struct failure failure = { 0 };
	enum exit_status status;
	struct user user = { 0 };

	status = job_check_author(job->document, invocation->report);
	if (status)
		return status;
	if (name && user_find(name, &user, &failure))
		return report_failure(invocation->report, &failure);
	child.user = name ? &user : NULL;
	status = execute_on_host(invocation, job, command ? &child : NULL);
	user_free(&user);
	return status;
}

/* Without a NAME, the session is called as the job is. */
static enum exit_status find_name(struct invocation *invocation, char *name, size_t size)
{
	const char *given = invocation_option(invocation, KEEP);
	enum exit_status status = STATUS_DONE;
	struct job *job;

	if (*given) {
		snprintf(name, size, "%s", given);
		return STATUS_DONE;
	}
	if (!strcmp(invocation->arguments[0], "-"))
		return report_usage(invocation->report,
			"standard input is read only once: give the name with --keep=NAME");
	status = job_load(invocation->arguments[0], invocation->model, invocation->report, &job);
	if (status)
		return status;
	if (job->name)
		snprintf(name, size, "%s", job->name);
	else
		status = report_usage(
			invocation->report, "the job has no name: give one with --keep=NAME");
	job_free(job);
	return status;
}

static enum exit_status keep(struct invocation *invocation)
{
	struct session_start start = { .job = invocation->arguments[0] };
	enum exit_status status;
	char name[256];

	if (invocation->argument_count > 1 || invocation_option(invocation, SHOW_TRANSLATION) ||
		invocation_option(invocation, SHOW) ||
		invocation_option(invocation, MACHINE_OPTION))
		return report_usage(invocation->report,
			"--keep excludes COMMAND, --" SHOW_TRANSLATION ", --" SHOW
			" and --" MACHINE_OPTION);
	status = find_name(invocation, name, sizeof(name));
	start.name = name;
	return status ? status : session_start(invocation, &start);
}

enum exit_status run_job(struct invocation *invocation, const struct job *job, char *const *command)
{
	if (invocation->model || job->backend == JOB_BACKEND_MODEL)
		return execute_on_model(invocation, job, command);
	return run_on_host(invocation, job, command);
}

/* The machine whose devices @job names. */
static enum exit_status load_machine(
	struct invocation *invocation, struct job *job, struct machine **machine)
{
	enum exit_status status = machine_load_option(
		invocation_option(invocation, MACHINE_OPTION), invocation->report, machine);

	return status ? status : machine_apply(*machine, job, invocation->report);
}

static enum exit_status run(struct invocation *invocation)
{
	char *const *command = invocation->argument_count > 1 ? invocation->arguments + 1 : NULL;
	struct machine *machine = NULL;
	enum exit_status status;
	struct job *job;

	status = check_arguments(invocation, command);
	if (status)
		return status;
	if (invocation_option(invocation, KEEP))
		return keep(invocation);
	status = job_load(invocation->arguments[0], invocation->model, invocation->report, &job);
	if (status) {
		invocation_note_bare_word(invocation, invocation->arguments[0]);
		return status;
	}
	status = check_command(invocation, job, command);
	if (!status)
		status = look_show_check(
			invocation_option(invocation, SHOW), job, invocation->report);
	if (!status)
		status = load_machine(invocation, job, &machine);
	if (!status)
		status = run_job(invocation, job, command);
	job_free(job);
	machine_free(machine);
	return status;
}

static const struct command_option options[] = {
	{ SHOW, LOOK_SHOW_ARGUMENT, LOOK_SHOW_HELP },
	{ MACHINE_OPTION, "FILE", MACHINE_HELP },
	{ SHOW_TRANSLATION, NULL,
		"Model only: show each lookup that translates a DMA or an MSI of a device" },
	{ KEEP, "NAME",
		"Keep the objects of the job as session NAME, by default the name of the job",
		.argument_optional = true },
	{ USER, "USER", "Start COMMAND as USER (a name, UID or UID:GID), without privileges" },
	{ NULL },
};

const struct command command_run = {
	.name = "run",
	.group = COMMANDS_JOBS,
	.arguments = "JOB [-- COMMAND [ARGUMENT]...]",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Carry out a job",
	.description =
		"Checks JOB (- is standard input), makes its objects, attaches its devices and goes "
		"through its steps. Then it undoes everything in reverse, as it does when anything "
		"fails: a job is carried out completely or leaves nothing behind.\n"
		"\n"
		"JOB can name any device or file, so whoever wrote it controls what is opened. As "
		"root, run refuses a job file that is world-writable, or that was placed in a "
		"world-writable directory such as /tmp, or in a directory created in one, by anyone "
		"other than root or the user who invoked sudo: exit status 5 (no-permission). "
		"Standard input is not checked, and no job is with --model.\n"
		"\n"
		"COMMAND, if given, is started once the steps have passed, and everything is undone "
		"when it ends. In its arguments, {fd:NAME} stands for the number of a file that it "
		"inherits; NAME is iommufd, or the place of a device, veventq, fault-queue, memory or "
		"irq in the job. {id:NAME} stands for the kernel's id of a bound device, IOAS, HWPT, "
		"vIOMMU, vDEVICE, vEVENTQ, HW queue or fault queue:\n"
		"\n"
		"  iommuctl run vm.json -- vmm {fd:iommufd} {fd:devices.nic} {id:hwpts.s2}\n"
		"\n"
		"COMMAND's environment has the same: IOMMUCTL_FD_DEVICES_NIC for each file that it "
		"inherits, and IOMMUCTL_ID_HWPTS_S2 for each id. A region that a vIOMMU offers "
		"through mmap(2) of the iommufd, as that of a Tegra241 does, is in "
		"IOMMUCTL_MMAP_VIOMMUS_VSMMU: OFFSET:LENGTH, such as 0x1000:0x10000. The name is in "
		"upper case, with _ for everything except ASCII letters and digits; if two names "
		"would give the same variable, neither is set. Programs that follow systemd's "
		"convention find their files as well: these are numbered from 3 on, and LISTEN_FDS, "
		"LISTEN_FDNAMES and LISTEN_PID are set as sd_listen_fds(3) says, unless iommuctl "
		"itself has inherited a file under one of these numbers.\n"
		"\n"
		"With --user, COMMAND runs as that user, with its groups, without privileges and "
		"without a way to gain any (no_new_privs). Its locked memory is not limited, if "
		"iommuctl may raise the limit: the kernel counts what a VMM maps for devices as "
		"locked.\n"
		"\n"
		"The kernel lets a device be bound only once. A VMM that binds a device itself, as "
		"QEMU does, needs one that the job only opens, with \"bind\": false; a VMM that takes "
		"over what the job has set up does not bind.\n"
		"\n"
		"If the kernel wants a device back, because it is unbound from its driver or pulled, "
		"the job keeps it to its end, and the kernel waits. With COMMAND, giving it back is "
		"COMMAND's duty: it sets the request interrupt (VFIO_PCI_REQ_IRQ_INDEX), as QEMU "
		"does, and the device is free when COMMAND has ended. A session gives it back at "
		"once.\n"
		"\n"
		"SIGINT, SIGTERM, SIGHUP and SIGQUIT end the steps, and everything is undone; the "
		"exit status is then 1 (failed). Undoing is never interrupted: signals that arrive "
		"meanwhile do nothing. Only SIGKILL ends the process at once, and the kernel undoes "
		"the rest.\n"
		"\n"
		"While COMMAND runs, these signals are passed on to it, each time; one from the "
		"terminal (Ctrl-C) has reached it already. If COMMAND ignores them, iommuctl waits "
		"for it. The exit status is 1 (failed) if COMMAND fails or is ended by a signal. "
		"Whatever COMMAND has started and left running is killed with it (SIGKILL), because "
		"it may hold files of the job; so is COMMAND itself, with all its descendants, when "
		"iommuctl is killed. A second process of iommuctl, COMMAND's parent, sees to that; it "
		"has no power over processes that have become another user's, and if both are killed "
		"at once, only COMMAND ends. COMMAND is looked up in PATH, as by a shell; it also "
		"inherits the files that iommuctl inherited.\n"
		"\n"
		"With --json, each object that is made (made) and each step that passes (step) is a "
		"line of its own, and a summary (run) comes last, also after a failure. Standard "
		"output then carries only these lines: what COMMAND writes there goes to standard "
		"error.\n"
		"\n"
		"With --model, or if the job says so with \"backend\", the job is carried out on a "
		"machine in this process: an iommufd, VFIO devices, SMMUv3s and edu devices that "
		"behave as those of the kernel and QEMU. It needs no privilege and no hardware, and "
		"the last line and a line on standard error say that it was the model. FILE describes "
		"a machine other than the default, which has one SMMUv3 with nesting and edu devices "
		"at 0000:00:01.0 and 0000:00:02.0; see iommuctl-job(5). What the job asks of such a "
		"machine is checked first, as by validate; what its IOMMUs cannot do at all, they "
		"report themselves.\n"
		"\n"
		"A job may refer to a device as one of a machine, with \"machine\"; the FILE of "
		"--machine says which device that is. See iommuctl-job(5).\n"
		"\n"
		"When an operation fails, the error shows the events that wait in the job's vEVENTQs "
		"(in JSON: its \"events\").\n"
		"\n"
		"With --show, the job's objects are shown once the steps have passed, before they are "
		"undone, in the order of the list: tree, the objects and how they depend on each "
		"other; dot, the same for Graphviz; stats, calls with their latencies and failures, "
		"mappings, and events; openmetrics, the same for a collector; dump, the guest's "
		"tables; walk:DEVICE:IOVA, how the SMMU translates a read there (a write if :w "
		"follows).\n"
		"\n"
		"If an expectation of a step is not met, the exit status is 6 (unmet); if an action "
		"fails unexpectedly, it is 1 (failed), 4 (unsupported) or 5 (no-permission). Expected "
		"errors count as success.",
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
