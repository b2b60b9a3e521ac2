/* SPDX-License-Identifier: MIT */
/* Messages of a service to its manager, in the format of sd_notify(3): one datagram each. */
#ifndef CLI_SESSION_HOLDER_NOTIFY_H
#define CLI_SESSION_HOLDER_NOTIFY_H

/*
 * Sends @state, lines such as "READY=1", to the socket that NOTIFY_SOCKET names, with a copy of @fd
 * unless it is -1. Returns 0, also if there is no such socket, or -errno.
 */
int notify_send(const char *state, int fd);

/*
 * Waits a few seconds at most until all earlier messages have been processed. Returns 0, also if
 * nobody listens, or -errno.
 */
int notify_barrier(void);

#endif
