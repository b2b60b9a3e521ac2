// SPDX-License-Identifier: MIT
#include "session/holder/clients.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"

#define DEAF_MS 1000

void crowd_drop(struct crowd *crowd, struct peer *peer)
{
	peer_close(peer);
	while (crowd->count && !peer_is_there(&crowd->peers[crowd->count - 1]))
		crowd->count--;
}

void crowd_note(struct crowd *crowd, struct peer *peer)
{
	peer->used = ++crowd->clock;
}

/* False if there is none to drop. */
static bool drop_quietest(struct crowd *crowd, const struct peer *kept)
{
	struct peer *quietest = NULL;

	for (size_t i = 0; i < crowd->count; i++) {
		struct peer *peer = &crowd->peers[i];

		if (peer != kept && peer_is_there(peer) &&
			(!quietest || peer->used < quietest->used))
			quietest = peer;
	}
	if (quietest)
		crowd_drop(crowd, quietest);
	return quietest;
}

/* A free place; NULL if there is none. */
static struct peer *find_place(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		if (!peer_is_there(&crowd->peers[i]))
			return &crowd->peers[i];
	}
	return crowd->count < CROWD_MAX ? &crowd->peers[crowd->count++] : NULL;
}

/*
 * A client that was not accepted stays in the listener's queue, and poll() would report it forever.
 */
static void make_room_after(struct crowd *crowd, int error, const struct peer *kept)
{
	if (error == EAGAIN || error == ECONNABORTED || error == EINTR)
		return;
	if ((error == EMFILE || error == ENFILE) && drop_quietest(crowd, kept))
		return;
	crowd->deaf_until = monotonic_ms() + DEAF_MS;
}

bool crowd_listens(const struct crowd *crowd)
{
	return monotonic_ms() >= crowd->deaf_until;
}

struct peer *crowd_accept(struct crowd *crowd, int listener, const struct peer *kept)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct peer *peer;

	if (fd < 0) {
		make_room_after(crowd, errno, kept);
		return NULL;
	}
	peer = find_place(crowd);
	if (!peer) {
		drop_quietest(crowd, kept);
		peer = find_place(crowd);
	}
	if (!peer_open(peer, fd)) {
		crowd_drop(crowd, peer);
		return NULL;
	}
	crowd_note(crowd, peer);
	return peer;
}

static int64_t time_left(const struct peer *peer)
{
	const int64_t left = peer->patience_end - monotonic_ms();

	if (peer->held && peer->patience_end)
		return left > 0 ? left : 0;
	/* A client that has yet to read is sent no more, and gets time. */
	return peer->follow && !peer_has_unsent(peer) ? follow_time_left(peer->follow) : -1;
}

int crowd_time_left(const struct crowd *crowd)
{
	int64_t shortest = crowd->deaf_until - monotonic_ms();

	if (shortest <= 0)
		shortest = -1;

	for (size_t i = 0; i < crowd->count; i++) {
		const struct peer *peer = &crowd->peers[i];
		const int64_t left = peer_is_there(peer) ? time_left(peer) : -1;

		if (left >= 0 && (shortest < 0 || left < shortest))
			shortest = left;
	}
	return shortest < INT_MAX ? (int)shortest : INT_MAX;
}

bool crowd_watches(const struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		if (peer_is_there(&crowd->peers[i]) && crowd->peers[i].follow)
			return true;
	}
	return false;
}
