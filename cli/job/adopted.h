/* SPDX-License-Identifier: MIT */
/* Files that others have opened, and were passed to this process under names. */
#ifndef CLI_JOB_ADOPTED_H
#define CLI_JOB_ADOPTED_H

#include <stdbool.h>
#include <stddef.h>

struct adopted_file {
	const char *name; /* "iommufd", "devices.nic" */
	int fd;		  /* -1: it has been taken */
};

struct adopted {
	struct adopted_file *files;
	size_t count;
	char *names; /* in which the names are */
};

/*
 * Reads LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID, as sd_listen_fds(3) has them, and takes them out
 * of the environment. Without any, or with those of another process, there are none. Returns 0,
 * with @adopted to be freed, -EINVAL if they make no sense, or -ENOMEM.
 */
int adopted_read(struct adopted *adopted);

/* Closes what has not been taken. */
void adopted_free(struct adopted *adopted);

/* Whether there is a file of this name, taken or not. */
bool adopted_has(const struct adopted *adopted, const char *name);

/* The file of this name, which is the caller's from now on; -1: there is none. NULL has none. */
int adopted_take(struct adopted *adopted, const char *name);

#endif
