// SPDX-License-Identifier: MIT
#include "host/record_unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "document/value.h"
#include "output/errno_name.h"

#define TABLES	  "/sys/firmware/acpi/tables/"
#define PATH_LONG 512 /* the longest path in a record */

int record_refuse(struct failure *failure, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	failure_set_list(failure, -EINVAL, format, arguments);
	va_end(arguments);
	failure->status = STATUS_BAD_JOB;
	failure->code = "bad-record";
	return -EINVAL;
}

/* The length of the component at @path; 0 for one that leads elsewhere, or nowhere. */
static size_t component_length(const char *path)
{
	size_t length = strcspn(path, "/");

	if ((length == 1 && path[0] == '.') || (length == 2 && !memcmp(path, "..", 2)) ||
		length > NAME_MAX)
		return 0;
	return length;
}

/* A path of the host, below one of the places that records have. Counts what is above the last. */
static bool is_path(const char *path, unsigned int *depth)
{
	static const char *const places[] = { "/sys/", "/proc/", "/dev/" };
	bool placed = false;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		placed = placed || !strncmp(path, places[i], strlen(places[i]));
	if (!placed || strlen(path) >= PATH_LONG)
		return false;
	*depth = 0;
	for (const char *at = path; *at; (*depth)++) {
		size_t length = component_length(++at);

		if (!length)
			return false;
		at += length;
	}
	(*depth)--;
	return true;
}

/*
 * Whether a link stays in the tree: it goes up first, no higher than the root, and then only down.
 * Links on its way satisfy the same rule.
 */
static bool is_target(const char *target, unsigned int depth)
{
	if (strlen(target) >= PATH_LONG)
		return false;
	for (; !strncmp(target, "../", 3); target += 3) {
		if (!depth--)
			return false;
	}
	for (;;) {
		size_t length = component_length(target);

		if (!length)
			return false;
		target += length;
		if (!*target++)
			return true;
	}
}

/*
 * Opens the directory of @path, creating what is missing, and finds the last component. Follows no
 * link. Returns the fd or -errno.
 */
static int open_parent(int root, const char *path, const char **last)
{
	int fd = dup(root);

	while (fd >= 0) {
		char name[NAME_MAX + 1];
		size_t length = component_length(++path);
		int next;

		if (!path[length])
			break;
		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		path += length;
		if (mkdirat(fd, name, 0700) && errno != EEXIST)
			next = -1;
		else
			next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) {
			int err = -errno;

			close(fd);
			return err;
		}
		close(fd);
		fd = next;
	}
	*last = path;
	if (fd < 0)
		return -errno;
	return fd;
}

static int write_file(int directory, const char *name, const void *bytes, size_t size)
{
	int err = 0, fd = openat(directory, name,
			     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (write(fd, bytes, size) != (ssize_t)size)
		err = errno ? -errno : -ENOSPC;
	close(fd);
	return err;
}

/* Makes one entry of the tree. Each @make has the directory, the name in it, and a value. */
static int make_entry(const struct unpacking *to, const char *path, const json_t *value,
	int (*make)(int directory, const char *name, const json_t *value))
{
	const char *name = path;
	unsigned int depth;
	int err, directory;

	if (!is_path(path, &depth))
		return record_refuse(
			to->failure, "'%.100s' is not a path in /sys, /proc or /dev", path);
	directory = open_parent(to->root, path, &name);
	err = directory < 0 ? directory : make(directory, name, value);
	if (directory >= 0)
		close(directory);
	if (err == -EEXIST || err == -ENOTDIR || err == -ELOOP)
		return record_refuse(
			to->failure, "%.100s comes twice, or is not below a directory", path);
	return err ? failure_set(to->failure, err, "%.100s cannot be unpacked in %s: %s", path,
			     to->name, strerror(-err))
		   : 0;
}

static int make_file(int directory, const char *name, const json_t *value)
{
	return write_file(directory, name, json_string_value(value), json_string_length(value));
}

static int make_link(int directory, const char *name, const json_t *value)
{
	return symlinkat(json_string_value(value), directory, name) ? -errno : 0;
}

static int make_empty(int directory, const char *name, const json_t *value)
{
	(void)value;
	return write_file(directory, name, "", 0);
}

/* A directory above another entry exists already. */
static int make_directory(int directory, const char *name, const json_t *value)
{
	struct stat status;

	(void)value;
	if (!mkdirat(directory, name, 0700))
		return 0;
	if (errno != EEXIST)
		return -errno;
	return !fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) && S_ISDIR(status.st_mode)
		       ? 0
		       : -EEXIST;
}

static int make_bytes(int directory, const char *name, const json_t *value)
{
	size_t size = 0;
	uint8_t *bytes = malloc(json_string_length(value) / 2 + 1);
	int err = bytes ? value_parse_hex(json_string_value(value), bytes, &size) : -ENOMEM;

	if (!err)
		err = write_file(directory, name, bytes, size);
	free(bytes);
	return err;
}

static int unpack_file(const struct unpacking *to, const char *path, const json_t *value)
{
	return make_entry(to, path, value, make_file);
}

static int unpack_link(const struct unpacking *to, const char *path, const json_t *value)
{
	unsigned int depth;

	if (is_path(path, &depth) && !is_target(json_string_value(value), depth))
		return record_refuse(to->failure, "the link %.100s leads out of the record: %.100s",
			path, json_string_value(value));
	return make_entry(to, path, value, make_link);
}

static int unpack_node(const struct unpacking *to, const char *path, const json_t *value)
{
	const char *text = json_string_value(value);

	if (strncmp(path, "/dev/", strlen("/dev/")) != 0)
		return record_refuse(to->failure, "the node %.100s is not in /dev", path);
	if (strcmp(text, "opens") != 0 && !errno_from_name(text))
		return record_refuse(to->failure,
			"%.100s: '%.32s' is neither an errno nor \"opens\"", path, text);
	return make_entry(to, path, value, make_empty);
}

static int unpack_table(const struct unpacking *to, const char *name, const json_t *value)
{
	char path[sizeof(TABLES) + 4];
	int err;

	if (!component_length(name) || strlen(name) != 4 || strchr(name, '/'))
		return record_refuse(to->failure, "'%.32s' is not the name of an ACPI table", name);
	snprintf(path, sizeof(path), TABLES "%s", name);
	err = make_entry(to, path, value, make_bytes);
	return err == -EINVAL && failure_status(to->failure) != STATUS_BAD_JOB
		       ? record_refuse(to->failure,
				 "the table %s has other than hexadecimal digits", name)
		       : err;
}

/* The objects of a record that become the tree; their values are strings. */
static const struct {
	const char *key;
	int (*unpack)(const struct unpacking *to, const char *path, const json_t *value);
} trees[] = {
	{ "files", unpack_file },
	{ "links", unpack_link },
	{ "nodes", unpack_node },
	{ "tables", unpack_table },
};

static int unpack_tree(const struct unpacking *to, const char *key, json_t *entries,
	int (*unpack)(const struct unpacking *to, const char *path, const json_t *value))
{
	const char *path;
	json_t *value;

	json_object_foreach(entries, path, value) {
		int err = json_is_string(value)
				  ? unpack(to, path, value)
				  : record_refuse(to->failure,
					    "%s: the value of '%.100s' is not a string", key, path);

		if (err)
			return err;
	}
	return 0;
}

static int unpack_directories(const struct unpacking *to, json_t *entries)
{
	json_t *path;
	size_t index;

	json_array_foreach(entries, index, path) {
		int err = json_is_string(path)
				  ? make_entry(to, json_string_value(path), NULL, make_directory)
				  : record_refuse(
					    to->failure, "directories: an entry is not a string");

		if (err)
			return err;
	}
	return 0;
}

int record_check_trees(json_t *host, struct failure *failure)
{
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		if (!json_is_object(json_object_get(host, trees[i].key)))
			return record_refuse(failure, "%s is not an object", trees[i].key);
	}
	if (!json_is_array(json_object_get(host, "directories")))
		return record_refuse(failure, "directories is not a list");
	return 0;
}

int record_unpack(const struct unpacking *to, json_t *host)
{
	size_t count = json_array_size(json_object_get(host, "directories"));
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		count += json_object_size(json_object_get(host, trees[i].key));
	if (count > HOST_RECORD_ENTRIES_MAX)
		return record_refuse(to->failure, "it has %zu entries, more than the limit of %d",
			count, HOST_RECORD_ENTRIES_MAX);
	err = unpack_directories(to, json_object_get(host, "directories"));
	for (size_t i = 0; !err && i < ARRAY_SIZE(trees); i++)
		err = unpack_tree(
			to, trees[i].key, json_object_get(host, trees[i].key), trees[i].unpack);
	return err;
}

/*
 * Removes @path, and each directory above it that is then empty. A missing one was never made.
 */
static void remove_entry(const char *root, const char *path)
{
	char whole[PATH_MAX];
	unsigned int depth;
	size_t length = strlen(root);

	if (!is_path(path, &depth) ||
		snprintf(whole, sizeof(whole), "%s%s", root, path) >= (int)sizeof(whole))
		return;
	remove(whole);
	for (char *end = strrchr(whole, '/'); end > whole + length; end = strrchr(whole, '/')) {
		*end = '\0';
		if (rmdir(whole) && errno != ENOENT)
			return;
	}
}

void record_remove(const char *root, json_t *host)
{
	char path[sizeof(TABLES) + 4];
	const char *name;
	json_t *value;
	size_t index;

	json_object_foreach(json_object_get(host, "tables"), name, value) {
		snprintf(path, sizeof(path), TABLES "%.4s", name);
		remove_entry(root, path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		json_object_foreach(json_object_get(host, trees[i].key), name, value) {
			remove_entry(root, name);
		}
	}
	json_array_foreach(json_object_get(host, "directories"), index, value) {
		if (json_is_string(value))
			remove_entry(root, json_string_value(value));
	}
	rmdir(root);
}
