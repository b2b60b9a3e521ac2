/* SPDX-License-Identifier: MIT */
/* Runs a job, all or nothing, and reports what happens. */
#ifndef CLI_JOB_EXECUTE_H
#define CLI_JOB_EXECUTE_H

#include "invocation.h"
#include "job/handover/child.h"
#include "job/job.h"
#include "job/platform.h"

struct live;

/* Looks at a job after its steps and before its command. */
struct job_observer {
	enum exit_status (*look)(const struct live *live, const struct cli_context *context,
		struct report *report, const void *data);
	const void *data;
};

/*
 * Makes the objects of @job, whose devices are looked up in @platform, attaches, goes through the
 * steps, calls @observer (NULL: none), runs the command of @child (NULL: none) with everything the
 * job hands over, and undoes everything in reverse, whether that worked or not.
 */
enum exit_status job_execute(const struct job *job, const struct cli_context *context,
	const struct platform *platform, struct report *report, const struct child *child,
	const struct job_observer *observer);

#endif
