/* SPDX-License-Identifier: MIT */
/* Jobs as C strings: single quotes stand for the double quotes of JSON. */
#ifndef TESTS_UNIT_JOB_FIXTURE_H
#define TESTS_UNIT_JOB_FIXTURE_H

#include "document_fixture.h"
#include "job/check/check.h"
#include "job/read.h"

/* A document, and what is said about it. */
struct refused_job {
	const char *text;
	const char *path;
	int line;
	const char *message;
};

/* As -EINVAL, what @parse says about @text, whose size is given as it may hold NUL. */
static inline int job_try(
	const char *text, size_t size, struct job **job, struct document_problem *problem)
{
	char *document = document_quoted(text, size);
	int err;

	*problem = (struct document_problem){ .message = "" };
	err = job_parse(document, size, job, problem);
	free(document);
	return err;
}

/* A job that parses. */
static inline struct job *job_parsed(const char *text)
{
	struct document_problem problem = { .message = "" };
	struct job *job = NULL;

	cr_assert_eq(job_try(text, strlen(text), &job, &problem), 0, "%s:%d: %s", problem.path,
		problem.line, problem.message);
	return job;
}

/* A job that parses and makes sense. */
static inline struct job *job_checked(const char *text)
{
	struct job *job = job_parsed(text);
	struct document_problem problem = { .message = "" };

	cr_assert_eq(job_check(job, &problem), 0, "%s:%d: %s", problem.path, problem.line,
		problem.message);
	return job;
}

/* One of the errors is that of @job: a short test document may have others. */
static inline void expect_problem(
	const struct document_problem *problem, const struct refused_job *job)
{
	const struct document_problem *same = problem;

	while (same->next && (strcmp(same->path, job->path) || strcmp(same->message, job->message)))
		same = same->next;
	cr_expect_str_eq(same->path, job->path, "%s\n  has the path %s", job->text, same->path);
	cr_expect_eq(same->line, job->line, "%s\n  has the line %d", job->text, same->line);
	cr_expect_str_eq(
		same->message, job->message, "%s\n  has the message %s", job->text, same->message);
}

/* Jobs that do not parse. */
static inline void expect_unparsed(const struct refused_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct document_problem problem = { .message = "" };
		struct job *job = NULL;

		cr_expect_eq(job_try(jobs[i].text, strlen(jobs[i].text), &job, &problem), -EINVAL,
			"%s\n  parses", jobs[i].text);
		expect_problem(&problem, &jobs[i]);
		document_problem_free(&problem);
		job_free(job);
	}
}

/* Jobs that parse, but make no sense. */
static inline void expect_unchecked(const struct refused_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct document_problem problem = { .message = "" };
		struct job *job = job_parsed(jobs[i].text);

		cr_expect_eq(job_check(job, &problem), -EINVAL, "%s\n  is taken", jobs[i].text);
		expect_problem(&problem, &jobs[i]);
		document_problem_free(&problem);
		job_free(job);
	}
}

#endif
