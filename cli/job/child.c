// SPDX-License-Identifier: MIT
#include "job/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static bool has_file(const struct job_object *object)
{
	return object->collection == JOB_DEVICES || object->collection == JOB_MEMORY ||
		object->collection == JOB_VEVENTQS || object->collection == JOB_IRQS;
}

static const struct job_object *find_file_object(
	const struct job *job, const char *name, size_t length)
{
	const struct job_object *object;
	char label[160];

	if (length >= sizeof(label))
		return NULL;
	snprintf(label, sizeof(label), "%.*s", (int)length, name);
	object = job_find_labelled(job, label);
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
				return strndup(name, length);
			at = name;
		}
	}
	return NULL;
}

/* The fd that {fd:NAME} stands for; -1 if the object does not exist any more. */
static int fd_of(const struct live *live, const char *name, size_t length)
{
	const struct job_object *object;

	if (is_iommufd(name, length))
		return live->iommufd;
	object = find_file_object(live->job, name, length);
	return object && live_object(live, object)->made ? live_object(live, object)->fd : -1;
}

/* @argument with its marks replaced; every file that it names is passed on. NULL and errno on failure. */
static char *expand(const struct live *live, const char *argument,
	posix_spawn_file_actions_t *actions)
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
		/* Onto itself: that takes close-on-exec away in the child alone. */
		err = fd < 0 ? ENODEV : posix_spawn_file_actions_adddup2(actions, fd, fd);
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

/* The command shall find signals as it would without us, who ignore SIGPIPE. */
static int set_signals(posix_spawnattr_t *attributes, const sigset_t *mask)
{
	sigset_t defaults;
	int err = posix_spawnattr_init(attributes);

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	if (!err)
		err = posix_spawnattr_setsigmask(attributes, mask);
	if (!err)
		err = posix_spawnattr_setsigdefault(attributes, &defaults);
	return err ? err : posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* The command starts with the signal mask @mask. */
static int spawn(
	const struct live *live, char *const *command, const sigset_t *mask, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	size_t count = 0;
	char **arguments;
	int err;

	if (!command[0])
		return EINVAL;
	while (command[count])
		count++;
	arguments = calloc(count + 1, sizeof(*arguments));
	if (!arguments)
		return ENOMEM;
	err = posix_spawn_file_actions_init(&actions);
	if (err)
		goto out_free;
	err = set_signals(&attributes, mask);
	for (size_t i = 0; i < count && !err; i++) {
		arguments[i] = expand(live, command[i], &actions);
		if (!arguments[i])
			err = errno;
	}
	if (!err)
		err = posix_spawnp(pid, command[0], &actions, &attributes, arguments, environ);
	for (size_t i = 0; i < count; i++)
		free(arguments[i]);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
out_free:
	free(arguments);
	return err;
}

/* @signals are blocked in the caller: none of them gets lost between looking and waiting. */
static int wait_for(pid_t pid, const sigset_t *signals)
{
	int status, taken;

	for (;;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		if (sigwait(signals, &taken) == 0 && taken == SIGTERM)
			kill(pid, SIGTERM);
	}
}

enum exit_status child_run(const struct live *live, char *const *command, struct report *report)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old_int, old_quit;
	struct sigaction plain = { .sa_handler = SIG_DFL }, old_chld;
	struct failure failure = { .status = STATUS_FAILED, .operation = "command",
		.object = command[0] };
	sigset_t signals, old_mask;
	char message[96];
	int err, status = 0;
	pid_t pid;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &old_mask);
	/* Whoever started us may have it ignored: then children would leave no status. */
	sigaction(SIGCHLD, &plain, &old_chld);
	err = spawn(live, command, &old_mask, &pid);
	if (!err) {
		sigaction(SIGINT, &ignore, &old_int);
		sigaction(SIGQUIT, &ignore, &old_quit);
		status = wait_for(pid, &signals);
		sigaction(SIGQUIT, &old_quit, NULL);
		sigaction(SIGINT, &old_int, NULL);
	}
	sigaction(SIGCHLD, &old_chld, NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
	if (err)
		return report_errno(report, "posix_spawn", command[0], err);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return STATUS_DONE;
	if (WIFEXITED(status))
		snprintf(message, sizeof(message), "ended with status %d", WEXITSTATUS(status));
	else
		snprintf(message, sizeof(message), "was ended by signal %d", WTERMSIG(status));
	failure.code = "command-failed";
	failure.message = message;
	return report_failure(report, &failure);
}
