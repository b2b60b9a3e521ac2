// SPDX-License-Identifier: MIT
/* A job on the model, with a command that gets its files: `run` allows that only on the kernel. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "invocation.h"
#include "job/execute.h"
#include "job/load.h"
#include "model/platform.h"

static enum exit_status execute(struct report *report, const struct job *job)
{
	char *const command[] = { "/bin/echo", "{fd:iommufd} {fd:devices.edu}", "{fd:memory.ram}",
		NULL };
	const struct child child = { .command = command };
	const struct invocation invocation = { .report = report };
	struct platform_model machine;
	struct cli_context context;
	enum exit_status status = platform_model_open(&machine, "", report);

	if (status)
		return status;
	status = cli_context_open(&context, &invocation, machine.model);
	if (!status) {
		status = job_execute(job, &context, &machine.base, report, &child, NULL);
		cli_context_close(&context);
	}
	platform_model_close(&machine);
	return status;
}

int main(int argc, char **argv)
{
	enum exit_status status;
	struct report report;
	struct job *job;

	if (argc != 2)
		return STATUS_USAGE;
	signal(SIGPIPE, SIG_IGN);
	report_start(&report);
	status = job_load(argv[1], NULL, &report, &job);
	if (!status) {
		status = execute(&report, job);
		job_free(job);
	}
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
		fputs("1 left behind: a child\n", stdout);
	return (int)report_finish(&report, status);
}
