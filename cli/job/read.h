/* SPDX-License-Identifier: MIT */
/* From documents to jobs. */
#ifndef CLI_JOB_READ_H
#define CLI_JOB_READ_H

#include "document/problem.h"
#include "job/job.h"

/*
 * Reads the document in the file @file_name ("-": standard input), which outlives @job, into @job.
 *
 * Returns 0, -EINVAL with @problem filled when the document is wrong, or -errno when it could not
 * be read. The caller frees @job with job_free(). @job is there with -EINVAL as well where it is
 * not the syntax that is wrong: job_check() finds more mistakes in it then, and all that is not
 * doubtful may be looked at.
 */
int job_read(const char *file_name, struct job **job, struct document_problem *problem);

/* The same for a document in memory. */
int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem);

#endif
