/* SPDX-License-Identifier: MIT */
/* Whether a job that parsed makes sense, as far as can be told without touching anything. */
#ifndef CLI_JOB_CHECK_H
#define CLI_JOB_CHECK_H

#include "job/platform.h"
#include "document/problem.h"

/*
 * Returns 0, -EINVAL with @problem filled, or -ENOMEM. Marks the objects that steps make. A job
 * that has been refused for what it says may be checked as well: what is doubtful is left out.
 */
int job_check(struct job *job, struct document_problem *problem);

/* The same without its last part. */
int job_check_document(struct job *job, struct document_problem *problem);

/*
 * The last part of it, which lays out the tables and goes through all operations, for a job that
 * has passed the others: with what is known of @platform, where it is to run (NULL: that is not
 * known).
 */
int job_check_for(
	const struct job *job, const struct platform *platform, struct document_problem *problem);

/* The parts of job_check(), each in a file of its own. */
int job_check_order(struct job *job, struct document_problem *problem);
int job_check_devices(const struct job *job, struct document_problem *problem);
int job_check_objects(const struct job *job, struct document_problem *problem);
int job_check_steps(const struct job *job, struct document_problem *problem);

/* What lengths and addresses of an IOAS are multiples of. */
#define JOB_PAGE 4096

/* One mapping of an IOAS, for the steps as well. */
int job_check_ioas_map(const struct job *job, const struct job_ioas_map *map,
	const struct document_path *path, struct document_problem *problem);

#endif
