// SPDX-License-Identifier: MIT
#include "host/uevent.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "array.h"

/* The kernel sends to this group, and udevd to another. */
#define KERNEL_GROUP 1

/* Thousands of messages; the usual limit, which only root may exceed, is for hundreds. */
#define BUFFER_SIZE (1024 * 1024)

int uevent_open(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	const int wanted = BUFFER_SIZE, yes = 1;
	int err, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted));
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) ||
		bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* The kernel has neither a port nor a process; any other sender has both. */
static bool is_from_kernel(const struct msghdr *header, const struct sockaddr_nl *sender)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part;
		part = CMSG_NXTHDR((struct msghdr *)header, part)) {
		struct ucred sent;

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS ||
			part->cmsg_len < CMSG_LEN(sizeof(sent)))
			continue;
		memcpy(&sent, CMSG_DATA(part), sizeof(sent));
		return header->msg_namelen >= sizeof(*sender) && sender->nl_family == AF_NETLINK &&
		       sender->nl_pid == 0 && sender->nl_groups == KERNEL_GROUP && sent.pid == 0 &&
		       sent.uid == 0;
	}
	return false;
}

int uevent_receive(int socket, char message[UEVENT_SIZE], struct uevent *event)
{
	char control[CMSG_SPACE(sizeof(struct ucred))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec space = { .iov_base = message, .iov_len = UEVENT_SIZE - 1 };
	struct sockaddr_nl sender = { 0 };
	struct msghdr header = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &space,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t length = recvmsg(socket, &header, MSG_DONTWAIT);

	if (length < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || !is_from_kernel(&header, &sender))
		return -EBADMSG;
	message[length] = '\0';
	return uevent_parse(message, (size_t)length, event);
}

static void take_property(const char *line, struct uevent *event)
{
	const struct {
		const char *key;
		const char **value;
	} rows[] = {
		{ "ACTION=", &event->action },
		{ "DEVPATH=", &event->devpath },
		{ "SUBSYSTEM=", &event->subsystem },
		{ "DRIVER=", &event->driver },
		{ "DEVNAME=", &event->devname },
		{ "DEVPATH_OLD=", &event->old },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strncmp(line, rows[i].key, strlen(rows[i].key)) == 0)
			*rows[i].value = line + strlen(rows[i].key);
	}
	if (strncmp(line, "SEQNUM=", strlen("SEQNUM=")) == 0)
		event->seqnum = strtoull(line + strlen("SEQNUM="), NULL, 10);
}

/* "add@/devices/...", then KEY=VALUE strings, each with a NUL. udevd's begin with "libudev". */
int uevent_parse(const char *message, size_t length, struct uevent *event)
{
	struct uevent parsed = { "", "", "", "", "", "", 0 }; /* all unknown */

	if (!length || message[length - 1] || !memchr(message, '@', strlen(message)))
		return -EBADMSG;
	for (const char *line = message + strlen(message) + 1; line < message + length;
		line += strlen(line) + 1)
		take_property(line, &parsed);
	if (!*parsed.action || *parsed.devpath != '/' || !*parsed.subsystem)
		return -EBADMSG;
	*event = parsed;
	return 0;
}
