/* SPDX-License-Identifier: MIT */
/* What is wrong with a job document, and where. */
#ifndef CLI_JOB_PROBLEM_H
#define CLI_JOB_PROBLEM_H

#include <stdarg.h>

#include "job/job.h"

struct job_problem {
	char path[256]; /* "hwpts.s1.ste.config", empty for the whole document */
	int line;       /* from 1; 0: none */
	char message[512];
};

/* Fills @problem for the value at @path of @job's document. Returns -EINVAL. */
int job_problem_set(struct job_problem *problem, const struct job *job, const struct job_path *path,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The line on which the value at @path begins in the well-formed document @text. */
int job_path_line(const char *text, size_t size, const struct job_path *path);

/* Writes @path as "hwpts.s1.map[2].iova"; names with unusual characters are quoted. */
void job_path_format(const struct job_path *path, char *text, size_t size);

#endif
