// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/run.h"
#include "invocation.h"
#include "job/child.h"
#include "job/execute.h"
#include "job/handover_live.h"
#include "job/load.h"
#include "look/show.h"
#include "job/machine.h"
#include "model/platform.h"
#include "model/translation.h"
#include "output/memory.h"
#include "session/start.h"

#define SHOW		 "show"
#define SHOW_TRANSLATION "show-translation"
#define KEEP		 "keep"
#define USER		 "user"

/* What can be told before the job is read. */
static enum exit_status check_arguments(const struct invocation *invocation, char *const *command)
{
	if (command && !invocation->has_separator)
		return invocation_report_unexpected(
			invocation, command[0], ": a command stands behind '--'");
	if (!command && invocation->has_separator)
		return report_usage(invocation->report, "no command stands behind '--'");
	if (!command && invocation_option(invocation, USER))
		return report_usage(invocation->report, "--" USER " goes with COMMAND");
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

static enum exit_status execute(struct invocation *invocation, const struct job *job,
	const struct platform *platform, struct iommuctl_model *model, const struct child *child)
{
	struct cli_context context;
	enum exit_status status = cli_context_open(&context, invocation, model);

	if (status)
		return status;
	status = job_execute(job, &context, platform, invocation->report, child,
		invocation_option(invocation, SHOW));
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
			report, "the model is in this process alone: no COMMAND can use it");
	status = platform_model_open(&machine, file_name, report);
	if (status)
		return status;
	report_note(report, "model: SMMUs: %zu, devices: %zu; no kernel and no hardware is used",
		machine.config->smmu_count, machine.config->device_count);
	if (invocation_option(invocation, SHOW_TRANSLATION))
		translation_printer_start(&printer, report, machine.model);
	/* A machine that was described is known; the usual one shows what comes of a job. */
	if (*file_name)
		status = job_load_check(job->document->file_name, report, job, &machine.base);
	if (!status)
		status = execute(invocation, job, &machine.base, machine.model, NULL);
	platform_model_close(&machine);
	return status;
}

/* As the user that is asked for, who is looked for before anything is opened. */
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

/* The session is called as the job is, if nothing else is said. */
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
			"standard input is read once: --keep=NAME has the name");
	status = job_load(invocation->arguments[0], invocation->model, invocation->report, &job);
	if (status)
		return status;
	if (job->name)
		snprintf(name, size, "%s", job->name);
	else
		status = report_usage(
			invocation->report, "the job has no name: --keep=NAME gives one");
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
			"--keep goes with neither COMMAND nor --" SHOW_TRANSLATION ", --" SHOW
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

/* Whose devices those of @job are. */
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
		"With the model: show each look-up on the way of each DMA and MSI of a device" },
	{ KEEP, "NAME",
		"Keep what the job has made as a session, called as the job is if there is no NAME",
		.argument_optional = true },
	{ USER, "USER", "Start COMMAND as USER (a name, UID or UID:GID), without privileges" },
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
		"Whoever wrote JOB gets what it names. So on the kernel root carries out none that anybody may write, and "
		"none that another user, but for who called sudo, has put where anybody may put something, "
		"such as /tmp, or in a directory that came to be there so: exit status 5 (no-permission). What - gives is taken as it is, and so is any job with --model.\n"
		"\n"
		"With COMMAND, it is started once the steps have passed, and everything is undone when it "
		"ends. In its arguments, {fd:NAME} stands for the number of a file that it inherits; NAME "
		"is iommufd, or the place of a device, veventq, fault-queue, memory or irq in the job. "
		"{id:NAME} stands for the kernel's id of a bound device, IOAS, HWPT, vIOMMU, vDEVICE, "
		"vEVENTQ, HW queue or fault queue:\n"
		"\n"
		"  iommuctl run vm.json -- vmm {fd:iommufd} {fd:devices.nic} {id:hwpts.s2}\n"
		"\n"
		"The same is in its environment: IOMMUCTL_FD_DEVICES_NIC for each file that it inherits, "
		"and IOMMUCTL_ID_HWPTS_S2 for each id. What a vIOMMU shows by mmap(2) of the iommufd, as "
		"one of a Tegra241 does, is in IOMMUCTL_MMAP_VIOMMUS_VSMMU: OFFSET:LENGTH, such as "
		"0x1000:0x10000. The name is in upper case, with _ for all but ASCII "
		"letters and digits; where two names would give the same variable, neither is set. A "
		"program that takes files as of systemd finds them so: they are numbered from 3 on, and "
		"LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID are set as sd_listen_fds(3) says, unless "
		"iommuctl itself has inherited a file under one of these numbers.\n"
		"\n"
		"With --user, COMMAND runs as that user, with its groups, without privileges and without a "
		"way to gain some (no_new_privs). What it locks in memory is not limited, if iommuctl may "
		"raise the limit: the kernel counts what a VMM maps for devices as that.\n"
		"\n"
		"The kernel lets a device be bound once. A VMM that binds it itself, as QEMU does, needs one "
		"that the job only opens, with \"bind\": false; one that takes over what the job has set up "
		"does not bind.\n"
		"\n"
		"A device that the kernel wants back, as it is unbound from its driver or pulled, is kept to "
		"the end of the job, and the kernel waits for it. With COMMAND, giving it back is the duty "
		"of that: it sets the request interrupt (VFIO_PCI_REQ_IRQ_INDEX), as QEMU does, and the "
		"device is free when COMMAND has ended. A session gives it back at once.\n"
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
		"validate does; what its IOMMUs cannot do at all, they say themselves.\n"
		"\n"
		"A device of the job may be named as one of a machine, with \"machine\"; the FILE of "
		"--machine says which it is there. iommuctl-job(5) says how.\n"
		"\n"
		"When an operation fails, the events that wait in the job's vEVENTQs are shown with it (in "
		"JSON: \"events\" of the error).\n"
		"\n"
		"With --show, what there is once the steps have passed is looked at before it is undone, in "
		"the order of the list: tree, the objects and what hangs on what; dot, the same for "
		"Graphviz; stats, calls with their latencies and failures, what is mapped, and events; "
		"openmetrics, the same for a collector; dump, the guest's tables; walk:DEVICE:IOVA, how "
		"the SMMU translates a read there (with :w behind it a write).\n"
		"\n"
		"An expectation of a step that is not met makes the exit status 6 (unmet); an action that "
		"fails against expectation makes it 1 (failed), 4 (unsupported) or 5 (no-permission). Errors "
		"that were expected count as success.",
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
