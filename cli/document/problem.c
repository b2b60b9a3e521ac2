// SPDX-License-Identifier: MIT
#include "document/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"

/* The error after which @new goes, @first if before all; NULL if it is there already. */
static struct document_problem *find_room(
	struct document_problem *first, const struct document_problem *new)
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

/* The first of a list is the caller's own: one that goes before it takes its place. */
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

bool document_problem_is_full(const struct document_problem *problem)
{
	return problem->count >= DOCUMENT_PROBLEMS_MAX;
}

int document_problem_count(struct document_problem *problem)
{
	problem->count++;
	return -EINVAL;
}

static int add(struct document_problem *problem, const struct document *document,
	const struct document_remark *remark, const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

static int add(struct document_problem *problem, const struct document *document,
	const struct document_remark *remark, const char *format, va_list arguments)
{
	struct document_problem new = { .next = NULL };
	struct scan_position position;
	const char *at = remark->at;

	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	if (at) {
		text_append(new.path, sizeof(new.path), "%s", remark->label ? remark->label : "");
	} else {
		document_path_format(remark->path, new.path, sizeof(new.path));
		at = document_path_seek(document, remark->path,
			remark->key ? DOCUMENT_PART_KEY : DOCUMENT_PART_VALUE);
	}
	position = scan_position(document->text, at);
	new.offset = (size_t)(at - document->text);
	new.line = position.line;
	new.column = position.column;
	snprintf(new.hint, sizeof(new.hint), "%s", remark->hint ? remark->hint : "");
	text_append_list(new.message, sizeof(new.message), format, arguments);
	return insert(problem, &new);
}

int document_problem_set(struct document_problem *problem, const struct document *document,
	const struct document_path *path, const char *format, ...)
{
	const struct document_remark remark = { .path = path };
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = add(problem, document, &remark, format, arguments);
	va_end(arguments);
	return err;
}

int document_problem_remark(struct document_problem *problem, const struct document *document,
	const struct document_remark *remark, const char *format, ...)
{
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = add(problem, document, remark, format, arguments);
	va_end(arguments);
	return err;
}

static bool has(const struct document_problem *problem, const struct document_problem *one)
{
	for (; problem; problem = problem->next) {
		if (!strcmp(problem->path, one->path) && !strcmp(problem->message, one->message))
			return true;
	}
	return false;
}

static void remove_next(struct document_problem *before)
{
	struct document_problem *gone = before->next;

	before->next = gone->next;
	free(gone);
}

/* The first of a list is the caller's own: the next takes its place. */
static void remove_first(struct document_problem *first)
{
	const size_t count = first->count;
	struct document_problem *next = first->next;

	*first = next ? *next : (struct document_problem){ .message = "" };
	first->count = count;
	free(next);
}

void document_problem_leave_out(
	struct document_problem *problem, const struct document_problem *known)
{
	for (struct document_problem *one = problem; one->next;) {
		if (!has(known, one->next)) {
			one = one->next;
			continue;
		}
		remove_next(one);
		problem->count--;
	}
	if (problem->count && has(known, problem)) {
		remove_first(problem);
		problem->count--;
	}
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

bool document_note_error(int *err, int result)
{
	if (result)
		*err = result;
	return result != -ENOMEM;
}
