/* SPDX-License-Identifier: MIT */
/* The kernel's requests for a device back. */
#ifndef CLI_JOB_LIVE_REQUEST_H
#define CLI_JOB_LIVE_REQUEST_H

#include "job/live/live.h"

/*
 * If live->takes_requests, asks the kernel to signal when it wants the bound @device back; the
 * other stops that. Both ignore devices that it cannot ask for. 0, or a failure recorded.
 */
int live_watch_device_request(struct live *live, const struct document_object *device);
void live_unwatch_device_request(struct live *live, const struct document_object *device);

/* Whether the kernel has asked for @device since the last call. */
bool live_poll_device_request(struct live_device *device);

/*
 * Undoes the attachments of @device and its vDEVICEs, the newest first, and closes it, whatever
 * fails on the way. Returns 0, or the first failure recorded.
 */
int live_give_back(struct live *live, const struct document_object *device);

#endif
