/* SPDX-License-Identifier: MIT */
/* How much memory the kernel lets this process pin. */
#ifndef CLI_HOST_MEMLOCK_H
#define CLI_HOST_MEMLOCK_H

#include <stdint.h>

#include "host/record.h"

struct memlock {
	bool limited;
	bool by_capability; /* not limited because of CAP_IPC_LOCK */
	uint64_t bytes;	    /* RLIMIT_MEMLOCK, if limited */
};

/* Of @recorded unless that is NULL; @sysfs is then its own. -errno: the limit is unreadable. */
int memlock_find(
	const struct sysfs *sysfs, const struct host_record *recorded, struct memlock *memlock);

#endif
