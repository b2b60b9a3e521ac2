/* SPDX-License-Identifier: MIT */
/* Carries out a job, all or nothing, and says what happens. */
#ifndef CLI_JOB_EXECUTE_H
#define CLI_JOB_EXECUTE_H

#include "invocation.h"
#include "job/child.h"
#include "job/job.h"
#include "job/platform.h"

/*
 * Makes the objects of @job, whose devices are looked up in @platform, attaches, goes through the
 * steps, then runs the command of @child (NULL: none) with what the job hands over,
 * and undoes everything in reverse, whether that worked or not. Before the command comes what
 * @show has, which look_show_check() has let through; NULL: nothing is shown.
 */
enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct platform *platform, struct report *report, const struct child *child,
	const char *show);

#endif
