/* SPDX-License-Identifier: MIT */
/* Waits for something that the kernel, or udevd after it, is about to do. */
#ifndef CLI_HOST_WAIT_H
#define CLI_HOST_WAIT_H

/* What helps if a device is there, but udevd was too slow. */
#define HOST_WAIT_UDEVD_REMEDY                                                                     \
	"Wait for it, and try again: udevadm settle. Its log says what takes so long"

/*
 * Calls @look with @data, and again whenever a device of @subsystem comes, changes or goes, as long
 * as it returns -EAGAIN. Returns its other result; -ETIMEDOUT after @milliseconds; or the -errno if
 * there can be no events.
 */
int host_wait(const char *subsystem, int (*look)(void *data), void *data, int milliseconds);

#endif
