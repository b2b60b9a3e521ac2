// SPDX-License-Identifier: MIT
#include "watchers.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "report.h"

#define OWNER_ALONE 0177

static void forget(struct viewer *viewer)
{
	if (viewer->fd < 0)
		return;
	iommuctl_event_tap_remove(&viewer->all->tap, &viewer->watcher);
	close(viewer->fd);
	viewer->fd = -1;
}

/* The guest does not wait for watchers. */
static int give(void *data, const void *packet, size_t size)
{
	struct viewer *viewer = data;

	if (send(viewer->fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return -EAGAIN;
	forget(viewer);
	return -EPIPE;
}

static int make_socket(struct watchers *watchers)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strlen(watchers->path);
	mode_t mask;
	int err;

	if (length >= sizeof(address.sun_path))
		return report_error(watchers->path, ENAMETOOLONG, NULL);
	memcpy(address.sun_path, watchers->path, length + 1);
	watchers->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (watchers->listener < 0)
		return report_error("socket", errno, NULL);
	mask = umask(OWNER_ALONE);
	err = bind(watchers->listener, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (!err && !listen(watchers->listener, WATCHERS_MAX))
		return 0;
	report_error(watchers->path, errno,
		"the directory must exist; remove a socket that nobody listens on");
	/* The socket is not ours to remove. */
	close(watchers->listener);
	watchers->listener = -1;
	return -EINVAL;
}

int watchers_open(struct watchers *watchers, const char *path)
{
	*watchers = (struct watchers){ .path = path, .listener = -1 };
	for (size_t i = 0; i < WATCHERS_MAX; i++) {
		struct viewer *viewer = &watchers->viewers[i];

		*viewer = (struct viewer){ .fd = -1, .all = watchers };
		viewer->watcher = (struct iommuctl_event_watcher){ .send = give, .data = viewer };
	}
	return path ? make_socket(watchers) : 0;
}

void watchers_close(struct watchers *watchers)
{
	if (watchers->listener < 0)
		return;
	for (size_t i = 0; i < WATCHERS_MAX; i++)
		forget(&watchers->viewers[i]);
	close(watchers->listener);
	unlink(watchers->path);
	watchers->listener = -1;
}

/* Drops those that left while there was nothing to send them. */
static void forget_the_gone(struct watchers *watchers)
{
	for (size_t i = 0; i < WATCHERS_MAX; i++) {
		struct viewer *viewer = &watchers->viewers[i];
		char byte;

		if (viewer->fd >= 0 && recv(viewer->fd, &byte, 1, MSG_DONTWAIT) == 0)
			forget(viewer);
	}
}

/* A client waits, but there is no room for it. Reported once. */
static void note_refusal(struct watchers *watchers, int error)
{
	const bool refused = error != EAGAIN && error != ECONNABORTED && error != EINTR;

	if (refused && !watchers->refused)
		report_error(watchers->path, error, "trying again");
	watchers->refused = refused;
}

/* If there are too many, the newest is dropped. */
void watchers_accept(struct watchers *watchers)
{
	int fd;

	if (watchers->listener < 0)
		return;
	forget_the_gone(watchers);
	while ((fd = accept4(watchers->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		size_t i = 0;

		while (i < WATCHERS_MAX && watchers->viewers[i].fd >= 0)
			i++;
		if (i == WATCHERS_MAX) {
			close(fd);
			continue;
		}
		watchers->viewers[i].fd = fd;
		iommuctl_event_tap_add(&watchers->tap, &watchers->viewers[i].watcher);
	}
	note_refusal(watchers, errno);
}
