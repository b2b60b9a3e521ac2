/* SPDX-License-Identifier: MIT */
/* The command that a job is run for, or that is started with what a session has. */
#ifndef CLI_JOB_CHILD_H
#define CLI_JOB_CHILD_H

#include "job/handover.h"
#include "job/interrupt.h"
#include "job/user.h"
#include "output/report.h"

struct child {
	char *const *command;	 /* a NULL ends it */
	const struct user *user; /* NULL: as whom we run */
};

/*
 * Runs the command with what its marks name of @handover, and waits for it. It succeeds if the
 * command ends with status 0. Signals that come in @interrupt meanwhile are passed on; nothing that
 * the command has started outlives it or us. In JSON mode its standard output is our standard
 * error: ours carries results alone.
 */
enum exit_status child_run(const struct child *child, struct handover *handover,
	const struct interrupt *interrupt, struct report *report);

#endif
