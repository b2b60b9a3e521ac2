/* SPDX-License-Identifier: MIT */
/* How much memory the kernel lets this process pin. */
#ifndef CLI_HOST_MEMLOCK_H
#define CLI_HOST_MEMLOCK_H

#include <stdint.h>

#include "host/record.h"

struct memlock {
	bool limited;
	bool by_capability; /* CAP_IPC_LOCK is why it is not */
	uint64_t bytes;	    /* RLIMIT_MEMLOCK, if it is */
};

/* Of @recorded, if it is not NULL, which @sysfs is of then. -errno: the limit cannot be read. */
int memlock_find(
	const struct sysfs *sysfs, const struct host_record *recorded, struct memlock *memlock);

#endif
