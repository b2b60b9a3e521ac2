// SPDX-License-Identifier: MIT
/* Sessions by their sockets, and their objects by asking them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/completion_offer.h"
#include "output/memory.h"
#include "session/client/verb.h"

#define SOCKET_SUFFIX ".sock"

/* A session may be busy, and nobody waits longer than this for a completion. */
#define PATIENCE_SECONDS 2

void completion_offer_sessions(const struct completion *completion)
{
	DIR *directory = completion->runtime ? memory_checked(opendir(completion->runtime)) : NULL;
	const char *name;
	char session[NAME_MAX + 1];

	while ((name = sysfs_next(directory))) {
		const size_t length = strlen(name), suffix = strlen(SOCKET_SUFFIX);

		if (length <= suffix || strcmp(name + length - suffix, SOCKET_SUFFIX) != 0)
			continue;
		snprintf(session, sizeof(session), "%.*s", (int)(length - suffix), name);
		completion_offer(completion, session, NULL);
	}
	if (directory)
		closedir(directory);
}

static _Noreturn void ask(const struct completion *completion, int out)
{
	const char *const arguments[] = { completion->program, "-s", completion->session, "session",
		"show", "--names", NULL };
	FILE *silence = freopen("/dev/null", "w", stderr);

	if (silence && dup2(out, STDOUT_FILENO) == STDOUT_FILENO) {
		alarm(PATIENCE_SECONDS);
		execv(completion->program, (char *const *)arguments);
	}
	_exit(EXIT_FAILURE);
}

/* Starts @completion->program and reads its output; NULL if that fails. */
static FILE *open_names(const struct completion *completion, pid_t *pid)
{
	int ends[2];
	FILE *names;

	if (!completion->session || !*completion->session || pipe2(ends, O_CLOEXEC))
		return NULL;
	*pid = fork();
	if (!*pid)
		ask(completion, ends[1]);
	close(ends[1]);
	names = *pid < 0 ? NULL : memory_checked(fdopen(ends[0], "r"));
	if (!names)
		close(ends[0]);
	return names;
}

/* Offers the names of objects that begin with @prefix, without it. */
static void offer_names(const struct completion *completion, const char *prefix)
{
	char *line = NULL;
	size_t room = 0;
	pid_t pid = -1;
	FILE *names = open_names(completion, &pid);

	while (names && getline(&line, &room, names) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && !strncmp(line, prefix, strlen(prefix)))
			completion_offer(completion, line + strlen(prefix), NULL);
	}
	free(line);
	if (names)
		fclose(names);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Verbs take only the name, of an object in a collection that they know. */
void completion_offer_objects(const struct completion *completion)
{
	const struct command *command = completion->command;
	const char *collection = command ? verb_collection(&command->verb) : NULL;

	if (collection)
		completion_offer_objects_of(completion, collection);
	else
		offer_names(completion, "");
}

void completion_offer_objects_of(const struct completion *completion, const char *collection)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s.", collection);
	offer_names(completion, prefix);
}
