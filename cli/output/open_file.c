// SPDX-License-Identifier: MIT
#include "output/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array.h"
#include "output/passed_file.h"

#define PIPEFS_MAGIC 0x50495045 /* of include/uapi/linux/magic.h */

/* The directory of a path, and the file in it, which may be a link. */
struct place {
	bool is_public; /* anybody may create files there and, without S_ISVTX, replace them */
	bool is_there;
	struct stat own;
};

/* The user who invoked us by sudo(8) or pkexec(1): their files are as good as ours. */
static bool is_callers(uid_t uid)
{
	static const char *const names[] = { "SUDO_UID", "PKEXEC_UID" };
	char text[32];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)uid);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *caller = getenv(names[i]);

		if (caller && strcmp(caller, text) == 0)
			return true;
	}
	return false;
}

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid() || is_callers(uid);
}

static int find_place(const char *path, struct place *place)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX] = ".";
	struct stat directory;
	int fd, err = 0;

	*place = (struct place){ .is_public = false };
	if (slash && slash - path >= PATH_MAX - 1)
		return -ENAMETOOLONG;
	if (slash)
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path) + 1, path);
	fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &directory))
		err = -errno;
	place->is_public = !err && directory.st_mode & S_IWOTH;
	place->is_there = !err && !fstatat(fd, name, &place->own, AT_SYMLINK_NOFOLLOW);
	close(fd);
	return err;
}

static bool is_pipe_of_no_name(int fd)
{
	struct statfs system;

	return !fstatfs(fd, &system) && system.f_type == PIPEFS_MAGIC;
}

/* Whether the file of @fd, an O_PATH descriptor, can be opened without a side effect. */
static int check_kind(int fd, struct stat *status)
{
	if (fstat(fd, status))
		return -errno;
	if (S_ISDIR(status->st_mode))
		return -EISDIR;
	if (S_ISREG(status->st_mode) || (S_ISFIFO(status->st_mode) && is_pipe_of_no_name(fd)))
		return 0;
	return OPEN_FILE_NO_FILE;
}

/* Opens the file that was checked, whatever has its name by now. */
static int reopen(int fd)
{
	char path[32];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (opened >= 0)
		return opened;
	return errno == ENOENT ? OPEN_FILE_NO_PROC : -errno;
}

static const struct open_file_reason anybody_writes = {
	"this file is world-writable, and root would carry out what anybody writes there",
	"remove that right (chmod o-w), or review the file and pass it as standard input: -",
};

static const struct open_file_reason another_put_it = {
	"another user has placed this in a world-writable directory, and root would carry it out",
	"copy it to a directory of your own, review it, and name the copy",
};

static bool is_planted(const struct place *place)
{
	return place->is_public && place->is_there && !is_trusted(place->own.st_uid);
}

/* Removes the last part of @path. False: there is no other. */
static bool cut_last_part(char *path)
{
	char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] == '/')
		slash--;
	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/* Whether a directory that @path names was planted. The owner of a link answers for its target. */
static int find_planted_parent(const char *path, bool *planted)
{
	struct place place;
	char way[PATH_MAX];
	int err = 0;

	*planted = false;
	if (strlen(path) >= sizeof(way))
		return -ENAMETOOLONG;
	memcpy(way, path, strlen(path) + 1);
	while (!err && !*planted && cut_last_part(way)) {
		err = find_place(way, &place);
		*planted = !err && is_planted(&place);
	}
	return err;
}

static int find_distrust(
	const char *path, const struct stat *status, const struct open_file_reason **distrust)
{
	struct place place;
	bool planted = false;
	int err;

	*distrust = NULL;
	if (geteuid() != 0)
		return 0;
	err = find_place(path, &place);
	if (!err)
		err = find_planted_parent(path, &planted);
	/*
	 * A link of ours may lead anywhere. Anything else may have been another file a moment ago.
	 */
	if (!err && place.is_public && place.is_there && !S_ISLNK(place.own.st_mode))
		planted |= !is_trusted(status->st_uid);
	if (S_ISREG(status->st_mode) && status->st_mode & S_IWOTH)
		*distrust = &anybody_writes;
	else if (!err && (planted || is_planted(&place)))
		*distrust = &another_put_it;
	return err;
}

/* Takes @fd. */
static int make_stream(int fd, const char *mode, FILE **stream)
{
	int err;

	*stream = fdopen(fd, mode);
	err = -errno;
	if (*stream)
		return 0;
	close(fd);
	return err;
}

int open_file_to_read(const char *path, FILE **stream, const struct open_file_reason **distrust)
{
	int looked = open(path, O_PATH | O_CLOEXEC), fd;
	struct stat status;
	int err;

	if (looked < 0)
		return -errno;
	err = check_kind(looked, &status);
	if (!err)
		err = find_distrust(path, &status, distrust);
	fd = err ? err : reopen(looked);
	close(looked);
	return fd < 0 ? fd : make_stream(fd, "r", stream);
}

/* If a file has two names, one may be where nobody looks. */
static bool is_ours(const struct stat *own)
{
	if (own->st_uid != geteuid())
		return false;
	return !S_ISREG(own->st_mode) || own->st_nlink == 1;
}

int open_file_to_write(const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, fd;
	struct place place;
	bool planted = false;
	int err = find_place(path, &place);

	if (!err && geteuid() == 0)
		err = find_planted_parent(path, &planted);
	if (err)
		return err;
	if (planted)
		return OPEN_FILE_NOT_OURS;
	if (place.is_public) {
		if (place.is_there && !is_ours(&place.own))
			return OPEN_FILE_NOT_OURS;
		/* A new file is ours, unless it has appeared since. */
		flags |= place.is_there ? 0 : O_EXCL;
	}
	fd = open(path, flags, 0666);
	if (fd < 0)
		return errno == EEXIST ? OPEN_FILE_NOT_OURS : -errno;
	return fd;
}

int open_file_stream_to_write(const char *path, FILE **stream)
{
	int fd = passed_file_open(path);

	if (fd == -ENOENT)
		fd = open_file_to_write(path);
	return fd < 0 ? fd : make_stream(fd, "w", stream);
}

const struct open_file_reason *open_file_explain(int error)
{
	static const struct open_file_reason no_file = {
		"it is a device, a socket or a FIFO, not a file",
		"pass its contents as standard input: -",
	};
	static const struct open_file_reason not_ours = {
		"it belongs to another user, in a world-writable directory",
		"name a file in a directory of your own",
	};
	static const struct open_file_reason no_regular_file = {
		"it exists and is not a regular file",
		"name another file",
	};
	static const struct open_file_reason no_proc = {
		"/proc/self/fd is missing, which is needed to open the file that was checked",
		"mount procfs at /proc, or pass the file as standard input: -",
	};

	switch (error) {
	case OPEN_FILE_NO_FILE: return &no_file;
	case OPEN_FILE_NOT_OURS: return &not_ours;
	case OPEN_FILE_NO_PROC: return &no_proc;
	case -EEXIST: return &no_regular_file;
	default: return NULL;
	}
}
