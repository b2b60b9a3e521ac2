/* SPDX-License-Identifier: MIT */
/* A holder's clients. None moves in memory: a waiting request points to its client. */
#ifndef CLI_SESSION_HOLDER_CLIENTS_H
#define CLI_SESSION_HOLDER_CLIENTS_H

#include "session/holder/client.h"

/* Beyond this number, the client that has been quiet for longest is dropped. */
#define CROWD_MAX 256

struct crowd {
	struct peer peers[CROWD_MAX]; /* fd is -1 in a free place */
	size_t count;		      /* of places in use; the rest are free */
	uint64_t clock;
	int64_t deaf_until; /* by monotonic_ms(): when the kernel refused the last connection */
};

/*
 * Accepts the next connection to @listener; if there is no room, drops the quietest client except
 * @kept. Returns the client, which the caller may have to refuse; NULL if there is none.
 */
struct peer *crowd_accept(struct crowd *crowd, int listener, const struct peer *kept);

/* Whether to wait for connections: not just after the kernel refused one. */
bool crowd_listens(const struct crowd *crowd);

/* Notes that @peer has sent something. */
void crowd_note(struct crowd *crowd, struct peer *peer);

void crowd_drop(struct crowd *crowd, struct peer *peer);

/* Milliseconds until the first client's wait ends, or it listens again; -1: forever. */
int crowd_time_left(const struct crowd *crowd);

/* Whether anybody watches events. */
bool crowd_watches(const struct crowd *crowd);

static inline bool peer_is_there(const struct peer *peer)
{
	return peer->fd >= 0;
}

#endif
