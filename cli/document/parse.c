// SPDX-License-Identifier: MIT
#include "document/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document/arena.h"
#include "document/tree.h"
#include "document/duplicates.h"
#include "document/parse_shape.h"
#include "document/syntax.h"

static int check_syntax(struct parser *parser)
{
	const struct job *job = parser->job;
	struct syntax_mistake mistake;

	if (!syntax_check(job->text, job->text_size, &mistake))
		return 0;
	return document_problem_at(parser->problem, job, mistake.at, "", mistake.hint, "%s", mistake.message);
}

/* A document of the wrong syntax has one mistake: what comes behind it cannot be told. */
static int parse_document(struct parser *parser, const struct schema_shape *shape, void *out)
{
	struct job *job = parser->job;
	int err = 0;

	if (!document_goes_on(&err, duplicates_find(job, parser->problem)))
		return err;
	job->has_duplicates = err;
	job->document = document_tree(job->text, job->text_size);
	if (!job->document)
		return -ENOMEM;
	if (!document_goes_on(&err, parse_shape(parser, job->document, shape, NULL, out)))
		return err;
	if (!document_goes_on(&err, job_index_names(job)) || !document_goes_on(&err, parse_refs(parser)))
		return err;
	return err || parser->problem->message[0] ? -EINVAL : 0;
}

static int parse_text(const char *text, size_t size, const char *file_name,
	const struct schema_shape *shape, void *out, struct job **job, struct document_problem *problem)
{
	struct parser parser = { .problem = problem };
	struct job *new;
	int err = -ENOMEM;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	parser.job = new;
	parser.doubtful = &parser.spare_doubt;
	new->file_name = file_name;
	new->arena = document_arena_new();
	new->text = malloc(size + 1);
	if (!new->arena || !new->text)
		goto fail;
	memcpy(new->text, text, size);
	new->text[size] = '\0';
	new->text_size = size;
	err = check_syntax(&parser);
	if (err)
		goto fail;
	err = parse_document(&parser, shape, out ? out : new);
	if (err == -ENOMEM)
		goto fail;
	*job = new;
	return err;
fail:
	job_free(new);
	return err;
}

int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem)
{
	return parse_text(text, size, NULL, &schema_job, NULL, job, problem);
}

/* All of @file; the caller frees it. NULL and *@err on failure. */
static char *read_all(FILE *file, size_t *size, int *err)
{
	size_t used = 0, room = 0, got;
	char *data = NULL;

	do {
		if (used == room) {
			size_t larger = room ? room * 2 : 65536;
			char *grown = realloc(data, larger);

			*err = -ENOMEM;
			if (!grown)
				goto fail;
			data = grown;
			room = larger;
		}
		got = fread(data + used, 1, room - used, file);
		*err = -errno;
		if (ferror(file))
			goto fail;
		used += got;
		*err = -EFBIG;
		if (used > DOCUMENT_SIZE_MAX)
			goto fail;
	} while (!feof(file));
	*size = used;
	return data;
fail:
	free(data);
	return NULL;
}

int job_read_shape(const char *file_name, const struct schema_shape *shape, void *out,
	struct job **job, struct document_problem *problem)
{
	bool is_stdin = strcmp(file_name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(file_name, "re");
	size_t size = 0;
	char *text;
	int err;

	if (!file)
		return -errno;
	text = read_all(file, &size, &err);
	if (!is_stdin)
		fclose(file);
	if (!text)
		return err;
	err = parse_text(text, size, file_name, shape, out, job, problem);
	free(text);
	return err;
}

int job_read(const char *file_name, struct job **job, struct document_problem *problem)
{
	return job_read_shape(file_name, &schema_job, NULL, job, problem);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	document_arena_free(job->arena);
	json_decref(job->document);
	free(job->uses);
	free(job->text);
	free(job);
}
