/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_HOST_UNWRITABLE_H
#define TESTS_UNIT_HOST_UNWRITABLE_H

#include <errno.h>

/* What sysfs itself answers, and what helps. */
static const struct {
	int error;
	const char *remedy;
} unwritable[] = {
	{ EACCES, "This needs root" },
	{ EPERM, "This needs root" },
	{ EROFS, "mount /sys writable" },
};

#endif
