/* SPDX-License-Identifier: MIT */
/* Another user to run a command as. */
#ifndef CLI_JOB_HANDOVER_USER_H
#define CLI_JOB_HANDOVER_USER_H

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
 * Looks up @text: a name, or UID or UID:GID, which need not be in a user database. Returns 0, with
 * @user to be freed, or -errno with @failure set.
 */
int user_find(const char *text, struct user *user, struct failure *failure);
void user_free(struct user *user);

/*
 * Makes this process @user permanently: without capabilities even if that is root, without gaining
 * privileges by exec, and with no limit on locked memory. Returns 0 or -errno, after which the
 * process must exit.
 */
int user_become(const struct user *user);

#endif
