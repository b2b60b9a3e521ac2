/* SPDX-License-Identifier: MIT */
/* What the actions that invalidate have in common. */
#ifndef CLI_JOB_ACTIONS_INVALIDATE_H
#define CLI_JOB_ACTIONS_INVALIDATE_H

#include "job/live/live.h"

/* One HWPT_INVALIDATE call. */
struct invalidation {
	const struct document_object *object; /* whose caches */
	uint32_t data_type;
	uint32_t entry_len;
	const void *entries;
	uint32_t count;
	bool repeat;	  /* SMMUv3 commands, of which TLBI and CFGI are issued twice */
	uint64_t due;	  /* number expected to be handled; DOCUMENT_UNSET: all, unless it fails */
	const char *what; /* "commands" */
};

/*
 * Makes the call, checks how many entries the kernel has handled once it ends as @step expects, and
 * then repeats what must be issued twice.
 */
int invalidation_run(
	struct live *live, const struct job_step *step, const struct invalidation *invalidation);

#endif
