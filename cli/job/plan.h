/* SPDX-License-Identifier: MIT */
/* The operations of a job, in the order in which they are carried out. */
#ifndef CLI_JOB_PLAN_H
#define CLI_JOB_PLAN_H

#include "job/job.h"

/* Exactly one of the first three is set. */
struct plan_operation {
	const struct document_object *object; /* make it */
	const struct job_attach *attach;
	const struct job_step *step;
	const uint64_t *ste; /* that the nested HWPT @object was made with; NULL: it is not made */
};

struct plan {
	struct plan_operation *operations;
	size_t count;
};

/* -ENOMEM. @job has been checked. The caller frees @plan with plan_free(). */
int plan_make(const struct job *job, struct plan *plan);
void plan_free(struct plan *plan);

/*
 * The most guest memory that @job pins, in bytes, in whole pages of @page each: what IOASes map at
 * first and what steps map, as if nothing were unmapped.
 */
uint64_t plan_pinned_at_most(const struct job *job, uint64_t page);

/*
 * The subject of @operation ("hwpts.s1", "attach[0]", "steps[3]"), its call or action, and what it
 * does, as text.
 */
struct plan_description {
	char subject[128];
	const char *operation;
	char detail[1024];
	const char *name; /* the step's name; NULL: none */
};

void plan_describe(const struct plan_operation *operation, struct plan_description *description);

/*
 * Adds the VF tokens of @operation to @description: for plan only, as the output of a running job
 * goes to logs.
 */
void plan_describe_tokens(
	const struct plan_operation *operation, struct plan_description *description);

/* Appends the last part for @step to @text. */
void plan_describe_step(const struct job_step *step, char *text, size_t size);

#endif
