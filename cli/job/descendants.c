// SPDX-License-Identifier: MIT
#include "job/descendants.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent of the process that is called @name in /proc; 0 if it is gone. */
static pid_t parent_of(const char *name)
{
	char path[64], text[512];
	const char *end;
	FILE *file;
	int parent;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	end = strrchr(text, ')'); /* the name before it may hold anything */
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* How many children could be killed: a child keeps its number until it is waited for. */
static size_t kill_children(void)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	size_t killed = 0;

	/* cppcheck-suppress readdirCalled ; the directory is this function's own */
	while (directory && (entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid() &&
			kill(atoi(entry->d_name), SIGKILL) == 0)
			killed++;
	}
	if (directory)
		closedir(directory);
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
