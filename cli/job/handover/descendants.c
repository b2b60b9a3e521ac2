// SPDX-License-Identifier: MIT
#include "job/handover/descendants.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent of the process named @name in /proc; 0 if the process is gone. */
static pid_t parent_of(const char *name)
{
	char path[64], text[512];
	const char *end;
	ssize_t length;
	int fd, parent;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length < 0)
		return 0;
	text[length] = '\0';
	end = strrchr(text, ')'); /* the name before it may contain anything */
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static bool kill_child(const char *name)
{
	return isdigit((unsigned char)name[0]) && parent_of(name) == getpid() &&
	       kill(atoi(name), SIGKILL) == 0;
}

/*
 * Returns how many children could be killed; a child keeps its PID until it is waited for. This
 * must work when memory has run out, and readdir() allocates.
 */
static size_t kill_children(void)
{
	alignas(struct dirent64) char entries[4096];
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t killed = 0;
	ssize_t size;

	while (fd >= 0 && (size = getdents64(fd, entries, sizeof(entries))) > 0) {
		const struct dirent64 *entry;

		for (ssize_t at = 0; at < size; at += entry->d_reclen) {
			entry = (const struct dirent64 *)(entries + at);
			killed += kill_child(entry->d_name);
		}
	}
	if (fd >= 0)
		close(fd);
	return killed;
}

void descendants_end(void)
{
	pid_t ended;

	do {
		bool wait = kill_children() > 0;

		ended = waitpid(-1, NULL, wait ? 0 : WNOHANG);
	} while (ended > 0);
}
