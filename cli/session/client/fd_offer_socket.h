/* SPDX-License-Identifier: MIT */
/* An offer's socket in the file system. */
#ifndef CLI_SESSION_CLIENT_FD_OFFER_SOCKET_H
#define CLI_SESSION_CLIENT_FD_OFFER_SOCKET_H

#include <sys/types.h>

#include "job/handover/user.h"

/* Its location; the directory is held open so that the same file is made and removed. */
struct offer_socket {
	int directory;
	int fd;
	const char *name; /* within the directory */
};

/*
 * Listens at @path with @mode, owned by @owner (NULL: us). Replaces a stale socket; leaves anything
 * else alone. Returns 0, or -errno with @failure set.
 */
int offer_listen(const char *path, mode_t mode, const struct user *owner,
	struct offer_socket *socket, struct failure *failure);

/* Closes it, and removes it from its directory. */
void offer_close(struct offer_socket *socket);

#endif
