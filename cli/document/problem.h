/* SPDX-License-Identifier: MIT */
/* What is wrong with a job document, and where. */
#ifndef CLI_DOCUMENT_PROBLEM_H
#define CLI_DOCUMENT_PROBLEM_H

#include <stdarg.h>

#include "job/job.h"

/* How many mistakes of a document are kept; the rest is counted. */
#define JOB_PROBLEMS_MAX 50

/*
 * The first mistake of a document, in the order of the text, with the others behind it. One on the
 * stack of the caller starts out as { .message = "" }: there is none. job_problem_free() frees what
 * follows it.
 */
struct job_problem {
	char path[256]; /* "hwpts.s1.ste.config", empty for the whole document */
	int line;       /* from 1; 0: none */
	int column;     /* in characters, from 1 */
	char message[512];
	char hint[192];  /* what would be right; empty: nothing is known */
	size_t offset;   /* in the text */
	struct job_problem *next;
	size_t count;    /* in the first one: how many there are, beyond JOB_PROBLEMS_MAX unkept */
};

/* What a mistake is about. */
struct job_remark {
	const struct job_path *path;
	bool key;         /* its key rather than its value */
	const char *hint; /* NULL: none */
};

/*
 * Adds a mistake at the value at @path of @job's document to @problem, unless it is there already.
 * Returns -EINVAL, or -ENOMEM.
 */
int job_problem_set(struct job_problem *problem, const struct job *job, const struct job_path *path,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same with more to say. */
int job_problem_remark(struct job_problem *problem, const struct job *job,
	const struct job_remark *remark, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same for a place that has no path: @at is in the text of @job, @path tells people. */
int job_problem_at(struct job_problem *problem, const struct job *job, const char *at,
	const char *path, const char *hint, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Whether no more mistakes are kept: then nobody needs to look for places and hints. */
bool job_problem_is_full(const struct job_problem *problem);

/* Counts a mistake that is not kept. Returns -EINVAL. */
int job_problem_count(struct job_problem *problem);

void job_problem_free(struct job_problem *problem);

/*
 * Takes note in *@err of how one of several parts ended that are looked at whatever the others are
 * like. False: there is no memory to go on.
 */
bool job_goes_on(int *err, int result);

enum {
	JOB_SEEK_KEY = 1 << 0,  /* the key of the value */
	JOB_SEEK_LAST = 1 << 1, /* of keys that come twice, the last */
};

/* Where in the well-formed document @text the value at @path begins, or what is to hold it. */
const char *job_path_seek(
	const char *text, size_t size, const struct job_path *path, unsigned int flags);

/* Writes @path as "hwpts.s1.map[2].iova"; names with unusual characters are quoted. */
void job_path_format(const struct job_path *path, char *text, size_t size);

#endif
