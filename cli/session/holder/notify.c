// SPDX-License-Identifier: MIT
#include "session/holder/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The longest wait for a listener. */
#define PATIENCE_S 5

/* The address in NOTIFY_SOCKET, an abstract one if it begins with "@"; *@size of 0: none. */
static int find_address(struct sockaddr_un *address, socklen_t *size)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*size = 0;
	if (!length)
		return 0;
	if (*path != '/' && *path != '@')
		return -EAFNOSUPPORT;
	if (length >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memcpy(address->sun_path, path, length);
	if (*path == '@')
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return 0;
}

int notify_send(const char *state, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address;
	struct iovec data = { (void *)state, strlen(state) };
	struct msghdr message = { .msg_name = &address, .msg_iov = &data, .msg_iovlen = 1 };
	int socket_fd, err = find_address(&address, &message.msg_namelen);

	if (err || !message.msg_namelen)
		return err;
	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_fd < 0)
		return -errno;
	/* A manager that does not read must not keep a session from its clients. */
	setsockopt(socket_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0)
		err = -errno;
	close(socket_fd);
	return err;
}

/*
 * The manager closes the file that comes with it once it has processed everything before, and we
 * read end-of-file.
 */
int notify_barrier(void)
{
	struct pollfd end;
	int ends[2], err;

	if (!getenv("NOTIFY_SOCKET"))
		return 0;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	err = notify_send("BARRIER=1", ends[1]);
	close(ends[1]);
	end = (struct pollfd){ .fd = ends[0] };
	if (!err && poll(&end, 1, PATIENCE_S * 1000) <= 0)
		err = -ETIMEDOUT;
	close(ends[0]);
	return err;
}
