/* SPDX-License-Identifier: MIT */
/* Where sessions are found: a directory of this user's own, with a lock and a socket for each. */
#ifndef CLI_SESSION_RUNTIME_H
#define CLI_SESSION_RUNTIME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "output/failure.h"

#define SESSION_NAME_MAX 64

/* What names may have: letters, digits, "-", "_" and "."; the first is a letter or a digit. */
bool session_name_is_valid(const char *name);

/*
 * The directory, in @path: $IOMMUCTL_RUNTIME_DIRECTORY, else /run/iommuctl for root and
 * $XDG_RUNTIME_DIR/iommuctl for others. Returns 0, -ENOENT if nothing says it, or -ENAMETOOLONG.
 */
int runtime_path(char path[PATH_MAX]);

/*
 * Opens the directory. With @make, it is made where it is not there. A directory
 * that another user could have put there, or can write to, is refused.
 *
 * Returns the descriptor, or -errno with @failure told; without @make, -ENOENT where there is none.
 */
int runtime_open(bool make, struct failure *failure);

/*
 * Takes the name for as long as the descriptor is open, which is returned: -EEXIST if another
 * process has it; other -errno with @failure told.
 */
int runtime_lock(int directory, const char *name, struct failure *failure);

/* Whether a process has the name: 0, 1, or -errno if that cannot be told. */
int runtime_is_locked(int directory, const char *name);

/*
 * Listens on the socket of @name, whose lock the caller has, so that what is there is stale.
 * Returns the descriptor, or -errno with @failure told.
 */
int runtime_listen(int directory, const char *name, struct failure *failure);

/*
 * Takes socket and lock of @name away; @lock is still held. If somebody has removed it, they are
 * another's by now.
 */
void runtime_remove(int directory, const char *name, int lock);

/* A connection to the socket of @name, or -errno with @failure told. */
int runtime_connect(int directory, const char *name, struct failure *failure);

/* Calls @each for every name that a process has, in order. Returns 0, or -errno. */
int runtime_each(int directory, int (*each)(const char *name, void *data), void *data);

#endif
