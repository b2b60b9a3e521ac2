/* SPDX-License-Identifier: MIT */
/*
 * Waiting for devices to come and go: from udevd where it runs, so that its rules have been
 * applied, else from the kernel itself (initramfs, containers). An event only says that it is time
 * to look again.
 */
#ifndef CLI_HOST_EVENTS_H
#define CLI_HOST_EVENTS_H

struct device_events;

/* Subscribes. Returns 0 or -errno; the caller closes. */
int device_events_open(struct device_events **events);
void device_events_close(struct device_events *events);

/* Waits until something happens, at most @milliseconds. Returns 0, -ETIMEDOUT or another -errno. */
int device_events_wait(struct device_events *events, int milliseconds);

#endif
