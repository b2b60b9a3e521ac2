// SPDX-License-Identifier: MIT
#include "session/holder/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384

/* The longest request, its newline, and a NUL. */
#define IN_ROOM_MAX (PEER_REQUEST_MAX + 2)

bool peer_open(struct peer *peer, int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	*peer = (struct peer){ .fd = fd };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		return false;
	peer->uid = who.uid;
	peer->pid = who.pid;
	return true;
}

static void drop_files(struct peer *peer)
{
	while (peer->file_count)
		close(peer->files[--peer->file_count]);
}

void peer_close(struct peer *peer)
{
	drop_files(peer);
	close(peer->fd);
	free(peer->in);
	free(peer->out);
	free(peer->follow);
	*peer = (struct peer){ .fd = -1 };
}

static bool make_room(struct peer *peer)
{
	size_t room = peer->in_room ? peer->in_room * 2 : READ_SIZE;
	char *grown;

	if (peer->in_room - peer->in_used > 1)
		return true;
	room = room < IN_ROOM_MAX ? room : IN_ROOM_MAX;
	grown = realloc(peer->in, room);
	if (!grown)
		return false;
	peer->in = grown;
	peer->in_room = room;
	return true;
}

bool peer_has_request(const struct peer *peer)
{
	const size_t left = peer->in_used - peer->taken;

	if (peer->held)
		return true;
	return left && (peer->ended || memchr(peer->in + peer->taken, '\n', left));
}

/* The previous request has been handled: move the rest to the front. */
static void forget_taken(struct peer *peer)
{
	peer->in_used -= peer->taken;
	memmove(peer->in, peer->in + peer->taken, peer->in_used);
	peer->taken = 0;
	peer->scanned = 0;
}

int peer_receive(struct peer *peer)
{
	ssize_t got;

	if (peer_has_request(peer))
		return 0;
	if (peer->taken)
		forget_taken(peer);
	if (!make_room(peer))
		return -ENOMEM;
	/* A byte is left for the NUL. */
	got = recv(peer->fd, peer->in + peer->in_used, peer->in_room - peer->in_used - 1,
		MSG_DONTWAIT);
	if (got > 0)
		peer->in_used += (size_t)got;
	else if (got == 0)
		peer->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		peer->lost = true;
	return peer->in_used <= PEER_REQUEST_MAX || peer_has_request(peer) ? 0 : -EMSGSIZE;
}

char *peer_next(struct peer *peer, size_t *length)
{
	char *end;

	if (peer->held) {
		peer->held = false;
		*length = peer->length;
		return peer->in;
	}
	if (peer->taken)
		forget_taken(peer);
	if (!peer->in_used)
		return NULL;
	end = memchr(peer->in + peer->scanned, '\n', peer->in_used - peer->scanned);
	peer->scanned = peer->in_used;
	if (!end && !peer->ended)
		return NULL;
	*length = end ? (size_t)(end - peer->in) : peer->in_used;
	peer->length = *length;
	peer->taken = *length + (end != NULL);
	peer->in[*length] = '\0';
	return peer->in;
}

void peer_put_back(struct peer *peer)
{
	peer->held = true;
}

static int make_room_out(struct peer *peer, size_t length)
{
	size_t room = peer->out_used + length;
	char *grown;

	if (peer->out_sent == peer->out_used) {
		peer->out_sent = peer->out_used = 0;
		room = length;
	}
	/*
	 * A client that does not watch is answered only once it has read everything: a single
	 * answer has no limit.
	 */
	if (peer->follow && room > PEER_UNREAD_MAX)
		return -EMSGSIZE;
	grown = realloc(peer->out, room);
	if (!grown)
		return -ENOMEM;
	peer->out = grown;
	return 0;
}

int peer_say(struct peer *peer, const char *text, size_t length)
{
	int err;

	if (peer->lost || peer->last_used || !length)
		return 0;
	err = make_room_out(peer, length);
	if (err == -ENOMEM)
		return err;
	peer->lost = err;
	if (!err) {
		memcpy(peer->out + peer->out_used, text, length);
		peer->out_used += length;
	}
	return 0;
}

void peer_end(struct peer *peer, const char *text)
{
	const size_t length = strlen(text);

	if (peer->last_used || length >= sizeof(peer->last))
		return;
	memcpy(peer->last, text, length);
	peer->last_used = length;
}

int peer_pass(struct peer *peer, const int *files, size_t count)
{
	if (peer->file_count || count > PEER_FILES_MAX)
		return -EBUSY;
	for (size_t i = 0; i < count; i++) {
		int copy = fcntl(files[i], F_DUPFD_CLOEXEC, 0);

		if (copy < 0) {
			int err = -errno;

			drop_files(peer);
			return err;
		}
		peer->files[peer->file_count++] = copy;
	}
	if (peer->out_sent == peer->out_used)
		peer->out_sent = peer->out_used = 0;
	peer->files_at = peer->out_used;
	return 0;
}

/* Sends up to the byte that files go with, or from that byte on, with them. */
static ssize_t send_some(struct peer *peer)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(PEER_FILES_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec data = { peer->out + peer->out_sent, peer->out_used - peer->out_sent };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	const size_t size = peer->file_count * sizeof(int);

	if (peer->file_count && peer->out_sent < peer->files_at) {
		data.iov_len = peer->files_at - peer->out_sent;
	} else if (peer->file_count) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(size);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), peer->files, size);
	}
	return sendmsg(peer->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void send_last(struct peer *peer)
{
	ssize_t sent;

	if (peer->lost || !peer->last_used || peer->out_sent < peer->out_used)
		return;
	sent = send(peer->fd, peer->last, peer->last_used, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0) {
		peer->lost = errno != EAGAIN && errno != EINTR;
		return;
	}
	peer->last_used -= (size_t)sent;
	memmove(peer->last, peer->last + sent, peer->last_used);
	peer->lost = !peer->last_used;
}

void peer_send(struct peer *peer)
{
	while (!peer->lost && peer->out_sent < peer->out_used) {
		bool with_files = peer->file_count && peer->out_sent >= peer->files_at;
		ssize_t sent = send_some(peer);

		if (sent < 0 && errno != EINTR) {
			peer->lost = errno != EAGAIN;
			return;
		}
		if (sent < 0)
			continue;
		peer->out_sent += (size_t)sent;
		if (with_files)
			drop_files(peer);
	}
	send_last(peer);
}
