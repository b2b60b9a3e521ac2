/* SPDX-License-Identifier: MIT */
/*
 * Events of devices: from udevd where it runs, so that its rules have been applied and nodes exist,
 * else from the kernel itself (initramfs, containers).
 */
#ifndef CLI_HOST_EVENTS_H
#define CLI_HOST_EVENTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/device.h"

struct device_events;

/* What happened to one device. Unknown members are "". */
struct device_event {
	char action[16];	       /* "add", "remove", "bind", "unbind", "change", "move" */
	char subsystem[16];	       /* "pci", "vfio-dev", "net" */
	char name[HOST_NAME_SIZE];     /* "0000:00:01.0", "vfio0" */
	char old_name[HOST_NAME_SIZE]; /* before a "move" */
	char pci[PCI_ADDRESS_SIZE];    /* the PCI device itself, or above it */
	char driver[HOST_NAME_SIZE];   /* its driver, or the one of a "bind" or "unbind" */
	char node[HOST_NAME_SIZE + 8]; /* "/dev/vfio/devices/vfio0" */
	char devpath[PATH_MAX];	       /* below /sys */
	uint64_t seqnum;	       /* the kernel's number of the event; 0: unknown */
};

/* Subscribes to events of @subsystem, or to all if it is NULL. Returns 0 or -errno. */
int device_events_open(struct device_events **events, const char *subsystem);
void device_events_close(struct device_events *events);

/* "udevd" or "the kernel". */
const char *device_events_source(const struct device_events *events);

/* Readable when there is something for device_events_next(). */
int device_events_fd(const struct device_events *events);

/*
 * Takes the next event. Returns 0; -EAGAIN if none waits; -ENOBUFS if some were lost since the
 * last; or another -errno.
 */
int device_events_next(struct device_events *events, struct device_event *event);

/*
 * Waits for an event, at most @milliseconds, and discards all that came: it only says that it is
 * time to look again. Returns 0, -ETIMEDOUT or another -errno.
 */
int device_events_wait(struct device_events *events, int milliseconds);

/* The address of the last PCI device of @devpath in @pci, or "". */
void device_event_find_pci(const char *devpath, char pci[PCI_ADDRESS_SIZE]);

#endif
