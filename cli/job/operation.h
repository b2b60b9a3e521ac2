/* SPDX-License-Identifier: MIT */
/* Carries out one operation of a plan, and describes it. */
#ifndef CLI_JOB_OPERATION_H
#define CLI_JOB_OPERATION_H

#include "job/live/live.h"
#include "job/plan.h"

/*
 * Carries out @operation, compares its result with what its step expects, and prints it if it went
 * well. Always fills @description. Returns 0, or an error with live->failure set.
 */
int operation_run(struct live *live, const struct plan_operation *operation, struct report *report,
	struct plan_description *description);

/* Adds the place of @operation in the document to @failure, which borrows from @description. */
void operation_locate(const struct job *job, const struct plan_operation *operation,
	const struct plan_description *description, struct failure *failure);

/*
 * Whether it was interrupted, by a signal, whose number is in *@signal, or by the holder of @live:
 * that is then the failure, whatever the operation returned.
 */
bool operation_was_ended(struct live *live, int *signal);

#endif
