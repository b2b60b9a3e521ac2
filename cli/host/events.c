// SPDX-License-Identifier: MIT
#include "host/events.h"

#include <errno.h>
#include <libudev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/uevent.h"
#include "output/text.h"

struct device_events {
	struct udev *udev;
	struct udev_monitor *monitor; /* NULL: events come from the kernel */
	int socket;		      /* -1: events come from udevd */
	char subsystem[16];	      /* "": all */
};

static int subscribe_udevd(struct device_events *events)
{
	int err = 0;

	events->udev = udev_new();
	if (!events->udev)
		return -ENOMEM;
	events->monitor = udev_monitor_new_from_netlink(events->udev, "udev");
	if (!events->monitor)
		return -ENOMEM;
	/* Room for thousands, which only root may have; for others, the usual room. */
	udev_monitor_set_receive_buffer_size(events->monitor, 1024 * 1024);
	if (*events->subsystem)
		err = udev_monitor_filter_add_match_subsystem_devtype(
			events->monitor, events->subsystem, NULL);
	return err < 0 ? err : udev_monitor_enable_receiving(events->monitor);
}

static int subscribe_kernel(struct device_events *events)
{
	events->socket = uevent_open();
	return events->socket < 0 ? events->socket : 0;
}

int device_events_open(struct device_events **events, const char *subsystem)
{
	struct device_events *opened = calloc(1, sizeof(*opened));
	int err;

	if (!opened)
		return -ENOMEM;
	opened->socket = -1;
	text_append(opened->subsystem, sizeof(opened->subsystem), "%s", subsystem ? subsystem : "");
	if (access("/run/udev/control", F_OK) == 0)
		err = subscribe_udevd(opened);
	else
		err = subscribe_kernel(opened);
	if (err < 0) {
		device_events_close(opened);
		return err;
	}
	*events = opened;
	return 0;
}

void device_events_close(struct device_events *events)
{
	if (!events)
		return;
	if (events->socket >= 0)
		close(events->socket);
	udev_monitor_unref(events->monitor);
	udev_unref(events->udev);
	free(events);
}

const char *device_events_source(const struct device_events *events)
{
	return events->monitor ? "udevd" : "the kernel";
}

int device_events_fd(const struct device_events *events)
{
	return events->monitor ? udev_monitor_get_fd(events->monitor) : events->socket;
}

void device_event_find_pci(const char *devpath, char pci[PCI_ADDRESS_SIZE])
{
	*pci = '\0';
	while (*devpath) {
		size_t length = strcspn(devpath, "/");
		char part[PCI_ADDRESS_SIZE];

		if (length && length < sizeof(part)) {
			snprintf(part, sizeof(part), "%.*s", (int)length, devpath);
			pci_address_normalise(part, pci);
		}
		devpath += length + (devpath[length] == '/');
	}
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void copy_last(char *to, size_t size, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	copy(to, size, slash ? slash + 1 : path);
}

static void fill(struct device_event *event, const struct uevent *said)
{
	copy(event->action, sizeof(event->action), said->action);
	copy(event->subsystem, sizeof(event->subsystem), said->subsystem);
	copy(event->devpath, sizeof(event->devpath), said->devpath);
	copy_last(event->name, sizeof(event->name), said->devpath);
	copy_last(event->old_name, sizeof(event->old_name), said->old);
	copy(event->driver, sizeof(event->driver), said->driver);
	copy(event->node, sizeof(event->node), "");
	if (said->devname && *said->devname)
		snprintf(event->node, sizeof(event->node), "%s%s",
			*said->devname == '/' ? "" : "/dev/", said->devname);
	event->seqnum = said->seqnum;
	device_event_find_pci(event->devpath, event->pci);
}

static int next_of_udevd(struct device_events *events, struct device_event *event)
{
	struct udev_device *device;
	struct uevent said;

	errno = 0;
	device = udev_monitor_receive_device(events->monitor);
	if (!device)
		return errno ? -errno : -EAGAIN;
	said = (struct uevent){
		.action = udev_device_get_action(device),
		.devpath = udev_device_get_devpath(device),
		.subsystem = udev_device_get_subsystem(device),
		.driver = udev_device_get_property_value(device, "DRIVER"),
		.devname = udev_device_get_devnode(device),
		.old = udev_device_get_property_value(device, "DEVPATH_OLD"),
		.seqnum = udev_device_get_seqnum(device),
	};
	if (said.devpath)
		fill(event, &said);
	udev_device_unref(device);
	return said.devpath ? 0 : -EBADMSG;
}

static int next_of_kernel(struct device_events *events, struct device_event *event)
{
	char message[UEVENT_SIZE];
	struct uevent said;
	int err = uevent_receive(events->socket, message, &said);

	if (err)
		return err;
	if (*events->subsystem && strcmp(events->subsystem, said.subsystem) != 0)
		return -EBADMSG;
	fill(event, &said);
	return 0;
}

int device_events_next(struct device_events *events, struct device_event *event)
{
	int err;

	do {
		err = events->monitor ? next_of_udevd(events, event)
				      : next_of_kernel(events, event);
	} while (err == -EBADMSG);
	return err;
}

int device_events_wait(struct device_events *events, int milliseconds)
{
	struct pollfd ready = { .fd = device_events_fd(events), .events = POLLIN };
	struct device_event event;
	int err, count = poll(&ready, 1, milliseconds);

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	if (count == 0)
		return -ETIMEDOUT;
	do {
		err = device_events_next(events, &event);
	} while (!err || err == -ENOBUFS);
	return err == -EAGAIN ? 0 : err;
}
