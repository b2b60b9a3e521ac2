// SPDX-License-Identifier: MIT
#include "job/handover/user.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Parses a number that ends at @end; false if it is not one. (uid_t)-1 means "unchanged" to the
 * kernel.
 */
static bool read_id(const char *text, char end, const char **rest, id_t *id)
{
	unsigned long long value;
	char *behind;

	if (!isdigit((unsigned char)*text))
		return false;
	value = strtoull(text, &behind, 10);
	*rest = behind;
	*id = (id_t)value;
	return *behind == end && value < (id_t)-1;
}

static int fail(struct failure *failure, const char *text, int error, const char *message,
	const char *remedy)
{
	*failure = (struct failure){
		.error = error, .operation = "user", .object = text, .message = message
	};
	failure_explain(failure, NULL, remedy);
	return error;
}

static int add_groups(struct user *user, const char *name)
{
	int count = 0;

	getgrouplist(name, user->gid, NULL, &count);
	user->groups = calloc((size_t)count + 1, sizeof(*user->groups));
	if (!user->groups)
		return -ENOMEM;
	if (getgrouplist(name, user->gid, user->groups, &count) < 0)
		return -EIO;
	user->group_count = (size_t)count;
	return 0;
}

int user_find(const char *text, struct user *user, struct failure *failure)
{
	struct passwd entry, *found = NULL;
	const char *rest = text;
	char strings[4096];
	id_t uid, gid;
	int err;

	*user = (struct user){ 0 };
	if (read_id(text, ':', &rest, &uid)) {
		if (!read_id(rest + 1, '\0', &rest, &gid))
			return fail(failure, text, -EINVAL, "is not a user", "write UID:GID");
		user->uid = uid;
		user->gid = gid;
		return 0;
	}
	if (read_id(text, '\0', &rest, &uid))
		err = getpwuid_r(uid, &entry, strings, sizeof(strings), &found);
	else
		err = getpwnam_r(text, &entry, strings, sizeof(strings), &found);
	if (err || !found)
		return fail(failure, text, -ENOENT, "is not a user of this host",
			"use one that 'getent passwd' knows, or write UID:GID");
	user->uid = entry.pw_uid;
	user->gid = entry.pw_gid;
	err = add_groups(user, entry.pw_name);
	return err ? fail(failure, text, err, NULL, NULL) : 0;
}

void user_free(struct user *user)
{
	free(user->groups);
	*user = (struct user){ 0 };
}

/*
 * The kernel counts what a VMM maps for devices as locked memory. Without permission to raise the
 * limit, the current one stays.
 */
static void allow_locked_memory(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!setrlimit(RLIMIT_MEMLOCK, &limit) || getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &limit);
}

/* Root keeps its capabilities when it becomes root, and others keep ambient ones. */
static int give_up_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return syscall(SYS_capset, &header, none) ? -errno : 0;
}

int user_become(const struct user *user)
{
	allow_locked_memory();
	if (setgroups(user->group_count, user->groups) ||
		setresgid(user->gid, user->gid, user->gid) ||
		setresuid(user->uid, user->uid, user->uid))
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return give_up_capabilities();
}
