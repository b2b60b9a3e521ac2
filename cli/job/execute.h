/* SPDX-License-Identifier: MIT */
/* Carries out a job, all or nothing, and says what happens. */
#ifndef CLI_JOB_EXECUTE_H
#define CLI_JOB_EXECUTE_H

#include "invocation.h"
#include "job/job.h"
#include "job/platform.h"

/*
 * Makes the objects of @job, whose devices are looked up in @platform, attaches, goes through the
 * steps, then runs @command (a NULL-ended argument list; NULL: nothing) with the files of the job,
 * and undoes everything in reverse, whether that worked or not.
 */
enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct platform *platform, struct report *report, char *const *command);

#endif
