// SPDX-License-Identifier: MIT
#include "output/errno_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

/* Numbers internal to the kernel that have been seen to escape, and second names. */
static const struct {
	int number;
	const char *name;
} more_names[] = {
	{ 512, "ERESTARTSYS" },
	{ 517, "EPROBE_DEFER" },
	{ 524, "ENOTSUPP" },
	{ ENOTSUP, "ENOTSUP" },
	{ EWOULDBLOCK, "EWOULDBLOCK" },
};

#define MORE_NAMES (ARRAY_SIZE(more_names))
#define ERRNO_LAST 133

const char *errno_name(int error)
{
	int number = abs(error);

	for (size_t i = 0; number > ERRNO_LAST && i < MORE_NAMES; i++) {
		if (more_names[i].number == number)
			return more_names[i].name;
	}
	return number ? strerrorname_np(number) : NULL;
}

void errno_nearest(const char *name, struct nearest *nearest)
{
	nearest_start(nearest, name);
	for (int number = 1; number <= ERRNO_LAST; number++) {
		const char *known = strerrorname_np(number);

		if (known)
			nearest_offer(nearest, known, strlen(known));
	}
}

int errno_from_name(const char *name)
{
	for (int number = 1; number <= ERRNO_LAST; number++) {
		const char *known = strerrorname_np(number);

		if (known && !strcmp(known, name))
			return number;
	}
	for (size_t i = 0; i < MORE_NAMES; i++) {
		if (!strcmp(more_names[i].name, name))
			return more_names[i].number;
	}
	return 0;
}
