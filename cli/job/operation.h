/* SPDX-License-Identifier: MIT */
/* One operation of a plan: carried out, and said. */
#ifndef CLI_JOB_OPERATION_H
#define CLI_JOB_OPERATION_H

#include "job/live.h"
#include "job/plan.h"

/*
 * Carries out @operation, judges how it ended by what its step expects, and says it where it went
 * well. @description is filled in any case. Returns 0, or an error with live->failure told.
 */
int operation_run(struct live *live, const struct plan_operation *operation, struct report *report,
	struct plan_description *description);

/* Adds to @failure where in the document @operation stands. It borrows from @description. */
void operation_locate(const struct job *job, const struct plan_operation *operation,
	const struct plan_description *description, struct failure *failure);

/*
 * Whether it was ended, by a signal, whose number is in *@signal, or by who holds @live: that is
 * then the failure, whatever the operation has come to.
 */
bool operation_was_ended(struct live *live, int *signal);

#endif
