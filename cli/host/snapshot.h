/* SPDX-License-Identifier: MIT */
/*
 * The devices of a host at one moment, to find out what became of them while events were lost.
 */
#ifndef CLI_HOST_SNAPSHOT_H
#define CLI_HOST_SNAPSHOT_H

#include "host/events.h"
#include "host/sysfs.h"

struct snapshot_device {
	char subsystem[16];
	char name[HOST_NAME_SIZE];
	char driver[HOST_NAME_SIZE]; /* "" if none, or if its subsystem has none */
	char pci[PCI_ADDRESS_SIZE];  /* the PCI device itself, or above it; "" if none */
	char node[HOST_NAME_SIZE + 8];
};

struct snapshot {
	size_t count;
	struct snapshot_device *devices; /* in the order of subsystem and name */
};

/* The subsystems in it, whose events are reported; a NULL ends them. */
extern const char *const snapshot_subsystems[];

/* Takes one. Returns 0 or -errno; the caller frees. */
int snapshot_take(const struct sysfs *sysfs, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

/*
 * Updates it by @event, and adds to @event the driver that an "unbind" took the device from.
 * Returns 0 or -ENOMEM.
 */
int snapshot_apply(struct snapshot *snapshot, struct device_event *event);

/*
 * Calls @each for what must have happened between @before and @after: "unbind" and "remove" of
 * devices that have gone, then "add" and "bind" of new ones. These events have seqnum 0 and devpath
 * "".
 */
void snapshot_compare(const struct snapshot *before, const struct snapshot *after,
	void (*each)(const struct device_event *event, void *data), void *data);

#endif
