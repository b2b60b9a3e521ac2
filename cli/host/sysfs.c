// SPDX-License-Identifier: MIT
#include "output/memory.h"
#include "host/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_attribute(const struct sysfs *sysfs, const char *path, const char *value)
{
	size_t length = strlen(value);
	ssize_t written;
	int fd, err = 0;

	(void)sysfs;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, value, length);
	if (written < 0)
		err = -errno;
	else if ((size_t)written != length)
		err = -EIO;
	close(fd);
	return err;
}

const struct sysfs sysfs_of_host = { .root = "", .write = write_attribute };

static int full_path(
	const struct sysfs *sysfs, const char *directory, const char *name, char path[PATH_MAX])
{
	int length = snprintf(
		path, PATH_MAX, "%s%s%s%s", sysfs->root, directory, *name ? "/" : "", name);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Writes the path relative to an open directory, which it returns, or -errno. */
static int find(
	const struct sysfs *sysfs, const char *directory, const char *name, char path[PATH_MAX])
{
	const size_t length = sysfs->near ? strlen(sysfs->near) : 0;
	int err;

	if (length && !strncmp(directory, sysfs->near, length) && directory[length] == '/' &&
		snprintf(path, PATH_MAX, "%s%s%s", directory + length + 1, *name ? "/" : "", name) <
			PATH_MAX)
		return sysfs->near_fd;
	err = full_path(sysfs, directory, name, path);
	return err ? err : AT_FDCWD;
}

/* No directory is open: of all errors, none has the number of AT_FDCWD. */
static bool is_lost(int at)
{
	return at < 0 && at != AT_FDCWD;
}

void sysfs_stay_near(struct sysfs *sysfs, const char *directory)
{
	const int fd = sysfs_open_directory(sysfs, directory);

	if (fd < 0)
		return;
	sysfs->near = directory;
	sysfs->near_fd = fd;
}

void sysfs_leave(struct sysfs *sysfs)
{
	if (sysfs->near)
		close(sysfs->near_fd);
	sysfs->near = NULL;
}

bool sysfs_exists(const struct sysfs *sysfs, const char *directory, const char *name)
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, name, path);

	return !is_lost(at) && faccessat(at, path, F_OK, 0) == 0;
}

static void drop_newline(char *text, size_t length)
{
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
}

/* Reads to the end: an attribute as long as @size is too long. */
static int read_all(int fd, char *text, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t got = read(fd, text + length, size - length);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	if (length == size)
		return -EOVERFLOW;
	drop_newline(text, length);
	return 0;
}

/* sysfs returns a whole attribute at once: a second read would only report the end. */
int sysfs_read_at(int directory, const char *name, char *text, size_t size)
{
	int err = 0, fd = memory_checked_file(openat(directory, name, O_RDONLY | O_CLOEXEC));
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, size);
	if (length < 0)
		err = -errno;
	else if ((size_t)length == size)
		err = -EOVERFLOW;
	else
		drop_newline(text, (size_t)length);
	close(fd);
	return err;
}

static int parse_number(const char *text, long *value)
{
	long number;
	char *end;

	errno = 0;
	number = strtol(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (errno || end == text || *end)
		return -EINVAL;
	*value = number;
	return 0;
}

int sysfs_read_number_at(int directory, const char *name, long *value)
{
	char text[32];
	int err = sysfs_read_at(directory, name, text, sizeof(text));

	return err ? err : parse_number(text, value);
}

static int read_link_at(int directory, const char *name, char target[PATH_MAX])
{
	ssize_t length = readlinkat(directory, name, target, PATH_MAX);

	if (length < 0)
		return -errno;
	if (length == PATH_MAX)
		return -EOVERFLOW;
	target[length] = '\0';
	return 0;
}

int sysfs_read_link_name_at(int directory, const char *name, char *last, size_t size)
{
	char target[PATH_MAX];
	const char *slash;
	int length, err = read_link_at(directory, name, target);

	if (err)
		return err;
	slash = strrchr(target, '/');
	length = snprintf(last, size, "%s", slash ? slash + 1 : target);
	return length < 0 || (size_t)length >= size ? -EOVERFLOW : 0;
}

int sysfs_read(
	const struct sysfs *sysfs, const char *directory, const char *name, char *text, size_t size)
{
	int err, fd = sysfs_open_attribute(sysfs, directory, name);

	if (fd < 0)
		return fd;
	err = read_all(fd, text, size);
	close(fd);
	return err;
}

int sysfs_read_number(
	const struct sysfs *sysfs, const char *directory, const char *name, long *value)
{
	char text[32];
	int err = sysfs_read(sysfs, directory, name, text, sizeof(text));

	return err ? err : parse_number(text, value);
}

int sysfs_read_link(
	const struct sysfs *sysfs, const char *directory, const char *name, char target[PATH_MAX])
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, name, path);

	return is_lost(at) ? at : read_link_at(at, path, target);
}

int sysfs_read_link_name(
	const struct sysfs *sysfs, const char *directory, const char *name, char *last, size_t size)
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, name, path);

	return is_lost(at) ? at : sysfs_read_link_name_at(at, path, last, size);
}

int sysfs_open_directory(const struct sysfs *sysfs, const char *directory)
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, "", path);
	int fd;

	if (is_lost(at))
		return at;
	fd = memory_checked_file(openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (fd < 0)
		return -errno;
	return fd;
}

int sysfs_resolve(
	const struct sysfs *sysfs, const char *directory, const char *name, char path[PATH_MAX])
{
	char unresolved[PATH_MAX];
	int err = full_path(sysfs, directory, name, unresolved);

	if (err)
		return err;
	return memory_checked(realpath(unresolved, path)) ? 0 : -errno;
}

int sysfs_write(
	const struct sysfs *sysfs, const char *directory, const char *name, const char *value)
{
	char path[PATH_MAX];
	int err = full_path(sysfs, directory, name, path);

	return err ? err : sysfs->write(sysfs, path, value);
}

int sysfs_open_attribute(const struct sysfs *sysfs, const char *directory, const char *name)
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, name, path);
	int fd;

	if (is_lost(at))
		return at;
	fd = memory_checked_file(openat(at, path, O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return -errno;
	return fd;
}

int sysfs_open_node(const struct sysfs *sysfs, const char *path, int flags)
{
	char full[PATH_MAX];
	int fd, err = full_path(sysfs, path, "", full);

	if (sysfs->open_node)
		return sysfs->open_node(sysfs, path);
	if (err)
		return err;
	fd = memory_checked_file(open(full, O_RDWR | O_CLOEXEC | flags));
	if (fd < 0)
		return -errno;
	return fd;
}

DIR *sysfs_opendir(const struct sysfs *sysfs, const char *directory)
{
	char path[PATH_MAX];

	return full_path(sysfs, directory, "", path) ? NULL : memory_checked(opendir(path));
}

const char *sysfs_next(DIR *directory)
{
	const struct dirent *entry;

	/* cppcheck-suppress readdirCalled ; only its opener reads a directory */
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			return entry->d_name;
	return NULL;
}

bool sysfs_first_name_at(int directory, const char *name, char *first, size_t size)
{
	int fd = memory_checked_file(openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char entries[1024] __attribute__((aligned(__alignof__(struct dirent64))));
	const struct dirent64 *entry;
	ssize_t length;

	if (fd < 0)
		return false;
	length = getdents64(fd, entries, sizeof(entries));
	close(fd);
	for (ssize_t at = 0; at < length; at += entry->d_reclen) {
		entry = (const struct dirent64 *)(entries + at);
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= size)
			continue;
		memcpy(first, entry->d_name, strlen(entry->d_name) + 1);
		return true;
	}
	return false;
}

bool sysfs_first_name(const struct sysfs *sysfs, const char *directory, const char *name,
	char *first, size_t size)
{
	char path[PATH_MAX];
	const int at = find(sysfs, directory, name, path);

	return !is_lost(at) && sysfs_first_name_at(at, path, first, size);
}
