/* SPDX-License-Identifier: MIT */
/* A client of a session's holder: lines in, lines out. */
#ifndef CLI_SESSION_HOLDER_CLIENT_H
#define CLI_SESSION_HOLDER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "session/holder/follow.h"

/* Longer requests are refused; a watching client that leaves more unread is dropped. */
#define PEER_REQUEST_MAX (1u << 20)
#define PEER_UNREAD_MAX	 (16u << 20)

/* Room for the message when memory has run out. */
#define PEER_LAST_MAX 512

/* The most files that one answer can pass. */
#define PEER_FILES_MAX 64

struct peer {
	int fd;
	uid_t uid;
	pid_t pid;
	char *in; /* received part of a request */
	size_t in_used;
	size_t in_room;
	size_t scanned;	      /* its bytes known to have no newline */
	size_t taken;	      /* its bytes that are a request handed out */
	size_t length;	      /* of that request, without its end */
	bool held;	      /* hand that request out again */
	int64_t patience_end; /* until then, on CLOCK_MONOTONIC; 0: forever */
	char *out;	      /* data to send */
	size_t out_used;
	size_t out_sent;
	int files[PEER_FILES_MAX]; /* that go with the byte at @files_at; ours to close */
	size_t file_count;
	size_t files_at;
	struct follow *follow;	  /* what it watches, with the answer still open; or NULL */
	char last[PEER_LAST_MAX]; /* sent after all that; then the peer is lost */
	size_t last_used;
	uint64_t used; /* when it last sent something: an increasing number */
	bool ended;    /* it sends no more */
	bool lost;     /* nothing more can be sent to it */
};

/* Takes @fd. False: its credentials are unknown. */
bool peer_open(struct peer *peer, int fd);
void peer_close(struct peer *peer);

/* Whether a complete request is waiting. */
bool peer_has_request(const struct peer *peer);

/*
 * Reads what has arrived, unless there is a complete request. -EMSGSIZE: a request is too long.
 * -ENOMEM: there is no memory for it.
 */
int peer_receive(struct peer *peer);

/*
 * The next complete request, NUL-terminated, valid until the next call of this or of
 * peer_receive(); NULL if there is none yet. Once the client sends no more, a rest without a
 * newline counts.
 */
char *peer_next(struct peer *peer, size_t *length);

/* Puts the request that was handed out back as the next one. */
void peer_put_back(struct peer *peer);

/*
 * Queues @text. With too much unread, the peer is lost. -ENOMEM: nothing was queued, and peer_end()
 * can report that.
 */
int peer_say(struct peer *peer, const char *text, size_t length);

/* Sends @text as the end, for which there is always memory if it is shorter than PEER_LAST_MAX. */
void peer_end(struct peer *peer, const char *text);

/* Sends copies of @files with the next text. Returns 0 or -errno. */
int peer_pass(struct peer *peer, const int *files, size_t count);

/* Sends as much as possible. */
void peer_send(struct peer *peer);

static inline bool peer_has_unsent(const struct peer *peer)
{
	return peer->out_sent < peer->out_used || peer->last_used;
}

#endif
