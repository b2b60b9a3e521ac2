// SPDX-License-Identifier: MIT
#include "host/events.h"

#include <errno.h>
#include <libudev.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

/* The kernel sends its uevents to group 1; what udevd sends goes to group 2. */
#define KERNEL_UEVENT_GROUP 1

struct device_events {
	struct udev *udev;
	struct udev_monitor *monitor; /* one of these two */
	struct nl_sock *socket;
};

static int subscribe_udevd(struct device_events *events)
{
	int err;

	events->udev = udev_new();
	if (!events->udev)
		return -ENOMEM;
	events->monitor = udev_monitor_new_from_netlink(events->udev, "udev");
	if (!events->monitor)
		return -ENOMEM;
	err = udev_monitor_filter_add_match_subsystem_devtype(events->monitor, "vfio-dev", NULL);
	return err < 0 ? err : udev_monitor_enable_receiving(events->monitor);
}

static int subscribe_kernel(struct device_events *events)
{
	int err;

	events->socket = nl_socket_alloc();
	if (!events->socket)
		return -ENOMEM;
	nl_join_groups(events->socket, KERNEL_UEVENT_GROUP);
	err = nl_connect(events->socket, NETLINK_KOBJECT_UEVENT);
	return err < 0 ? -EPROTONOSUPPORT : 0;
}

int device_events_open(struct device_events **events)
{
	struct device_events *opened = calloc(1, sizeof(*opened));
	int err;

	if (!opened)
		return -ENOMEM;
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
	nl_socket_free(events->socket);
	udev_monitor_unref(events->monitor);
	udev_unref(events->udev);
	free(events);
}

/* What was lost or cut short does not matter: all that counts is that something happened. */
static void drain(struct device_events *events, int fd)
{
	char message[8192];

	if (events->monitor)
		udev_device_unref(udev_monitor_receive_device(events->monitor));
	else
		while (recv(fd, message, sizeof(message), MSG_DONTWAIT) > 0)
			;
}

int device_events_wait(struct device_events *events, int milliseconds)
{
	struct pollfd ready = { .events = POLLIN };
	int count;

	ready.fd = events->monitor ? udev_monitor_get_fd(events->monitor) :
				     nl_socket_get_fd(events->socket);
	count = poll(&ready, 1, milliseconds);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	if (count == 0)
		return -ETIMEDOUT;
	drain(events, ready.fd);
	return 0;
}
