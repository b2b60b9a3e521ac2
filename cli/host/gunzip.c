// SPDX-License-Identifier: MIT
#include "host/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "output/ignored_signals.h"
#include "output/memory.h"

static int spawn(const char *program, int input, int output, pid_t *pid)
{
	char *const arguments[] = { "gzip", "-dc", NULL };
	char *const environment[] = { "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t usual;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&attributes);
	if (err) {
		posix_spawn_file_actions_destroy(&actions);
		return err;
	}
	ignored_signals_fill(&usual);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	err = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!err)
		err = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int spawn_gzip(int input, int output, pid_t *pid)
{
	static const char *const programs[] = { "/usr/bin/gzip", "/bin/gzip" };
	int err = ENOENT;

	for (size_t i = 0; err && i < ARRAY_SIZE(programs); i++)
		err = spawn(programs[i], input, output, pid);
	return err;
}

FILE *gunzip_open(struct gunzip *gunzip, const char *path)
{
	int input = memory_checked_file(open(path, O_RDONLY | O_CLOEXEC));
	int ends[2] = { -1, -1 }, err = ENOENT;

	*gunzip = (struct gunzip){ .pid = -1 };
	if (input >= 0 && memory_checked_file(pipe2(ends, O_CLOEXEC)) == 0)
		err = spawn_gzip(input, ends[1], &gunzip->pid);
	if (!err)
		gunzip->stream = memory_checked(fdopen(ends[0], "r"));
	else if (err == ENOMEM)
		memory_note_failure();
	if (input >= 0)
		close(input);
	if (ends[1] >= 0)
		close(ends[1]);
	if (!gunzip->stream && ends[0] >= 0)
		close(ends[0]);
	if (!gunzip->stream)
		gunzip_close(gunzip);
	return gunzip->stream;
}

/* gzip ends with SIGPIPE or an error if its output was not read to the end. */
bool gunzip_close(struct gunzip *gunzip)
{
	int status = -1;

	if (gunzip->stream)
		fclose(gunzip->stream);
	if (gunzip->pid > 0)
		waitpid(gunzip->pid, &status, 0);
	*gunzip = (struct gunzip){ .pid = -1 };
	return status == 0;
}
