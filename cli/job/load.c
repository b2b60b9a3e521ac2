// SPDX-License-Identifier: MIT
#include "job/load.h"

#include <errno.h>
#include <string.h>

#include "job/check.h"
#include "job/parse.h"

static enum exit_status report_problem(
	struct report *report, const char *file_name, const char *code, const struct job_problem *problem)
{
	return report_failure(report,
		&(struct failure){
			.status = STATUS_BAD_JOB,
			.code = code,
			.object = file_name,
			.path = problem->path[0] ? problem->path : NULL,
			.line = problem->line,
			.message = problem->message,
		});
}

enum exit_status job_report_unread(struct report *report, const char *file_name, const char *code,
	int error, const struct job_problem *problem)
{
	if (error != -ENOMEM && problem->message[0])
		return report_problem(report, file_name, code, problem);
	return report_failure(report,
		&(struct failure){
			.status = error == -ENOMEM ? STATUS_FAILED : STATUS_BAD_JOB,
			.code = errno_name(error),
			.operation = "read",
			.object = file_name,
			.message = strerror(-error),
			.hint = error == -EFBIG ? "a document has 16 MiB at most" : NULL,
		});
}

enum exit_status job_load(const char *file_name, struct report *report, struct job **job)
{
	struct job_problem problem = { .message = "" };
	struct job *new = NULL;
	int err;

	err = job_read(file_name, &new, &problem);
	if (!err)
		err = job_check(new, &problem);
	if (!err) {
		*job = new;
		return STATUS_DONE;
	}
	job_free(new);
	return job_report_unread(report, file_name, "bad-job", err, &problem);
}
