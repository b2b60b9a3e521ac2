/* SPDX-License-Identifier: MIT */
/* Another user, as whom a command is started. */
#ifndef CLI_JOB_USER_H
#define CLI_JOB_USER_H

#include <stddef.h>
#include <sys/types.h>

#include "output/failure.h"

struct user {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t group_count;
};

/*
 * Finds @text: a name, or UID or UID:GID where no user database need know it. Returns 0, with @user
 * to be freed, or -errno with @failure told.
 */
int user_find(const char *text, struct user *user, struct failure *failure);
void user_free(struct user *user);

/*
 * This process becomes @user for good, without capabilities also where that is root, gains no
 * privileges by what it executes, and may lock as much memory as it likes. Returns 0 or -errno,
 * after which it is to end.
 */
int user_become(const struct user *user);

#endif
