/* SPDX-License-Identifier: MIT */
/* All clients of a holder. None moves: a request that waits is at its client's place. */
#ifndef CLI_SESSION_CROWD_H
#define CLI_SESSION_CROWD_H

#include "session/peer.h"

/* More clients than these have the one that has been quiet for longest leave. */
#define CROWD_MAX 256

struct crowd {
	struct peer peers[CROWD_MAX]; /* whose fd is -1 where there is none */
	size_t count;		      /* of places; from there on, there is none */
	uint64_t clock;
	int64_t deaf_until; /* by monotonic_ms(): the kernel refused the last one who came */
};

/*
 * Takes the next connection to @listener, for whom the quietest but @kept leaves if there is no
 * room. Returns the client, who may be one that is to be refused; NULL: there is none.
 */
struct peer *crowd_accept(struct crowd *crowd, int listener, const struct peer *kept);

/* Whether to wait for connections: not for a moment after the kernel refused one. */
bool crowd_listens(const struct crowd *crowd);

/* @peer has been heard of. */
void crowd_note(struct crowd *crowd, struct peer *peer);

void crowd_drop(struct crowd *crowd, struct peer *peer);

/* Until the first has waited enough, or it listens again, in milliseconds; -1: for ever. */
int crowd_time_left(const struct crowd *crowd);

/* Whether anybody watches events. */
bool crowd_watches(const struct crowd *crowd);

static inline bool peer_is_there(const struct peer *peer)
{
	return peer->fd >= 0;
}

#endif
