// SPDX-License-Identifier: MIT
#include "host/memlock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <linux/capability.h>

/* There every id is mapped onto itself; without CONFIG_USER_NS there is no map. */
static bool in_initial_user_namespace(const struct sysfs *sysfs)
{
	unsigned long inside, outside, count;
	char map[4096];
	int err = sysfs_read(sysfs, "/proc/self", "uid_map", map, sizeof(map));

	if (err)
		return err == -ENOENT;
	return sscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 && outside == 0 &&
	       count == UINT32_MAX;
}

/* The capability counts in the initial user namespace only. */
static bool has_ipc_lock(const struct sysfs *sysfs)
{
	char status[8192], *line;

	if (!in_initial_user_namespace(sysfs) ||
		sysfs_read(sysfs, "/proc/self", "status", status, sizeof(status)))
		return false;
	line = strstr(status, "\nCapEff:");
	return line && strtoull(line + strlen("\nCapEff:"), NULL, 16) >> CAP_IPC_LOCK & 1;
}

int memlock_find(
	const struct sysfs *sysfs, const struct host_record *recorded, struct memlock *memlock)
{
	struct rlimit limit;

	*memlock = (struct memlock){ .by_capability = has_ipc_lock(sysfs) };
	if (memlock->by_capability)
		return 0;
	if (recorded) {
		memlock->limited = recorded->memlock_limited;
		memlock->bytes = recorded->memlock;
		return 0;
	}
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	memlock->limited = limit.rlim_cur != RLIM_INFINITY;
	memlock->bytes = limit.rlim_cur;
	return 0;
}
