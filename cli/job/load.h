/* SPDX-License-Identifier: MIT */
/* Reads and checks the job that a command line names. */
#ifndef CLI_JOB_LOAD_H
#define CLI_JOB_LOAD_H

#include "job/platform.h"
#include "document/problem.h"
#include "output/report.h"

/*
 * Reads, parses and checks the job in @file_name ("-": standard input). Reports what is wrong with
 * it. On STATUS_DONE the caller frees @job with job_free(). With @machine, the file that describes
 * where it is to run (NULL: none), going through its operations is left to job_load_check().
 */
enum exit_status job_load(
	const char *file_name, const char *machine, struct report *report, struct job **job);

/*
 * Reports why the document in @file_name (NULL: nobody has seen its text, so lines mean nothing)
 * was refused: @problem if it is filled, with @code, else @error, from reading it. Frees the
 * problems after @problem.
 */
enum exit_status job_report_unread(struct report *report, const char *file_name, const char *code,
	int error, struct document_problem *problem);

/* Whether root may run @document: not if others could have written it. Reports why not. */
enum exit_status job_check_author(const struct document *document, struct report *report);

/* Checks the job read from @file_name against what is known of @platform. Reports what is wrong. */
enum exit_status job_load_check(const char *file_name, struct report *report, const struct job *job,
	const struct platform *platform);

#endif
