// SPDX-License-Identifier: MIT
#include "host/mounted.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

static bool is_at(const struct sysfs *sysfs, const char *place, long magic)
{
	struct statfs system;

	return *sysfs->root || (!statfs(place, &system) && system.f_type == magic);
}

bool mounted_sys(const struct sysfs *sysfs)
{
	return is_at(sysfs, "/sys", SYSFS_MAGIC);
}

bool mounted_proc(const struct sysfs *sysfs)
{
	return is_at(sysfs, "/proc", PROC_SUPER_MAGIC);
}

int mounted_check_sys(const struct sysfs *sysfs, struct failure *failure)
{
	if (mounted_sys(sysfs))
		return 0;
	return failure_set(failure, -ENOENT,
		"sysfs is not mounted at /sys, where devices are looked for\n"
		"Mount sysfs at /sys: mount -t sysfs sysfs /sys");
}

int mounted_check_proc(const struct sysfs *sysfs, struct failure *failure)
{
	if (mounted_proc(sysfs))
		return 0;
	return failure_set(failure, -ENOENT,
		"procfs is not mounted at /proc, where processes are looked for\n"
		"Mount procfs at /proc: mount -t proc proc /proc");
}
