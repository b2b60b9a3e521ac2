/* SPDX-License-Identifier: MIT */
/* The values that have no keys of their own. */
#ifndef CLI_JOB_PARSE_VALUE_H
#define CLI_JOB_PARSE_VALUE_H

#include <errno.h>

#include "job/problem.h"
#include "job/schema.h"

struct parser {
	struct job *job;
	struct job_problem *problem;
	const struct job_object *owner; /* the named object being read, or NULL */
	size_t use_room;
};

/* Says what is wrong at @path; its value is the error to return. */
#define parse_fail(parser, path, ...) \
	(job_problem_set((parser)->problem, (parser)->job, path, __VA_ARGS__), -EINVAL)

/* Says that one key of @group must be given. */
int parse_fail_group(struct parser *parser, const struct schema_shape *shape, uint8_t group,
	const struct job_path *path);

int parse_value(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot);

/* Adds the field that the last part of @path names to @list, which has room for it. */
int parse_field(struct parser *parser, json_t *json, const struct schema_fields *fields,
	const struct job_path *path, struct job_list *list);

#endif
