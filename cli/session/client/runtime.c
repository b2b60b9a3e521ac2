// SPDX-License-Identifier: MIT
#include "session/client/runtime.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/sysfs.h"

#define SOCKET_SUFFIX ".sock"
#define LOCK_SUFFIX   ".lock"

/* Room for a name with a suffix. */
#define FILE_SIZE (SESSION_NAME_MAX + sizeof(SOCKET_SUFFIX))

bool session_name_is_valid(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > SESSION_NAME_MAX || !isalnum((unsigned char)*name))
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	}
	return true;
}

static int fail(struct failure *failure, int error, const char *object, const char *operation,
	const char *remedy)
{
	*failure = (struct failure){ .error = error, .operation = operation };
	failure->object = failure_print(failure, "%s", object);
	failure_explain(failure, NULL, remedy);
	return error;
}

int runtime_path(char path[PATH_MAX])
{
	const char *own = getenv("IOMMUCTL_RUNTIME_DIRECTORY");
	const char *user = getenv("XDG_RUNTIME_DIR");
	int length = 0;

	if (own && *own)
		length = snprintf(path, PATH_MAX, "%s", own);
	else if (geteuid() == 0)
		length = snprintf(path, PATH_MAX, "/run/iommuctl");
	else if (user && *user)
		length = snprintf(path, PATH_MAX, "%s/iommuctl", user);
	if (!length)
		return -ENOENT;
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Anyone who can write to the directory can put a socket there. */
static int check_owner(int directory, const char *path, struct failure *failure)
{
	struct stat stat;

	if (fstat(directory, &stat))
		return fail(failure, -errno, path, "fstat", NULL);
	if (stat.st_uid != geteuid() || stat.st_mode & (S_IWGRP | S_IWOTH)) {
		fail(failure, -EPERM, path, "open",
			"the session directory must belong to this user, and nobody else may write "
			"to it: name another in IOMMUCTL_RUNTIME_DIRECTORY");
		failure->status = STATUS_NO_PERMISSION;
		return -EPERM;
	}
	return 0;
}

/* Sets this mode whatever the umask. */
static int make_directory(const char *path)
{
	const mode_t mask = umask(0);
	int err = mkdir(path, 0700) ? -errno : 0;

	umask(mask);
	return err == -EEXIST ? 0 : err;
}

/* The variable that names the session directory. */
static const char *path_variable(void)
{
	const char *own = getenv("IOMMUCTL_RUNTIME_DIRECTORY");

	return own && *own ? "IOMMUCTL_RUNTIME_DIRECTORY" : "XDG_RUNTIME_DIR";
}

int runtime_open(bool make, struct failure *failure)
{
	char path[PATH_MAX];
	int directory, err = runtime_path(path);

	if (err == -ENAMETOOLONG)
		return fail(failure, err, path_variable(), "open", NULL);
	if (err)
		return fail(failure, -ENOENT, "XDG_RUNTIME_DIR", "look-up",
			"it is not set, so there is no place for sessions: set it, or "
			"IOMMUCTL_RUNTIME_DIRECTORY, to a directory that belongs to this user");
	err = make ? make_directory(path) : 0;
	if (err)
		return fail(failure, err, path, "mkdir", NULL);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0 && errno == ENOENT)
		return fail(failure, -ENOENT, path, "open",
			"no session is running: 'iommuctl session start' starts one");
	if (directory < 0)
		return fail(failure, -errno, path, "open",
			errno == ELOOP || errno == ENOTDIR
				? "it is not a directory: name one in IOMMUCTL_RUNTIME_DIRECTORY"
				: NULL);
	err = check_owner(directory, path, failure);
	if (!err)
		return directory;
	close(directory);
	return err;
}

static int open_lock(int directory, const char *name, int flags)
{
	const mode_t mask = umask(0);
	char file[FILE_SIZE];
	int lock;

	snprintf(file, sizeof(file), "%s%s", name, LOCK_SUFFIX);
	lock = openat(directory, file, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (lock < 0)
		lock = -errno;
	umask(mask);
	return lock;
}

/* Whether the open lock file is still in place: its previous owner may have removed it. */
static bool is_current(int directory, const char *name, int lock)
{
	char file[FILE_SIZE];
	struct stat mine, named;

	snprintf(file, sizeof(file), "%s%s", name, LOCK_SUFFIX);
	return !fstat(lock, &mine) && !fstatat(directory, file, &named, AT_SYMLINK_NOFOLLOW) &&
	       mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

/*
 * An open file description lock, which children inherit; unlike flock(), it can be tested without
 * being taken, so listing sessions does not block others.
 */
static const struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

int runtime_lock(int directory, const char *name, struct failure *failure)
{
	for (;;) {
		int lock = open_lock(directory, name, O_RDWR | O_CREAT);

		if (lock < 0)
			return fail(failure, lock, name, "open", NULL);
		if (fcntl(lock, F_OFD_SETLK, &whole_file)) {
			int err = errno == EAGAIN || errno == EACCES ? -EEXIST : -errno;

			close(lock);
			return err == -EEXIST ? err : fail(failure, err, name, "lock", NULL);
		}
		if (is_current(directory, name, lock))
			return lock;
		close(lock);
	}
}

int runtime_is_locked(int directory, const char *name)
{
	struct flock found = whole_file;
	int lock = open_lock(directory, name, O_RDONLY);
	bool locked;

	/* A symlink or a socket of this name is not a lock. */
	if (lock == -ENOENT || lock == -ELOOP || lock == -ENXIO)
		return 0;
	if (lock < 0)
		return lock;
	locked = !fcntl(lock, F_OFD_GETLK, &found) && found.l_type != F_UNLCK;
	close(lock);
	return locked;
}

#define OWN_FILES "/proc/self/fd"

/*
 * Through the directory's descriptor, which nobody can replace, and whose path may be too long for
 * a socket address. Without /proc, a path that is short enough will do.
 */
static int make_address(
	int directory, const char *name, struct sockaddr_un *address, struct failure *failure)
{
	const size_t size = sizeof(address->sun_path);
	char path[PATH_MAX];

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, size, OWN_FILES "/%d/%s%s", directory, name, SOCKET_SUFFIX);
	if (!access(OWN_FILES, F_OK))
		return 0;
	if (!runtime_path(path) && (size_t)snprintf(address->sun_path, size, "%s/%s%s", path, name,
					   SOCKET_SUFFIX) < size)
		return 0;
	return fail(failure, -ENOENT, OWN_FILES, "look-up",
		"mount a procfs at /proc, or name a directory with a shorter path in "
		"IOMMUCTL_RUNTIME_DIRECTORY");
}

int runtime_listen(int directory, const char *name, struct failure *failure)
{
	struct sockaddr_un address;
	int fd, err = make_address(directory, name, &address, failure);
	char file[FILE_SIZE];
	mode_t mask;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(failure, -errno, name, "socket", NULL);
	snprintf(file, sizeof(file), "%s%s", name, SOCKET_SUFFIX);
	unlinkat(directory, file, 0);
	mask = umask(0177);
	err = bind(fd, (const struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return fail(failure, err, name, "bind", NULL);
}

void runtime_remove(int directory, const char *name, int lock)
{
	char file[FILE_SIZE];

	if (!is_current(directory, name, lock))
		return;
	snprintf(file, sizeof(file), "%s%s", name, SOCKET_SUFFIX);
	unlinkat(directory, file, 0);
	snprintf(file, sizeof(file), "%s%s", name, LOCK_SUFFIX);
	unlinkat(directory, file, 0);
}

/* Nobody listens: the owner of the name does not yet, or no longer does. */
static int explain_silence(int directory, const char *name, struct failure *failure)
{
	int locked = runtime_is_locked(directory, name);

	if (locked < 0)
		return fail(failure, locked, name, "open", NULL);
	if (!locked)
		return fail(failure, -ENOENT, name, "session",
			"no session of this name is running: 'iommuctl session list' lists running "
			"ones, 'iommuctl session start' starts one");
	fail(failure, -EAGAIN, name, "session", "ask again");
	failure->message = "is starting or ending";
	return -EAGAIN;
}

int runtime_connect(int directory, const char *name, struct failure *failure)
{
	struct sockaddr_un address;
	int fd, err = make_address(directory, name, &address, failure);

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(failure, -errno, name, "socket", NULL);
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	if (err == -ENOENT || err == -ECONNREFUSED)
		return explain_silence(directory, name, failure);
	return fail(failure, err, name, "connect", NULL);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the names that have a lock file: *@count of them in @names. */
static int read_names(DIR *directory, char ***names, size_t *count)
{
	const char *file;

	while ((file = sysfs_next(directory))) {
		const size_t length = strlen(file), suffix = strlen(LOCK_SUFFIX);
		char **grown, *name;

		if (length < suffix || strcmp(file + length - suffix, LOCK_SUFFIX) != 0)
			continue;
		name = strndup(file, length - suffix);
		grown = name ? realloc(*names, (*count + 1) * sizeof(*grown)) : NULL;
		if (!grown || !session_name_is_valid(name)) {
			free(name);
			if (!grown)
				return -ENOMEM;
			*names = grown;
			continue;
		}
		*names = grown;
		grown[(*count)++] = name;
	}
	return 0;
}

int runtime_each(int directory, int (*each)(const char *name, void *data), void *data)
{
	int err, copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	char **names = NULL;
	size_t count = 0;

	if (!entries) {
		err = -errno;
		if (copy >= 0)
			close(copy);
		return err;
	}
	err = read_names(entries, &names, &count);
	closedir(entries);
	if (count)
		qsort(names, count, sizeof(*names), compare);
	for (size_t i = 0; i < count; i++) {
		const int locked = err ? 0 : runtime_is_locked(directory, names[i]);

		if (locked < 0)
			err = locked;
		else if (locked)
			err = each(names[i], data);
		free(names[i]);
	}
	free(names);
	return err;
}
