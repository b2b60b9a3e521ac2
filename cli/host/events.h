/* SPDX-License-Identifier: MIT */
/*
 * Devices that come, change and go: from udevd where it runs, so that its rules have been applied
 * and nodes are there, else from the kernel itself (initramfs, containers).
 */
#ifndef CLI_HOST_EVENTS_H
#define CLI_HOST_EVENTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/device.h"

struct device_events;

/* What happened to one device. What is not known of it is "". */
struct device_event {
	char action[16];	       /* "add", "remove", "bind", "unbind", "change", "move" */
	char subsystem[16];	       /* "pci", "vfio-dev", "net" */
	char name[HOST_NAME_SIZE];     /* "0000:00:01.0", "vfio0" */
	char old_name[HOST_NAME_SIZE]; /* that a "move" took away */
	char pci[PCI_ADDRESS_SIZE];    /* of the PCI device that it is, or is below */
	char driver[HOST_NAME_SIZE];   /* that has it, or that it was bound to or taken from */
	char node[HOST_NAME_SIZE + 8]; /* "/dev/vfio/devices/vfio0" */
	char devpath[PATH_MAX];	       /* below /sys */
	uint64_t seqnum;	       /* the kernel's number of it; 0: it told none */
};

/* Subscribes to those of @subsystem, or to all if it is NULL. Returns 0 or -errno. */
int device_events_open(struct device_events **events, const char *subsystem);
void device_events_close(struct device_events *events);

/* "udevd" or "the kernel". */
const char *device_events_source(const struct device_events *events);

/* Readable when there is something for device_events_next(). */
int device_events_fd(const struct device_events *events);

/*
 * Takes the next event. Returns 0; -EAGAIN if there is none now; -ENOBUFS if some were lost since
 * the last; or another -errno.
 */
int device_events_next(struct device_events *events, struct device_event *event);

/*
 * Waits until something happens, at most @milliseconds, and passes over all that did: it only says
 * that it is time to look again. Returns 0, -ETIMEDOUT or another -errno.
 */
int device_events_wait(struct device_events *events, int milliseconds);

/* The address of the last PCI device of @devpath in @pci, or "". */
void device_event_find_pci(const char *devpath, char pci[PCI_ADDRESS_SIZE]);

#endif
