/* SPDX-License-Identifier: MIT */
/* From a document to a job: syntax, keys, types, ranges, names. What it means is checked after that. */
#ifndef CLI_DOCUMENT_PARSE_H
#define CLI_DOCUMENT_PARSE_H

#include "document/problem.h"
#include "document/schema.h"

/* A document larger than this is refused unread. */
#define DOCUMENT_SIZE_MAX (16u << 20)

/*
 * Reads the document in the file @file_name ("-": standard input), which outlives @job, into @job.
 *
 * Returns 0, -EINVAL with @problem filled when the document is wrong, or -errno when it could not
 * be read. The caller frees @job with job_free(). @job is there with -EINVAL as well where it is not
 * the syntax that is wrong: job_check() finds more mistakes in it then, and all that is not doubtful
 * may be looked at.
 */
int job_read(const char *file_name, struct job **job, struct document_problem *problem);

/*
 * The same for a document that is no job: what @shape says of it goes to @out, and lives in @job,
 * which is empty but for the document.
 */
int job_read_shape(const char *file_name, const struct schema_shape *shape, void *out,
	struct job **job, struct document_problem *problem);

/* The first for a document in memory. */
int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem);

void job_free(struct job *job);

#endif
