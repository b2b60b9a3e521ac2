// SPDX-License-Identifier: MIT
#include "output/passed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of our descriptor that @path names as an entry of /proc/self/fd, or -1. */
static int find_passed(const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX], directory[PATH_MAX], own[32];
	int number, end;

	if (!slash || slash - path >= PATH_MAX || sscanf(slash, "/%d%n", &number, &end) != 1 ||
		slash[end])
		return -1;
	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	snprintf(own, sizeof(own), "/proc/%d/fd", (int)getpid());
	return realpath(parent, directory) && !strcmp(directory, own) ? number : -1;
}

int passed_file_open(const char *path)
{
	char target[PATH_MAX];
	int number = find_passed(path);
	ssize_t length = number < 0 ? readlink(path, target, sizeof(target) - 1) : -1;

	if (length >= 0) {
		target[length] = '\0';
		number = find_passed(target);
	}
	if (number < 0)
		return -ENOENT;
	number = fcntl(number, F_DUPFD_CLOEXEC, 0);
	return number < 0 ? -errno : number;
}
