// SPDX-License-Identifier: MIT
#include "job/handover/adopted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first descriptor number that is passed, and the most that are accepted. */
#define FIRST	  3
#define FILES_MAX 4096

/* A number of at least 1; 0 if it is not one. */
static unsigned long read_number(const char *text)
{
	char *end;
	unsigned long number;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	number = strtoul(text, &end, 10);
	return *end || errno ? 0 : number;
}

/* The files are open, and must not be inherited across exec. */
static int claim(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fcntl(FIRST + (int)i, F_SETFD, FD_CLOEXEC))
			return -EINVAL;
	}
	return 0;
}

static int read_names(struct adopted *adopted, const char *names)
{
	char *rest;

	adopted->names = strdup(names ? names : "");
	if (!adopted->names)
		return -ENOMEM;
	rest = adopted->names;
	for (size_t i = 0; i < adopted->count; i++) {
		const char *name = strsep(&rest, ":");

		adopted->files[i] = (struct adopted_file){ name ? name : "", FIRST + (int)i };
	}
	return rest ? -EINVAL : 0;
}

static int read_environment(struct adopted *adopted)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	unsigned long count;
	int err;

	if (!pid || !fds || read_number(pid) != (unsigned long)getpid())
		return 0;
	count = read_number(fds);
	if (count > FILES_MAX || (!count && strcmp(fds, "0") != 0))
		return -EINVAL;
	err = claim(count);
	if (err)
		return err;
	adopted->files = calloc(count + 1, sizeof(*adopted->files));
	if (!adopted->files)
		return -ENOMEM;
	adopted->count = count;
	return count ? read_names(adopted, getenv("LISTEN_FDNAMES")) : 0;
}

int adopted_read(struct adopted *adopted)
{
	int err;

	*adopted = (struct adopted){ 0 };
	err = read_environment(adopted);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return err;
}

void adopted_free(struct adopted *adopted)
{
	for (size_t i = 0; i < adopted->count; i++) {
		if (adopted->files[i].name && adopted->files[i].fd >= 0)
			close(adopted->files[i].fd);
	}
	free(adopted->files);
	free(adopted->names);
	*adopted = (struct adopted){ 0 };
}

bool adopted_has(const struct adopted *adopted, const char *name)
{
	for (size_t i = 0; i < adopted->count; i++) {
		if (!strcmp(adopted->files[i].name, name))
			return true;
	}
	return false;
}

int adopted_take(struct adopted *adopted, const char *name)
{
	for (size_t i = 0; adopted && i < adopted->count; i++) {
		struct adopted_file *file = &adopted->files[i];
		int fd = file->fd;

		if (fd < 0 || strcmp(file->name, name) != 0)
			continue;
		file->fd = -1;
		return fd;
	}
	return -1;
}
