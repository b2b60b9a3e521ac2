// SPDX-License-Identifier: MIT
#include "job/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/check.h"
#include "job/read.h"
#include "output/text.h"

static enum exit_status report_problem(
	struct report *report, const char *file_name, const char *code, const struct document_problem *problem)
{
	const size_t count = problem->count;
	const size_t kept = count < DOCUMENT_PROBLEMS_MAX ? count : DOCUMENT_PROBLEMS_MAX;
	struct failure_mistake *mistakes = calloc(kept, sizeof(*mistakes));
	enum exit_status status;
	size_t i = 0;

	if (!mistakes)
		return report_out_of_memory(report);
	for (; problem && i < kept; problem = problem->next)
		mistakes[i++] = (struct failure_mistake){
			.path = problem->path,
			.line = problem->line,
			.column = problem->column,
			.message = problem->message,
			.hint = problem->hint,
		};
	status = report_failure(report,
		&(struct failure){
			.status = STATUS_BAD_JOB,
			.code = code,
			.object = text_file_name(file_name),
			.mistakes = mistakes,
			.mistake_count = i,
			.mistakes_left_out = count - kept,
		});
	free(mistakes);
	return status;
}

enum exit_status job_report_unread(struct report *report, const char *file_name, const char *code,
	int error, struct document_problem *problem)
{
	if (error != -ENOMEM && problem->count) {
		enum exit_status status = report_problem(report, file_name, code, problem);

		document_problem_free(problem);
		return status;
	}
	document_problem_free(problem);
	return report_failure(report,
		&(struct failure){
			.status = error == -ENOMEM ? STATUS_FAILED : STATUS_BAD_JOB,
			.code = errno_name(error),
			.operation = "read",
			.object = text_file_name(file_name),
			.message = strerror(-error),
			.hint = error == -EFBIG ? "a document has 16 MiB at most" : NULL,
		});
}

enum exit_status job_load(const char *file_name, struct report *report, struct job **job)
{
	struct document_problem problem = { .message = "" };
	struct job *new = NULL;
	int err;

	err = job_read(file_name, &new, &problem);
	if (new)
		document_goes_on(&err, job_check(new, &problem));
	if (!err) {
		*job = new;
		return STATUS_DONE;
	}
	job_free(new);
	return job_report_unread(report, file_name, "bad-job", err, &problem);
}

enum exit_status job_load_check(const char *file_name, struct report *report, const struct job *job,
	const struct platform *platform)
{
	struct document_problem problem = { .message = "" };
	int err = job_check_for(job, platform, &problem);

	return err ? job_report_unread(report, file_name, "bad-job", err, &problem) : STATUS_DONE;
}
