/* SPDX-License-Identifier: MIT */
/* Waiting for what the kernel, or udevd after it, is about to do. */
#ifndef CLI_HOST_WAIT_H
#define CLI_HOST_WAIT_H

/*
 * Calls @look with @data, and again whenever a device of @subsystem comes, changes or goes, for as
 * long as it returns -EAGAIN. Returns what it returned else; -ETIMEDOUT after @milliseconds; or the
 * -errno for which there are no events.
 */
int host_wait(const char *subsystem, int (*look)(void *data), void *data, int milliseconds);

#endif
