/* SPDX-License-Identifier: MIT */
/* The kernel's own messages about devices that come, change and go, over netlink. */
#ifndef CLI_HOST_UEVENT_H
#define CLI_HOST_UEVENT_H

#include <stddef.h>
#include <stdint.h>

/* The contents of one message; "" for missing parts. Pointers lead into the message. */
struct uevent {
	const char *action;    /* "add", "bind" */
	const char *devpath;   /* below /sys: "/devices/pci0000:00/0000:00:01.0" */
	const char *subsystem; /* "pci" */
	const char *driver;
	const char *devname; /* below /dev: "vfio/devices/vfio0" */
	const char *old;     /* of a "move": the devpath that it had */
	uint64_t seqnum;
};

/* Room for more than the longest message of the kernel. */
#define UEVENT_SIZE 8192

/* Subscribes. Returns a socket that does not block, which the caller closes, or -errno. */
int uevent_open(void);

/*
 * Takes the next message into @message, which @event leads into. Returns 0; -EAGAIN if there is
 * none; -ENOBUFS once if messages were lost since the last; -EBADMSG for a message that is
 * malformed or not from the kernel, and should be skipped; or another -errno.
 */
int uevent_receive(int socket, char message[UEVENT_SIZE], struct uevent *event);

/* Parses @message of @length bytes, which a NUL ends. Returns 0 or -EBADMSG. */
int uevent_parse(const char *message, size_t length, struct uevent *event);

#endif
