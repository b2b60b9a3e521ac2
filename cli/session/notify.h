/* SPDX-License-Identifier: MIT */
/* What a service says to its manager, as sd_notify(3) has it: one datagram each. */
#ifndef CLI_SESSION_NOTIFY_H
#define CLI_SESSION_NOTIFY_H

/*
 * Sends @state, lines such as "READY=1", to the socket that NOTIFY_SOCKET names; a copy of @fd goes
 * with it unless it is -1. Returns 0, also where nobody asked to be told, or -errno.
 */
int notify_send(const char *state, int fd);

/*
 * Waits until all that was said before has been dealt with, and no longer than some seconds.
 * Returns 0, also where nobody listens, or -errno.
 */
int notify_barrier(void);

#endif
