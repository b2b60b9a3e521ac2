// SPDX-License-Identifier: MIT
#include "host/mounted.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* By a file that is always there: a container may mount another file system with a part of it. */
static bool has(const struct sysfs *sysfs, const char *entry)
{
	return *sysfs->root || faccessat(AT_FDCWD, entry, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool mounted_sys(const struct sysfs *sysfs)
{
	return has(sysfs, "/sys/bus");
}

bool mounted_proc(const struct sysfs *sysfs)
{
	return has(sysfs, "/proc/self");
}

int mounted_check_sys(const struct sysfs *sysfs, struct failure *failure)
{
	if (mounted_sys(sysfs))
		return 0;
	return failure_set(failure, -ENOENT,
		"sysfs is not mounted at /sys, where iommuctl looks for devices\n"
		"Mount sysfs at /sys: mount -t sysfs sysfs /sys");
}

int mounted_check_proc(const struct sysfs *sysfs, struct failure *failure)
{
	if (mounted_proc(sysfs))
		return 0;
	return failure_set(failure, -ENOENT,
		"procfs is not mounted at /proc, where iommuctl looks for processes\n"
		"Mount procfs at /proc: mount -t proc proc /proc");
}
