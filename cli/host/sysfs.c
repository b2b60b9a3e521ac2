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

static int full_path(const struct sysfs *sysfs, const char *directory, const char *name,
	char path[PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%s%s%s%s", sysfs->root, directory, *name ? "/" : "",
		name);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

bool sysfs_exists(const struct sysfs *sysfs, const char *directory, const char *name)
{
	char path[PATH_MAX];

	return !full_path(sysfs, directory, name, path) && access(path, F_OK) == 0;
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
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return 0;
}

int sysfs_read(const struct sysfs *sysfs, const char *directory, const char *name, char *text,
	size_t size)
{
	char path[PATH_MAX];
	int fd, err = full_path(sysfs, directory, name, path);

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = read_all(fd, text, size);
	close(fd);
	return err;
}

int sysfs_read_number(const struct sysfs *sysfs, const char *directory, const char *name,
	long *value)
{
	char text[32], *end;
	long number;
	int err = sysfs_read(sysfs, directory, name, text, sizeof(text));

	if (err)
		return err;
	errno = 0;
	number = strtol(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (errno || end == text || *end)
		return -EINVAL;
	*value = number;
	return 0;
}

int sysfs_read_link(const struct sysfs *sysfs, const char *directory, const char *name,
	char target[PATH_MAX])
{
	char path[PATH_MAX];
	ssize_t length;
	int err = full_path(sysfs, directory, name, path);

	if (err)
		return err;
	length = readlink(path, target, PATH_MAX);
	if (length < 0)
		return -errno;
	if (length == PATH_MAX)
		return -EOVERFLOW;
	target[length] = '\0';
	return 0;
}

int sysfs_read_link_name(const struct sysfs *sysfs, const char *directory, const char *name,
	char *last, size_t size)
{
	char target[PATH_MAX];
	const char *slash;
	int length, err = sysfs_read_link(sysfs, directory, name, target);

	if (err)
		return err;
	slash = strrchr(target, '/');
	length = snprintf(last, size, "%s", slash ? slash + 1 : target);
	return length < 0 || (size_t)length >= size ? -EOVERFLOW : 0;
}

int sysfs_resolve(const struct sysfs *sysfs, const char *directory, const char *name,
	char path[PATH_MAX])
{
	char unresolved[PATH_MAX];
	int err = full_path(sysfs, directory, name, unresolved);

	if (err)
		return err;
	return realpath(unresolved, path) ? 0 : -errno;
}

int sysfs_write(const struct sysfs *sysfs, const char *directory, const char *name,
	const char *value)
{
	char path[PATH_MAX];
	int err = full_path(sysfs, directory, name, path);

	return err ? err : sysfs->write(sysfs, path, value);
}

int sysfs_open_node(const struct sysfs *sysfs, const char *path, int flags)
{
	char full[PATH_MAX];
	int fd, err = full_path(sysfs, path, "", full);

	if (err)
		return err;
	fd = open(full, O_RDWR | O_CLOEXEC | flags);
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

	/* cppcheck-suppress readdirCalled ; a directory is read by the one who opened it */
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			return entry->d_name;
	return NULL;
}
