// SPDX-License-Identifier: MIT
#include "session/client/fd_offer_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(struct failure *failure, const char *path, int error, const char *operation,
	const char *remedy)
{
	*failure = (struct failure){ .error = error, .operation = operation, .object = path };
	failure_explain(failure, NULL, remedy);
	return error;
}

/* The directory of @path, which must have a name after its last slash. */
static int open_directory(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char directory[4096] = ".";
	int fd;

	*name = slash ? slash + 1 : path;
	if (!**name)
		return -EISDIR;
	if (slash == path)
		strcpy(directory, "/");
	else if (slash && snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path),
				  path) >= (int)sizeof(directory))
		return -ENAMETOOLONG;
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

/* Through the directory's descriptor: its path may be too long for a socket address. */
static int make_address(const struct offer_socket *socket, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s",
		       socket->directory, socket->name) < (int)sizeof(address->sun_path)
		       ? 0
		       : -ENAMETOOLONG;
}

/* Whether there is a socket that nobody listens on. */
static bool is_stale(const struct offer_socket *there, const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat stat;
	bool refused;

	if (fd < 0)
		return false;
	refused = !fstatat(there->directory, there->name, &stat, AT_SYMLINK_NOFOLLOW) &&
		  S_ISSOCK(stat.st_mode) &&
		  connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

/* Set the mode and the owner before listening: until then nobody can connect. */
static int bind_socket(const struct offer_socket *socket, mode_t mode, const struct user *owner)
{
	struct sockaddr_un address;
	int err = make_address(socket, &address);

	if (err)
		return err;
	if (is_stale(socket, &address))
		unlinkat(socket->directory, socket->name, 0);
	if (bind(socket->fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	if (fchmodat(socket->directory, socket->name, mode, 0) ||
		(owner && fchownat(socket->directory, socket->name, owner->uid, owner->gid,
				  AT_SYMLINK_NOFOLLOW)) ||
		listen(socket->fd, SOMAXCONN))
		err = -errno;
	if (err)
		unlinkat(socket->directory, socket->name, 0);
	return err;
}

int offer_listen(const char *path, mode_t mode, const struct user *owner,
	struct offer_socket *listener, struct failure *failure)
{
	int err;

	*listener = (struct offer_socket){ .directory = -1, .fd = -1 };
	listener->directory = open_directory(path, &listener->name);
	if (listener->directory < 0)
		return fail(failure, path, listener->directory, "open", NULL);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = listener->fd < 0 ? -errno : bind_socket(listener, mode, owner);
	if (!err)
		return 0;
	if (listener->fd >= 0)
		close(listener->fd);
	close(listener->directory);
	return fail(failure, path, err, "listen",
		err == -EADDRINUSE
			? "the path exists, or another process listens there: remove it, or use "
			  "another path"
			: NULL);
}

void offer_close(struct offer_socket *listener)
{
	unlinkat(listener->directory, listener->name, 0);
	close(listener->fd);
	close(listener->directory);
}
