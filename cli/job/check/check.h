/* SPDX-License-Identifier: MIT */
/* Whether a parsed job makes sense, as far as can be known without touching anything. */
#ifndef CLI_JOB_CHECK_CHECK_H
#define CLI_JOB_CHECK_CHECK_H

#include "job/platform.h"
#include "document/problem.h"

/*
 * Returns 0, -EINVAL with @problem filled, or -ENOMEM. Marks the objects that steps make. A job
 * whose document has errors may be checked as well: its doubtful parts are skipped.
 */
int job_check(struct job *job, struct document_problem *problem);

/* The same without its last part. */
int job_check_document(struct job *job, struct document_problem *problem);

/*
 * The last part of it, for a job that has passed the others: lays out the tables and goes through
 * all operations, using what is known of @platform, where the job will run (NULL: unknown).
 */
int job_check_for(
	const struct job *job, const struct platform *platform, struct document_problem *problem);

/* The parts of job_check(), each in a file of its own. */
int job_check_order(struct job *job, struct document_problem *problem);
int job_check_devices(const struct job *job, struct document_problem *problem);
int job_check_objects(const struct job *job, struct document_problem *problem);
int job_check_steps(const struct job *job, struct document_problem *problem);

/* How the error about a device begins that an earlier one, whose name follows, selects as well. */
#define JOB_SAME_DEVICE "is the same device as devices."

/* The unit of lengths and addresses in an IOAS. */
#define JOB_PAGE 4096

/* Checks one mapping of an IOAS, also for the steps. */
int job_check_ioas_map(const struct job *job, const struct job_ioas_map *map,
	const struct document_path *path, struct document_problem *problem);

#endif
