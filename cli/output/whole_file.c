// SPDX-License-Identifier: MIT
#include "output/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/open_file.h"
#include "output/passed_file.h"
#include "output/text.h"

#define ATTEMPTS 16

/* How much longer a name becomes to be unique. */
#define ADDED (sizeof("..") - 1 + 16)

/* Creates a file with an unused name. Returns its descriptor or -errno. */
static int open_new(int directory, const char *name, char temporary[NAME_MAX + 1])
{
	/* Cut a long name, but no character: some file systems refuse that. */
	const int kept = (int)text_piece(name, NAME_MAX - ADDED);

	for (int i = 0; i < ATTEMPTS; i++) {
		uint64_t number;
		int fd;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return -EIO;
		snprintf(temporary, NAME_MAX + 1, ".%.*s.%016" PRIx64, kept, name, number);
		fd = openat(directory, temporary,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -EEXIST;
}

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

/* Some file systems report only on close that there was no room. */
static int fill(int fd, const char *text, mode_t mode)
{
	size_t length = strlen(text);
	int err = write_all(fd, text);

	if (!err && length && text[length - 1] != '\n')
		err = write_all(fd, "\n");
	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* A link, a device or the like is not ours to replace. */
static int check_old(int directory, const char *name)
{
	struct stat old;

	if (fstatat(directory, name, &old, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(old.st_mode) ? 0 : -EEXIST;
}

int whole_file_replace_in(int directory, const char *name, const char *text, mode_t mode)
{
	char temporary[NAME_MAX + 1];
	int fd, err = check_old(directory, name);

	if (err)
		return err;
	fd = open_new(directory, name, temporary);
	if (fd < 0)
		return fd;
	err = fill(fd, text, mode);
	if (!err && renameat(directory, temporary, directory, name))
		err = -errno;
	if (err) {
		unlinkat(directory, temporary, 0);
		return err;
	}
	/* The new name is in place; all that can go wrong is that a crash undoes it. */
	(void)fsync(directory);
	return 0;
}

int whole_file_replace(const char *path, const char *text, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX] = ".";
	int directory, err;

	if (!*name)
		return -EISDIR;
	if (slash && slash - path >= PATH_MAX - 1)
		return -ENAMETOOLONG;
	if (slash)
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path) + 1, path);
	directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	err = whole_file_replace_in(directory, name, text, mode);
	close(directory);
	return err;
}

/*
 * The usual rights of a new file under umask, or those of the file that it replaces. Another user's
 * file may have been planted for its rights.
 */
static mode_t rights_of(const char *path)
{
	struct stat before;
	mode_t mask = umask(0);

	umask(mask);
	return stat(path, &before) || before.st_uid != geteuid()
		       ? 0666 & ~mask
		       : before.st_mode & 0777;
}

int whole_file_write(const char *path, const char *text)
{
	struct stat there;
	int err, fd = passed_file_open(path);

	if (fd < 0 && (stat(path, &there) || S_ISREG(there.st_mode)))
		return whole_file_replace(path, text, rights_of(path));
	if (fd < 0)
		fd = open_file_to_write(path);
	if (fd < 0)
		return fd;
	err = write_all(fd, text);
	return close(fd) && !err ? -errno : err;
}
