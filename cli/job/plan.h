/* SPDX-License-Identifier: MIT */
/* The operations of a job, in the order in which they are carried out. */
#ifndef CLI_JOB_PLAN_H
#define CLI_JOB_PLAN_H

#include "job/job.h"

/* Exactly one member is set. */
struct plan_operation {
	const struct document_object *object; /* make it */
	const struct job_attach *attach;
	const struct job_step *step;
};

struct plan {
	struct plan_operation *operations;
	size_t count;
};

/* -ENOMEM. @job has been checked. The caller frees @plan with plan_free(). */
int plan_make(const struct job *job, struct plan *plan);
void plan_free(struct plan *plan);

/*
 * How much guest memory @job has pinned at most, in bytes of whole pages of @page each: what IOASes
 * map at first and what steps map as well, as if nothing was unmapped.
 */
uint64_t plan_pinned_at_most(const struct job *job, uint64_t page);

/*
 * What @operation is about ("hwpts.s1", "attach[0]", "steps[3]"), which call or action it is, and
 * what it does, as text.
 */
struct plan_description {
	char subject[128];
	const char *operation;
	char detail[1024];
	const char *name; /* of a step; NULL: none */
};

void plan_describe(const struct plan_operation *operation, struct plan_description *description);

/*
 * Adds the VF tokens of @operation to @description: only who asks for the plan is told. What a job
 * says that runs goes to logs.
 */
void plan_describe_tokens(
	const struct plan_operation *operation, struct plan_description *description);

/* The last part for @step, which this adds to @text. */
void plan_describe_step(const struct job_step *step, char *text, size_t size);

#endif
