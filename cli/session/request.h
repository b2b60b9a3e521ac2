/* SPDX-License-Identifier: MIT */
/*
 * What clients ask a session for. Each kind of request is one descriptor; the table of them is also
 * the published schema of the protocol.
 */
#ifndef CLI_SESSION_REQUEST_H
#define CLI_SESSION_REQUEST_H

#include "document/schema.h"
#include "session/peer.h"
#include "session/session.h"

struct request_kind {
	struct schema_shape shape; /* first: the key of a request leads to it */
	enum exit_status (*run)(struct session *session, struct peer *peer, const void *arguments,
		struct report *report);
	bool looks; /* it changes nothing, and is answered also while the step of another waits */
};

extern const struct request_kind request_apply, request_replace, request_show, request_save,
	request_export, request_walk, request_dump, request_stats, request_events, request_stop;

/* Of those that nothing is said to. */
struct request_no_arguments {
	char none;
};

extern const struct schema_key request_no_keys[];

/* Of a whole request: {"iommuctl":1, "apply":{...}}. */
extern const struct schema_shape schema_request;

/*
 * Reads the request @text, carries it out, and says all lines of the answer to @peer, of which the
 * last is {"iommuctl":1,"done":{...}}. To a peer that watches events, there is more to be said.
 * While the step of another waits, a request that would change something is put back for a while,
 * and refused then.
 */
void request_answer(struct session *session, struct peer *peer, const char *text, size_t length);

/* Goes on with the answer to a @peer that watches events, and ends it if that was all. */
void request_follow(const struct session *session, struct peer *peer);

/* Ends the answer to a @peer that watches events: no more can be read, because of @failure. */
void request_end_follow(struct peer *peer, const struct failure *failure);

/* What the answer to a @peer ends with where there is no memory for more; it takes none. */
void request_out_of_memory(struct peer *peer);

/*
 * The last lines of an answer, in a place where no request could be read: @why it is refused, and
 * what helps.
 */
void request_refuse(
	struct peer *peer, enum exit_status status, const char *why, const char *remedy);

#endif
