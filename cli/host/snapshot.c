// SPDX-License-Identifier: MIT
#include "host/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"

#define DEVNAME "DEVNAME="

const char *const snapshot_subsystems[] = { "pci", "vfio-dev", "iommu", "net", NULL };

static const char *directory_of(const char *subsystem, char *path, size_t size)
{
	if (strcmp(subsystem, "pci") == 0)
		return "/sys/bus/pci/devices";
	snprintf(path, size, "/sys/class/%s", subsystem);
	return path;
}

/* What is not a PCI device itself may be below one, and have a node. */
static void read_place(
	const struct sysfs *sysfs, const char *directory, struct snapshot_device *device)
{
	char path[PATH_MAX], text[1024];
	const char *name;

	if (!sysfs_resolve(sysfs, directory, "", path))
		device_event_find_pci(path, device->pci);
	if (sysfs_read(sysfs, directory, "uevent", text, sizeof(text)))
		return;
	name = strstr(text, DEVNAME);
	if (name && (name == text || name[-1] == '\n'))
		text_append(device->node, sizeof(device->node), "/dev/%.*s",
			(int)strcspn(name + strlen(DEVNAME), "\n"), name + strlen(DEVNAME));
}

static int append(const struct sysfs *sysfs, struct snapshot *snapshot, const char *subsystem,
	const char *directory, const char *name)
{
	struct snapshot_device *device;
	void *more =
		reallocarray(snapshot->devices, snapshot->count + 1, sizeof(*snapshot->devices));
	char path[PATH_MAX];

	if (!more)
		return -ENOMEM;
	snapshot->devices = more;
	device = &snapshot->devices[snapshot->count++];
	*device = (struct snapshot_device){ .driver = "" };
	snprintf(device->subsystem, sizeof(device->subsystem), "%s", subsystem);
	snprintf(device->name, sizeof(device->name), "%s", name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (strcmp(subsystem, "pci") != 0) {
		read_place(sysfs, path, device);
		return 0;
	}
	device_event_find_pci(name, device->pci);
	if (sysfs_read_link_name(sysfs, path, "driver", device->driver, sizeof(device->driver)))
		device->driver[0] = '\0';
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct snapshot_device *one = left, *other = right;
	int order = strcmp(one->subsystem, other->subsystem);

	return order ? order : strcmp(one->name, other->name);
}

int snapshot_take(const struct sysfs *sysfs, struct snapshot *snapshot)
{
	struct snapshot taken = { 0 };
	char path[64];
	int err = 0;

	for (size_t i = 0; !err && snapshot_subsystems[i]; i++) {
		const char *directory = directory_of(snapshot_subsystems[i], path, sizeof(path));
		DIR *entries = sysfs_opendir(sysfs, directory);
		const char *name;

		while (!err && (name = sysfs_next(entries)))
			err = append(sysfs, &taken, snapshot_subsystems[i], directory, name);
		if (entries)
			closedir(entries);
	}
	if (err) {
		snapshot_free(&taken);
		return err;
	}
	if (taken.count)
		qsort(taken.devices, taken.count, sizeof(*taken.devices), compare);
	*snapshot = taken;
	return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->devices);
	*snapshot = (struct snapshot){ 0 };
}

static const struct snapshot_device *find(
	const struct snapshot *snapshot, const struct snapshot_device *device)
{
	if (!snapshot->count)
		return NULL;
	return bsearch(
		device, snapshot->devices, snapshot->count, sizeof(*snapshot->devices), compare);
}

/* Removes the device with that key, if any. */
static void take_away(struct snapshot *snapshot, const struct snapshot_device *key)
{
	const struct snapshot_device *gone = find(snapshot, key);
	size_t at;

	if (!gone)
		return;
	at = (size_t)(gone - snapshot->devices);
	snapshot->count--;
	memmove(&snapshot->devices[at], &snapshot->devices[at + 1],
		(snapshot->count - at) * sizeof(*snapshot->devices));
}

/* The device with that key, inserted in its place if it is new; NULL: no memory. */
static struct snapshot_device *put_in(struct snapshot *snapshot, const struct snapshot_device *key)
{
	struct snapshot_device *there = (struct snapshot_device *)find(snapshot, key);
	size_t at = 0;
	void *more;

	if (there)
		return there;
	more = reallocarray(snapshot->devices, snapshot->count + 1, sizeof(*snapshot->devices));
	if (!more)
		return NULL;
	snapshot->devices = more;
	while (at < snapshot->count && compare(&snapshot->devices[at], key) < 0)
		at++;
	memmove(&snapshot->devices[at + 1], &snapshot->devices[at],
		(snapshot->count - at) * sizeof(*snapshot->devices));
	snapshot->count++;
	snapshot->devices[at] = *key;
	return &snapshot->devices[at];
}

static bool is_in_snapshots(const char *subsystem)
{
	size_t i = 0;

	while (snapshot_subsystems[i] && strcmp(snapshot_subsystems[i], subsystem) != 0)
		i++;
	return snapshot_subsystems[i];
}

int snapshot_apply(struct snapshot *snapshot, struct device_event *event)
{
	struct snapshot_device key = { .driver = "" }, *device;

	if (!is_in_snapshots(event->subsystem))
		return 0;
	memcpy(key.subsystem, event->subsystem, sizeof(key.subsystem));
	if (strcmp(event->action, "move") == 0) {
		memcpy(key.name, event->old_name, sizeof(key.name));
		take_away(snapshot, &key);
	}
	memcpy(key.name, event->name, sizeof(key.name));
	if (strcmp(event->action, "remove") == 0) {
		take_away(snapshot, &key);
		return 0;
	}
	device = put_in(snapshot, &key);
	if (!device)
		return -ENOMEM;
	memcpy(device->pci, event->pci, sizeof(device->pci));
	memcpy(device->node, event->node, sizeof(device->node));
	if (strcmp(event->action, "bind") == 0) {
		memcpy(device->driver, event->driver, sizeof(device->driver));
	} else if (strcmp(event->action, "unbind") == 0) {
		if (!*event->driver)
			memcpy(event->driver, device->driver, sizeof(event->driver));
		device->driver[0] = '\0';
	}
	return 0;
}

struct teller {
	void (*each)(const struct device_event *event, void *data);
	void *data;
};

static void tell(const struct teller *teller, const char *action,
	const struct snapshot_device *device, const char *driver)
{
	struct device_event event = { .seqnum = 0 };

	snprintf(event.action, sizeof(event.action), "%s", action);
	memcpy(event.subsystem, device->subsystem, sizeof(event.subsystem));
	memcpy(event.name, device->name, sizeof(event.name));
	memcpy(event.pci, device->pci, sizeof(event.pci));
	memcpy(event.node, device->node, sizeof(event.node));
	snprintf(event.driver, sizeof(event.driver), "%s", driver);
	teller->each(&event, teller->data);
}

static void tell_gone(
	const struct teller *teller, const struct snapshot *before, const struct snapshot *after)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct snapshot_device *was = &before->devices[i];
		const struct snapshot_device *is = find(after, was);

		if (*was->driver && (!is || strcmp(is->driver, was->driver) != 0))
			tell(teller, "unbind", was, was->driver);
		if (!is)
			tell(teller, "remove", was, "");
	}
}

static void tell_new(
	const struct teller *teller, const struct snapshot *before, const struct snapshot *after)
{
	for (size_t i = 0; i < after->count; i++) {
		const struct snapshot_device *is = &after->devices[i];
		const struct snapshot_device *was = find(before, is);

		if (!was)
			tell(teller, "add", is, "");
		if (*is->driver && (!was || strcmp(is->driver, was->driver) != 0))
			tell(teller, "bind", is, is->driver);
	}
}

void snapshot_compare(const struct snapshot *before, const struct snapshot *after,
	void (*each)(const struct device_event *event, void *data), void *data)
{
	const struct teller teller = { each, data };

	tell_gone(&teller, before, after);
	tell_new(&teller, before, after);
}
