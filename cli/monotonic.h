/* SPDX-License-Identifier: MIT */
/* Time that never goes backwards. */
#ifndef CLI_MONOTONIC_H
#define CLI_MONOTONIC_H

#include <poll.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds since an arbitrary moment. */
static inline int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits a moment after poll(2) failed, until the kernel has memory again; a signal ends it. */
static inline void monotonic_pause(void)
{
	poll(NULL, 0, 100);
}

#endif
