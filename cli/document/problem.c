// SPDX-License-Identifier: MIT
#include "document/problem.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/scan.h"
#include "output/text.h"

static bool is_plain_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	}
	return true;
}

static size_t format_quoted(const char *name, char *text, size_t size)
{
	size_t used = 0;

	if (size < 3)
		return 0;
	text[used++] = '"';
	for (; *name && used + 2 < size; name++)
		text[used++] = iscntrl((unsigned char)*name) ? '?' : *name;
	text[used++] = '"';
	text[used] = '\0';
	return used;
}

void document_path_format(const struct document_path *path, char *text, size_t size)
{
	size_t used;

	text[0] = '\0';
	if (!path)
		return;
	document_path_format(path->parent, text, size);
	used = strlen(text);
	if (!path->key) {
		snprintf(text + used, size - used, "[%zu]", path->index);
		return;
	}
	if (used && used + 1 < size) {
		text[used++] = '.';
		text[used] = '\0';
	}
	if (is_plain_name(path->key))
		snprintf(text + used, size - used, "%s", path->key);
	else
		format_quoted(path->key, text + used, size - used);
}

/* Moves to the value at @path, or to its key; stays at the last place found if it is not there. */
static bool seek(struct scan *scan, const struct document_path *path, unsigned int flags)
{
	struct scan inside, name;
	bool found = false;

	if (!path)
		return true;
	if (!seek(scan, path->parent, flags & ~DOCUMENT_SEEK_KEY))
		return false;
	inside = *scan;
	scan_gap(&inside);
	inside.at += inside.at < inside.end;
	for (size_t i = 0; !found || (path->key && flags & DOCUMENT_SEEK_LAST); i++) {
		scan_gap(&inside);
		if (inside.at >= inside.end || *inside.at == '}' || *inside.at == ']')
			return found;
		name = inside;
		if (path->key) {
			scan_string(&inside);
			scan_gap(&inside);
		}
		if (path->key ? scan_string_is(&name, path->key) : i == path->index) {
			*scan = flags & DOCUMENT_SEEK_KEY ? name : inside;
			found = true;
		}
		scan_value(&inside);
	}
	return true;
}

const char *document_path_seek(
	const char *text, size_t size, const struct document_path *path, unsigned int flags)
{
	struct scan scan = { text, text + size };

	seek(&scan, path, flags);
	scan_gap(&scan);
	return scan.at;
}

/* Behind which mistake @new goes, or @first if it goes before all; NULL if it is there already. */
static struct document_problem *find_room(struct document_problem *first, const struct document_problem *new)
{
	struct document_problem *room = first;

	for (struct document_problem *known = first; known; known = known->next) {
		if (known->offset == new->offset && !strcmp(known->message, new->message))
			return NULL;
		if (known->offset <= new->offset)
			room = known;
	}
	return room;
}

/* The first of a list is the caller's own: what goes before it takes its place. */
static int insert(struct document_problem *first, struct document_problem *new)
{
	struct document_problem *room, *known;

	new->count = 1;
	if (!first->count) {
		*first = *new;
		return -EINVAL;
	}
	room = find_room(first, new);
	if (!room)
		return -EINVAL;
	known = malloc(sizeof(*known));
	if (!known)
		return -ENOMEM;
	new->count = first->count + 1;
	if (new->offset >= room->offset) {
		*known = *new;
		known->next = room->next;
		room->next = known;
		first->count = new->count;
		return -EINVAL;
	}
	*known = *first;
	*first = *new;
	first->next = known;
	return -EINVAL;
}

static int add(struct document_problem *problem, const struct job *job, const char *at,
	struct document_problem *new, const char *hint, const char *format, va_list arguments)
	__attribute__((format(printf, 6, 0)));

static int add(struct document_problem *problem, const struct job *job, const char *at,
	struct document_problem *new, const char *hint, const char *format, va_list arguments)
{
	struct scan_position position = { 0, 0 };

	if (at) {
		position = scan_position(job->text, at);
		new->offset = (size_t)(at - job->text);
	}
	new->line = position.line;
	new->column = position.column;
	snprintf(new->hint, sizeof(new->hint), "%s", hint ? hint : "");
	text_append_list(new->message, sizeof(new->message), format, arguments);
	return insert(problem, new);
}

bool document_problem_is_full(const struct document_problem *problem)
{
	return problem->count >= DOCUMENT_PROBLEMS_MAX;
}

int document_problem_count(struct document_problem *problem)
{
	problem->count++;
	return -EINVAL;
}

static int add_at_path(struct document_problem *problem, const struct job *job,
	const struct document_remark *remark, const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

static int add_at_path(struct document_problem *problem, const struct job *job,
	const struct document_remark *remark, const char *format, va_list arguments)
{
	unsigned int flags = (remark->key ? DOCUMENT_SEEK_KEY : 0) |
			     (job->has_duplicates ? DOCUMENT_SEEK_LAST : 0);
	struct document_problem new = { .next = NULL };
	const char *at = NULL;

	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	document_path_format(remark->path, new.path, sizeof(new.path));
	if (job->text)
		at = document_path_seek(job->text, job->text_size, remark->path, flags);
	return add(problem, job, at, &new, remark->hint, format, arguments);
}

int document_problem_set(struct document_problem *problem, const struct job *job, const struct document_path *path,
	const char *format, ...)
{
	const struct document_remark remark = { .path = path };
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = add_at_path(problem, job, &remark, format, arguments);
	va_end(arguments);
	return err;
}

int document_problem_remark(struct document_problem *problem, const struct job *job,
	const struct document_remark *remark, const char *format, ...)
{
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = add_at_path(problem, job, remark, format, arguments);
	va_end(arguments);
	return err;
}

int document_problem_at(struct document_problem *problem, const struct job *job, const char *at,
	const char *path, const char *hint, const char *format, ...)
{
	struct document_problem new = { .next = NULL };
	va_list arguments;
	int err;

	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	text_append(new.path, sizeof(new.path), "%s", path);
	va_start(arguments, format);
	err = add(problem, job, at, &new, hint, format, arguments);
	va_end(arguments);
	return err;
}

void document_problem_free(struct document_problem *problem)
{
	struct document_problem *next;

	for (struct document_problem *one = problem->next; one; one = next) {
		next = one->next;
		free(one);
	}
	problem->next = NULL;
}

bool document_goes_on(int *err, int result)
{
	if (result)
		*err = result;
	return result != -ENOMEM;
}
