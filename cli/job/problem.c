// SPDX-License-Identifier: MIT
#include "job/problem.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

void job_path_format(const struct job_path *path, char *text, size_t size)
{
	size_t used;

	text[0] = '\0';
	if (!path)
		return;
	job_path_format(path->parent, text, size);
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

/* A cursor over a document that is known to be well-formed; it never passes the end all the same. */
struct cursor {
	const char *at;
	const char *end;
};

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && strchr(" \t\r\n,:", *cursor->at))
		cursor->at++;
}

static void skip_string(struct cursor *cursor)
{
	for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++) {
		if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
			cursor->at++;
	}
	if (cursor->at < cursor->end)
		cursor->at++;
}

static void skip_value(struct cursor *cursor)
{
	size_t depth = 0;

	do {
		skip_space(cursor);
		if (cursor->at >= cursor->end)
			return;
		switch (*cursor->at) {
		case '{':
		case '[':
			depth++;
			cursor->at++;
			break;
		case '}':
		case ']':
			depth--;
			cursor->at++;
			break;
		case '"':
			skip_string(cursor);
			break;
		default:
			while (cursor->at < cursor->end && !strchr(",:{}[]\" \t\r\n", *cursor->at))
				cursor->at++;
		}
	} while (depth);
}

static bool string_is(const struct cursor *cursor, const char *name)
{
	struct cursor end = *cursor;
	json_t *string;
	bool same;

	skip_string(&end);
	string = json_loadb(cursor->at, (size_t)(end.at - cursor->at), JSON_DECODE_ANY, NULL);
	same = string && strcmp(json_string_value(string), name) == 0;
	json_decref(string);
	return same;
}

/* Moves to the value at @path; stays at the last place found if the value is not there. */
static bool seek(struct cursor *cursor, const struct job_path *path)
{
	struct cursor inside;

	if (!path)
		return true;
	if (!seek(cursor, path->parent))
		return false;
	inside = *cursor;
	skip_space(&inside);
	inside.at += inside.at < inside.end;
	for (size_t i = 0;; i++) {
		bool found;

		skip_space(&inside);
		if (inside.at >= inside.end || *inside.at == '}' || *inside.at == ']')
			return false;
		found = path->key ? string_is(&inside, path->key) : i == path->index;
		if (found)
			*cursor = inside;
		if (path->key)
			skip_string(&inside);
		if (found && path->key) {
			skip_space(&inside);
			*cursor = inside;
		}
		if (found)
			return true;
		skip_value(&inside);
	}
}

int job_path_line(const char *text, size_t size, const struct job_path *path)
{
	struct cursor cursor = { text, text + size };
	int line = 1;

	seek(&cursor, path);
	skip_space(&cursor);
	for (const char *at = text; at < cursor.at; at++)
		line += *at == '\n';
	return line;
}

int job_problem_set(struct job_problem *problem, const struct job *job, const struct job_path *path,
	const char *format, ...)
{
	va_list arguments;

	job_path_format(path, problem->path, sizeof(problem->path));
	problem->line = job->text ? job_path_line(job->text, job->text_size, path) : 0;
	va_start(arguments, format);
	vsnprintf(problem->message, sizeof(problem->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}
