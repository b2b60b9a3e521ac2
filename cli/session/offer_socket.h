/* SPDX-License-Identifier: MIT */
/* The socket of an offer, in the file system. */
#ifndef CLI_SESSION_OFFER_SOCKET_H
#define CLI_SESSION_OFFER_SOCKET_H

#include <sys/types.h>

#include "job/user.h"

/* Where it is: its directory is held open, so that what is removed is what was made. */
struct offer_socket {
	int directory;
	int fd;
	const char *name; /* within the directory */
};

/*
 * Listens at @path with @mode, as @owner's (NULL: ours). What a process that has ended left there
 * is replaced; anything else is left alone. Returns 0, or -errno with @failure told.
 */
int offer_listen(const char *path, mode_t mode, const struct user *owner,
	struct offer_socket *socket, struct failure *failure);

/* Closes it, and removes it from its directory. */
void offer_close(struct offer_socket *socket);

#endif
