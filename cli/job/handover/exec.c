// SPDX-License-Identifier: MIT
#include "job/handover/exec.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path that a shell uses if PATH is not set. */
#define PATH_FALLBACK "/usr/bin:/bin"

/* Whether another directory may still have the program. */
static bool may_be_elsewhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG;
}

int exec_in_path(char *const *arguments)
{
	const char *path = getenv("PATH");
	int error = ENOENT;

	if (!*arguments[0])
		return ENOENT;
	if (strchr(arguments[0], '/')) {
		execv(arguments[0], arguments);
		return errno;
	}
	path = path ? path : PATH_FALLBACK;
	for (;;) {
		size_t length = strcspn(path, ":");
		char file[PATH_MAX];

		if (snprintf(file, sizeof(file), "%.*s%s%s", (int)length, path, length ? "/" : "./",
			    arguments[0]) < PATH_MAX)
			execv(file, arguments);
		else
			errno = ENAMETOOLONG;
		if (!may_be_elsewhere(errno))
			return errno;
		if (errno == EACCES)
			error = EACCES;
		if (!path[length])
			return error;
		path += length + 1;
	}
}
