// SPDX-License-Identifier: MIT
#include "job/load.h"

#include <errno.h>
#include <stdlib.h>

#include "job/check/check.h"
#include "job/read.h"
#include "output/open_file.h"
#include "output/text.h"

static enum exit_status report_problem(struct report *report, const char *file_name,
	const char *code, const struct document_problem *problem)
{
	const size_t count = problem->count;
	const size_t kept = count < DOCUMENT_PROBLEMS_MAX ? count : DOCUMENT_PROBLEMS_MAX;
	struct failure *mistakes = calloc(kept, sizeof(*mistakes));
	enum exit_status status;
	size_t i = 0;

	if (!mistakes)
		return report_out_of_memory(report);
	for (; problem && i < kept; problem = problem->next) {
		struct failure *mistake = &mistakes[i++];

		mistake->status = STATUS_BAD_JOB;
		mistake->code = code;
		mistake->path = problem->path;
		if (file_name) {
			mistake->object = text_file_name(file_name);
			mistake->line = problem->line;
			mistake->column = problem->column;
		}
		mistake->message = problem->message;
		failure_explain(mistake, NULL, problem->hint);
	}
	status = report_mistakes(report, mistakes, i, count - kept);
	free(mistakes);
	return status;
}

/* That says nothing about the document. */
static bool is_shortage(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

enum exit_status job_report_unread(struct report *report, const char *file_name, const char *code,
	int error, struct document_problem *problem)
{
	enum exit_status status;
	struct failure failure;

	failure_set_file(&failure, error, "read", file_name ? text_file_name(file_name) : NULL);
	failure.status = is_shortage(error) ? STATUS_FAILED : STATUS_BAD_JOB;
	if (error == -EFBIG)
		failure_explain(&failure, NULL, "a document may have at most 16 MiB");
	if (!is_shortage(error) && problem->count)
		status = report_problem(report, file_name, code, problem);
	else
		status = report_failure(report, &failure);
	document_problem_free(problem);
	return status;
}

enum exit_status job_check_author(const struct document *document, struct report *report)
{
	struct failure failure = {
		.status = STATUS_NO_PERMISSION,
		.error = -EPERM,
		.operation = "read",
		.object = document->file_name,
	};

	if (!document->distrust)
		return STATUS_DONE;
	failure.message = document->distrust->message;
	failure_explain(&failure, NULL, document->distrust->remedy);
	return report_failure(report, &failure);
}

enum exit_status job_load(
	const char *file_name, const char *machine, struct report *report, struct job **job)
{
	struct document_problem problem = { .message = "" };
	struct job *new = NULL;
	int err;

	err = job_read(file_name, &new, &problem);
	if (new)
		document_note_error(&err, job_check_document(new, &problem));
	/* A described machine says more about the operations, and may contradict this. */
	if (new && (err == -EINVAL || (!err && !(machine && *machine))))
		document_note_error(&err, job_check_for(new, NULL, &problem));
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
