/* SPDX-License-Identifier: MIT */
/*
 * Plain attributes, links and directories of sysfs (and of /proc and /dev), which libudev does not
 * offer. Everything is read below a root, so that a test can supply a tree of its own.
 */
#ifndef CLI_HOST_SYSFS_H
#define CLI_HOST_SYSFS_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct sysfs {
	const char *root; /* "" is this host */
	int (*write)(const struct sysfs *sysfs, const char *path, const char *value);
	/* What opening a node gives; NULL: what is there. */
	int (*open_node)(const struct sysfs *sysfs, const char *path);
	const char *near; /* a directory that is open as near_fd; NULL: none */
	int near_fd;
};

/* This host. */
extern const struct sysfs sysfs_of_host;

/* Below, @directory is absolute on the host: "/sys/bus/pci/devices/0000:00:01.0". */

/*
 * Keeps @directory, which must stay valid, open, so that lookups below it start there and do not
 * repeat its path. If it cannot be opened, nothing changes. Closed by sysfs_leave().
 */
void sysfs_stay_near(struct sysfs *sysfs, const char *directory);
void sysfs_leave(struct sysfs *sysfs);

bool sysfs_exists(const struct sysfs *sysfs, const char *directory, const char *name);

/*
 * Reads an attribute without its last newline. Returns 0; -EOVERFLOW if it is too long, with its
 * first @size bytes in @text and no end; or another -errno.
 */
int sysfs_read(const struct sysfs *sysfs, const char *directory, const char *name, char *text,
	size_t size);

/* Reads a number, hexadecimal after "0x" and decimal otherwise; -EINVAL if it is not one. */
int sysfs_read_number(
	const struct sysfs *sysfs, const char *directory, const char *name, long *value);

/* Reads the target of a link. Returns 0, -EOVERFLOW if it does not fit, or -errno. */
int sysfs_read_link(
	const struct sysfs *sysfs, const char *directory, const char *name, char target[PATH_MAX]);

/* Reads the last component of the target of a link, with the same results. */
int sysfs_read_link_name(const struct sysfs *sysfs, const char *directory, const char *name,
	char *last, size_t size);

/*
 * The same below an open directory, so that its path is looked up only once.
 * sysfs_open_directory() returns the fd, which the caller closes, or -errno.
 */
int sysfs_open_directory(const struct sysfs *sysfs, const char *directory);
int sysfs_read_at(int directory, const char *name, char *text, size_t size);
int sysfs_read_number_at(int directory, const char *name, long *value);
int sysfs_read_link_name_at(int directory, const char *name, char *last, size_t size);

/*
 * An entry that is not hidden in the directory @name there, which has few; false if there is none.
 */
bool sysfs_first_name_at(int directory, const char *name, char *first, size_t size);
bool sysfs_first_name(const struct sysfs *sysfs, const char *directory, const char *name,
	char *first, size_t size);

/* Resolves all links on the way: the syspath that libudev wants. Returns 0 or -errno. */
int sysfs_resolve(
	const struct sysfs *sysfs, const char *directory, const char *name, char path[PATH_MAX]);

/* Writes an attribute in one write(2). Returns 0 or -errno. */
int sysfs_write(
	const struct sysfs *sysfs, const char *directory, const char *name, const char *value);

/* Opens an attribute for reading. Returns the fd or -errno. */
int sysfs_open_attribute(const struct sysfs *sysfs, const char *directory, const char *name);

/* Opens a device node for reading and writing, with more @flags. Returns the fd or -errno. */
int sysfs_open_node(const struct sysfs *sysfs, const char *path, int flags);

/* Opens a directory for sysfs_next(); NULL if there is none. The caller closes it. */
DIR *sysfs_opendir(const struct sysfs *sysfs, const char *directory);

/* The name of the next entry that is not hidden, or NULL. @directory may be NULL. */
const char *sysfs_next(DIR *directory);

#endif
