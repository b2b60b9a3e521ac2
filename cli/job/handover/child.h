/* SPDX-License-Identifier: MIT */
/* The command that a job runs, or that a session hands its files to. */
#ifndef CLI_JOB_HANDOVER_CHILD_H
#define CLI_JOB_HANDOVER_CHILD_H

#include "job/handover/handover.h"
#include "job/interrupt.h"
#include "job/handover/user.h"
#include "output/report.h"

struct child {
	char *const *command;	 /* NULL-terminated */
	const struct user *user; /* NULL: our own */
};

/*
 * Runs the command with the parts of @handover that its marks name, and waits for it. Succeeds if
 * the command exits with status 0. Signals that arrive in @interrupt meanwhile are passed on; no
 * process that the command starts outlives it or us. In JSON mode its standard output is our
 * standard error, as ours carries only results.
 */
enum exit_status child_run(const struct child *child, struct handover *handover,
	const struct interrupt *interrupt, struct report *report);

#endif
