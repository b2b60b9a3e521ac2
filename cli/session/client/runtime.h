/* SPDX-License-Identifier: MIT */
/* Where sessions are found: a private directory of this user, with a lock and a socket for each. */
#ifndef CLI_SESSION_CLIENT_RUNTIME_H
#define CLI_SESSION_CLIENT_RUNTIME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "output/failure.h"

#define SESSION_NAME_MAX 64

/* A name has letters, digits, "-", "_" and "."; the first is a letter or a digit. */
bool session_name_is_valid(const char *name);

/*
 * Puts the directory in @path: $IOMMUCTL_RUNTIME_DIRECTORY, else /run/iommuctl for root and
 * $XDG_RUNTIME_DIR/iommuctl for others. Returns 0, -ENOENT if no variable names it, or
 * -ENAMETOOLONG.
 */
int runtime_path(char path[PATH_MAX]);

/*
 * Opens the directory. With @make, it is made if it does not exist. A directory that another user
 * could have put there, or can write to, is refused.
 *
 * Returns the descriptor, or -errno with @failure set; without @make, -ENOENT if there is none.
 */
int runtime_open(bool make, struct failure *failure);

/*
 * Takes the name for as long as the returned descriptor is open: -EEXIST if another process has it;
 * other -errno with @failure set.
 */
int runtime_lock(int directory, const char *name, struct failure *failure);

/* Whether a process has the name: 0, 1, or -errno if unknown. */
int runtime_is_locked(int directory, const char *name);

/*
 * Listens on the socket of @name, whose lock the caller has, so that an existing one is stale.
 * Returns the descriptor, or -errno with @failure set.
 */
int runtime_listen(int directory, const char *name, struct failure *failure);

/*
 * Removes the socket and lock of @name; @lock is still held. If somebody has removed the lock, they
 * now belong to another process and stay.
 */
void runtime_remove(int directory, const char *name, int lock);

/* Connects to the socket of @name; -errno with @failure set. */
int runtime_connect(int directory, const char *name, struct failure *failure);

/* Calls @each for every name in use, in order. Returns 0, or -errno. */
int runtime_each(int directory, int (*each)(const char *name, void *data), void *data);

#endif
