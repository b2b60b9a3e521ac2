// SPDX-License-Identifier: MIT
#include "job/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "job/guard.h"
#include "output/memory.h"

#define MARK "{fd:"

/* The next {fd:NAME} at or after @text; NAME is *@name, of *@length bytes. */
static const char *find_mark(const char *text, const char **name, size_t *length)
{
	const char *mark = strstr(text, MARK);
	const char *end = mark ? strchr(mark, '}') : NULL;

	if (!end)
		return NULL;
	*name = mark + strlen(MARK);
	*length = (size_t)(end - *name);
	return mark;
}

static bool has_file(const struct document_object *object)
{
	return object->collection == JOB_DEVICES || object->collection == JOB_MEMORY ||
		object->collection == JOB_VEVENTQS || object->collection == JOB_IRQS;
}

static const struct document_object *find_file_object(
	const struct job *job, const char *name, size_t length)
{
	const struct document_object *object;
	char label[160];

	if (length >= sizeof(label))
		return NULL;
	snprintf(label, sizeof(label), "%.*s", (int)length, name);
	object = document_find_labelled(job->document, label);
	return object && has_file(object) ? object : NULL;
}

static bool is_iommufd(const char *name, size_t length)
{
	return length == strlen("iommufd") && !strncmp(name, "iommufd", length);
}

char *child_find_unknown_file(const struct job *job, char *const *command)
{
	const char *name;
	size_t length;

	for (; *command; command++) {
		const char *at = *command;

		while (find_mark(at, &name, &length)) {
			if (!is_iommufd(name, length) && !find_file_object(job, name, length))
				return memory_checked(strndup(name, length));
			at = name;
		}
	}
	return NULL;
}

/* The fd that {fd:NAME} stands for; -1 if the object does not exist any more. */
static int fd_of(const struct live *live, const char *name, size_t length)
{
	const struct document_object *object;

	if (is_iommufd(name, length))
		return live->iommufd;
	object = find_file_object(live->job, name, length);
	return object && live_object(live, object)->made ? live_object(live, object)->fd : -1;
}

/* What the command is started with. */
struct expansion {
	char **arguments; /* with the marks replaced; a NULL ends them */
	int *files;       /* those that the marks stand for */
	size_t file_count;
};

static void expansion_free(struct expansion *expansion)
{
	for (size_t i = 0; expansion->arguments && expansion->arguments[i]; i++)
		free(expansion->arguments[i]);
	free(expansion->arguments);
	free(expansion->files);
}

/* @argument with its marks replaced, whose files are added. NULL and errno on failure. */
static char *expand_argument(const struct live *live, const char *argument,
	struct expansion *expansion)
{
	struct memory_text expanded;
	FILE *stream = memory_text_open(&expanded);
	char *text;
	const char *mark, *name;
	size_t length;
	int err = 0;

	while (stream && !err && (mark = find_mark(argument, &name, &length))) {
		int fd = fd_of(live, name, length);

		fprintf(stream, "%.*s%d", (int)(mark - argument), argument, fd);
		expansion->files[expansion->file_count++] = fd;
		err = fd < 0 ? ENODEV : 0;
		argument = name + length + 1;
	}
	if (stream)
		fputs(argument, stream);
	text = memory_text_close(&expanded);
	if (!text && !err)
		err = ENOMEM;
	if (!err)
		return text;
	free(text);
	errno = err;
	return NULL;
}

static size_t count_marks(const char *argument)
{
	const char *name;
	size_t length, count = 0;

	for (; find_mark(argument, &name, &length); argument = name)
		count++;
	return count;
}

/* 0 with @expansion to be freed in any case, or an errno. */
static int expand(const struct live *live, char *const *command, struct expansion *expansion)
{
	size_t count = 0, marks = 0;

	for (; command[count]; count++)
		marks += count_marks(command[count]);
	*expansion = (struct expansion){
		.arguments = calloc(count + 1, sizeof(*expansion->arguments)),
		.files = calloc(marks + 1, sizeof(*expansion->files)),
	};
	if (!expansion->arguments || !expansion->files)
		return ENOMEM;
	for (size_t i = 0; i < count; i++) {
		expansion->arguments[i] = expand_argument(live, command[i], expansion);
		if (!expansion->arguments[i])
			return errno;
	}
	return 0;
}

static enum exit_status report_end(
	struct report *report, const char *name, const struct guard_end *end)
{
	struct failure failure = { .code = "command-failed", .operation = "command", .object = name };

	if (end->exec_error)
		return report_errno(report, "exec", name, end->exec_error);
	if (end->guard_was_ended)
		failure.message = failure_print(&failure, "was ended, as its guard was by signal %d",
			WTERMSIG(end->status));
	else if (WIFSIGNALED(end->status))
		failure.message = failure_print(&failure, "was ended by signal %d", WTERMSIG(end->status));
	else if (WEXITSTATUS(end->status))
		failure.message = failure_print(&failure, "ended with status %d", WEXITSTATUS(end->status));
	else
		return STATUS_DONE;
	return report_failure(report, &failure);
}

enum exit_status child_run(const struct live *live, char *const *command, struct report *report)
{
	struct expansion expansion;
	struct guard_end end;
	int err = expand(live, command, &expansion);

	if (err) {
		expansion_free(&expansion);
		return report_errno(report, "command", command[0], err);
	}
	err = guard_run(
		&(struct guard_command){
			.arguments = expansion.arguments,
			.files = expansion.files,
			.file_count = expansion.file_count,
			.output_to_stderr = report->json,
		},
		&live->interrupt, &end);
	expansion_free(&expansion);
	if (err)
		return report_errno(report, "fork", command[0], err);
	return report_end(report, command[0], &end);
}
