// SPDX-License-Identifier: MIT
#include "job/handover/command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/handover/environment.h"
#include "output/memory.h"

static struct handover_item *find(const struct handover *handover, const struct handover_mark *mark)
{
	for (size_t i = 0; i < handover->count; i++) {
		struct handover_item *item = &handover->items[i];

		if (!strncmp(item->name, mark->name, mark->length) && !item->name[mark->length])
			return item;
	}
	return NULL;
}

static int fail(struct failure *failure, const struct handover_mark *mark, int error,
	const char *message, const char *remedy)
{
	*failure = (struct failure){ .error = error, .operation = "hand over" };
	failure->object = failure_print(failure, "%.*s", (int)mark->length, mark->name);
	failure->message = message;
	failure_explain(failure, NULL, remedy);
	return error;
}

/* Writes the value of @mark. */
static int replace(const struct handover *handover, const struct handover_mark *mark, FILE *stream,
	struct failure *failure)
{
	struct handover_item *item = find(handover, mark);

	if (!item)
		return fail(failure, mark, -ENODEV, "does not exist at this point", NULL);
	if (mark->is_id && !item->id)
		return fail(failure, mark, -EINVAL, "has no ID",
			"a device has one only once it is bound; tables in guest memory have none");
	if (!mark->is_id && item->fd < 0)
		return fail(failure, mark, -EINVAL, "has no file",
			"{id:NAME} stands for the ID of an object");
	if (mark->is_id)
		fprintf(stream, "%" PRIu32, item->id);
	else
		fprintf(stream, "%d", item->number);
	return 0;
}

/* @argument with its marks replaced, in *@text. */
static int expand(
	const struct handover *handover, const char *argument, char **text, struct failure *failure)
{
	struct memory_text expanded;
	FILE *stream = memory_text_open(&expanded);
	struct handover_mark mark;
	const char *at;
	int err = 0;

	while (stream && !err && (at = handover_find_mark(argument, &mark))) {
		fprintf(stream, "%.*s", (int)(at - argument), argument);
		err = replace(handover, &mark, stream, failure);
		argument = mark.end;
	}
	if (stream)
		fputs(argument, stream);
	*text = memory_text_close(&expanded);
	return *text || err ? err : -ENOMEM;
}

static void pass_named(const struct handover *handover, const char *argument)
{
	struct handover_mark mark;
	struct handover_item *item;

	for (; handover_find_mark(argument, &mark); argument = mark.end) {
		item = find(handover, &mark);
		if (item)
			item->passed |= !mark.is_id && item->fd >= 0;
	}
}

/* The command inherits what we inherited: our own files are closed at exec. */
static bool is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static void number_files(struct handover *handover)
{
	int next = HANDOVER_FIRST;

	handover->listens = true;
	for (size_t i = 0; i < handover->count; i++) {
		struct handover_item *item = &handover->items[i];

		if (!item->passed)
			continue;
		item->number = next++;
		handover->listens &= !is_inherited(item->number);
	}
	handover->listens &= next > HANDOVER_FIRST;
	for (size_t i = 0; !handover->listens && i < handover->count; i++)
		handover->items[i].number = handover->items[i].fd;
}

static int list_files(const struct handover *handover, struct handover_command *prepared)
{
	prepared->files = calloc(handover->count + 1, sizeof(*prepared->files));
	if (!prepared->files)
		return -ENOMEM;
	for (size_t i = 0; i < handover->count; i++) {
		if (handover->items[i].passed)
			prepared->files[prepared->file_count++] = handover->items[i].fd;
	}
	return 0;
}

int handover_prepare(struct handover *handover, char *const *command,
	struct handover_command *prepared, struct failure *failure)
{
	size_t count = 0;
	int err = 0;

	while (command[count])
		count++;
	*failure = (struct failure){ 0 };
	*prepared = (struct handover_command){
		.arguments = calloc(count + 1, sizeof(*prepared->arguments)),
	};
	if (!prepared->arguments)
		err = -ENOMEM;
	for (size_t i = 0; i < count; i++)
		pass_named(handover, command[i]);
	number_files(handover);
	prepared->first = handover->listens ? HANDOVER_FIRST : 0;
	for (size_t i = 0; !err && i < count; i++)
		err = expand(handover, command[i], &prepared->arguments[i], failure);
	if (!err)
		err = list_files(handover, prepared);
	if (!err)
		err = handover_environment(handover, environ, &prepared->environment);
	if (err && !failure->error)
		failure_set(failure, err, "%s", strerror(-err));
	return err;
}

void handover_command_free(struct handover_command *prepared)
{
	for (size_t i = 0; prepared->arguments && prepared->arguments[i]; i++)
		free(prepared->arguments[i]);
	free(prepared->arguments);
	handover_environment_free(prepared->environment);
	free(prepared->files);
}
