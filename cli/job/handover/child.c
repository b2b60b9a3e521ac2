// SPDX-License-Identifier: MIT
#include "job/handover/child.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "job/handover/guard.h"
#include "job/handover/command.h"

static enum exit_status report_end(
	struct report *report, const char *name, const struct guard_end *end)
{
	struct failure failure = {
		.code = "command-failed", .operation = "command", .object = name
	};

	if (end->user_error)
		return report_errno(report, "user", name, end->user_error);
	if (end->exec_error)
		return report_errno(report, "exec", name, end->exec_error);
	if (end->guard_was_ended)
		failure.message = failure_print(&failure,
			"was killed after signal %d killed its guard", WTERMSIG(end->status));
	else if (WIFSIGNALED(end->status))
		failure.message =
			failure_print(&failure, "was killed by signal %d", WTERMSIG(end->status));
	else if (WEXITSTATUS(end->status))
		failure.message =
			failure_print(&failure, "exited with status %d", WEXITSTATUS(end->status));
	else
		return STATUS_DONE;
	return report_failure(report, &failure);
}

enum exit_status child_run(const struct child *child, struct handover *handover,
	const struct interrupt *interrupt, struct report *report)
{
	const char *name = child->command[0];
	struct handover_command prepared;
	struct failure failure;
	struct guard_end end;
	int err = handover_prepare(handover, child->command, &prepared, &failure);

	if (err) {
		handover_command_free(&prepared);
		return report_failure(report, &failure);
	}
	err = guard_run(
		&(struct guard_command){
			.arguments = prepared.arguments,
			.environment = prepared.environment,
			.files = prepared.files,
			.file_count = prepared.file_count,
			.first = prepared.first,
			.user = child->user,
			.output_to_stderr = report->json,
		},
		interrupt, &end);
	handover_command_free(&prepared);
	if (err)
		return report_errno(report, "fork", name, err);
	return report_end(report, name, &end);
}
