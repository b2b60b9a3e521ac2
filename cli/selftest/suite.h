/* SPDX-License-Identifier: MIT */
/* The jobs of a selftest. */
#ifndef CLI_SELFTEST_SUITE_H
#define CLI_SELFTEST_SUITE_H

#include <stddef.h>

struct suite {
	char **files;
	size_t count;
};

/*
 * Adds @path, or, if it is a directory, the files *.json in it, by name, but no subdirectories.
 * Returns 0, -errno of reading it, or -ENOMEM. The caller frees @suite with suite_free().
 */
int suite_add(struct suite *suite, const char *path);
void suite_free(struct suite *suite);

#endif
