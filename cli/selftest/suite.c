// SPDX-License-Identifier: MIT
#include "selftest/suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".json"

/* Takes @file. */
static int add_file(struct suite *suite, char *file)
{
	char **files = reallocarray(suite->files, suite->count + 1, sizeof(*files));

	if (!file || !files) {
		free(file);
		suite->files = files ? files : suite->files;
		return -ENOMEM;
	}
	files[suite->count++] = file;
	suite->files = files;
	return 0;
}

static int is_job(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

/* The same order everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_directory(struct suite *suite, const char *path)
{
	const char *gap = path[strlen(path) - 1] == '/' ? "" : "/";
	struct dirent **entries;
	int count = scandir(path, &entries, is_job, by_name);
	int err = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		char *file = NULL;

		if (!err && asprintf(&file, "%s%s%s", path, gap, entries[i]->d_name) < 0)
			file = NULL;
		if (!err)
			err = add_file(suite, file);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int suite_add(struct suite *suite, const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	return S_ISDIR(status.st_mode) ? add_directory(suite, path) : add_file(suite, strdup(path));
}

void suite_free(struct suite *suite)
{
	for (size_t i = 0; i < suite->count; i++)
		free(suite->files[i]);
	free(suite->files);
	*suite = (struct suite){ 0 };
}
