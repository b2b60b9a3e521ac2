/* SPDX-License-Identifier: MIT */
/* Files that another process opened and passed to this one under names. */
#ifndef CLI_JOB_HANDOVER_ADOPTED_H
#define CLI_JOB_HANDOVER_ADOPTED_H

#include <stdbool.h>
#include <stddef.h>

struct adopted_file {
	const char *name; /* "iommufd", "devices.nic" */
	int fd;		  /* -1: it has been taken */
};

struct adopted {
	struct adopted_file *files;
	size_t count;
	char *names; /* storage for the names */
};

/*
 * Reads LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID, as sd_listen_fds(3) does, and removes them from
 * the environment. If they are missing or meant for another process, there are no files. Returns 0,
 * with @adopted to be freed, -EINVAL if they make no sense, or -ENOMEM.
 */
int adopted_read(struct adopted *adopted);

/* Closes the files that have not been taken. */
void adopted_free(struct adopted *adopted);

/* Whether there is a file of this name, taken or not. */
bool adopted_has(const struct adopted *adopted, const char *name);

/*
 * Hands the file of this name to the caller, who then owns it; -1 if there is none. @adopted may be
 * NULL.
 */
int adopted_take(struct adopted *adopted, const char *name);

#endif
