/* SPDX-License-Identifier: MIT */
/* Turns documents into jobs. */
#ifndef CLI_JOB_READ_H
#define CLI_JOB_READ_H

#include "document/problem.h"
#include "job/job.h"

/*
 * Reads the document in the file @file_name ("-": standard input) into @job; @file_name must
 * outlive @job.
 *
 * Returns 0, -EINVAL with @problem filled if the document is wrong, or -errno if it could not be
 * read. The caller frees @job with job_free(). With -EINVAL, @job is set too unless the syntax is
 * wrong: job_check() then finds more errors, and everything not doubtful may be used.
 */
int job_read(const char *file_name, struct job **job, struct document_problem *problem);

/* The same for a document in memory. */
int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem);

#endif
