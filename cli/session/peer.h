/* SPDX-License-Identifier: MIT */
/* A client of a session's holder: lines that come in, lines that go out. */
#ifndef CLI_SESSION_PEER_H
#define CLI_SESSION_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "session/follow.h"

/* A longer request is refused, and so is a client that watches and leaves more unread. */
#define PEER_REQUEST_MAX (1u << 20)
#define PEER_UNREAD_MAX	 (16u << 20)

/* For what there is to say where there is no memory. */
#define PEER_LAST_MAX 512

/* The most files that one answer passes. */
#define PEER_FILES_MAX 64

struct peer {
	int fd;
	uid_t uid;
	pid_t pid;
	char *in; /* what of a request has come */
	size_t in_used;
	size_t in_room;
	size_t scanned;	      /* of it: there is no end of a line so far */
	size_t taken;	      /* of it: a request that has been handed out */
	size_t length;	      /* of that request, without its end */
	bool held;	      /* that request is to be handed out again */
	int64_t patience_end; /* for so long, in the time of CLOCK_MONOTONIC; 0: for ever */
	char *out;	      /* what is to be sent */
	size_t out_used;
	size_t out_sent;
	int files[PEER_FILES_MAX]; /* that go with the byte at @files_at; ours to close */
	size_t file_count;
	size_t files_at;
	struct follow *follow;	  /* NULL; or what it watches, and the answer has no end yet */
	char last[PEER_LAST_MAX]; /* goes behind all that, and then the peer is lost */
	size_t last_used;
	uint64_t used; /* when it was last heard of: a number that grows */
	bool ended;    /* it sends no more */
	bool lost;     /* nothing can be said to it any more */
};

/* Takes @fd. False: there is no telling who it is. */
bool peer_open(struct peer *peer, int fd);
void peer_close(struct peer *peer);

/* Whether a whole request waits for its turn. */
bool peer_has_request(const struct peer *peer);

/*
 * Reads what has come, if there is no whole request yet. -EMSGSIZE: a request is too long. -ENOMEM:
 * there is no memory for it.
 */
int peer_receive(struct peer *peer);

/*
 * The next whole request, NUL-terminated, until the next call of peer_receive() or of this; NULL:
 * there is none yet. It is what has come without a newline where the client sends no more.
 */
char *peer_next(struct peer *peer, size_t *length);

/* The request that was handed out is the next again. */
void peer_put_back(struct peer *peer);

/*
 * Adds @text to what is sent. With too much unread, the peer is lost. -ENOMEM: nothing of it is
 * added, and peer_end() can say so.
 */
int peer_say(struct peer *peer, const char *text, size_t length);

/* Says @text in the end, for which there is always memory, if it is shorter than PEER_LAST_MAX. */
void peer_end(struct peer *peer, const char *text);

/* Has copies of @files go with what is said next. Returns 0 or -errno. */
int peer_pass(struct peer *peer, const int *files, size_t count);

/* Sends what can be sent. */
void peer_send(struct peer *peer);

static inline bool peer_has_unsent(const struct peer *peer)
{
	return peer->out_sent < peer->out_used || peer->last_used;
}

#endif
