/* SPDX-License-Identifier: MIT */
/*
 * Clients' requests to a session. Each kind is one descriptor; their table is also the published
 * schema of the protocol.
 */
#ifndef CLI_SESSION_HOLDER_REQUEST_H
#define CLI_SESSION_HOLDER_REQUEST_H

#include "document/schema.h"
#include "session/holder/client.h"
#include "session/session.h"

/* Width that text is wrapped at. */
#define REQUEST_COLUMNS_MAX 10000

struct request_kind {
	struct schema_shape shape; /* first: the key of a request refers to it */
	enum exit_status (*run)(struct session *session, struct peer *peer, const void *arguments,
		struct report *report);
	bool looks; /* it changes nothing, and is answered even while another client's step waits */
};

extern const struct request_kind request_apply, request_replace, request_show, request_save,
	request_export, request_walk, request_dump, request_stats, request_events, request_stop;

/* For requests without arguments. */
struct request_no_arguments {
	char none;
};

extern const struct schema_key request_no_keys[];

/* Shape of a complete request: {"iommuctl":1, "apply":{...}}. */
extern const struct schema_shape schema_request;

/*
 * Reads the request @text, carries it out, and sends the answer to @peer, whose last line is
 * {"iommuctl":1,"done":{...}}. For a peer that watches events, the answer stays open. While another
 * client's step waits, a request that would change something is put back for a while, and then
 * refused.
 */
void request_answer(struct session *session, struct peer *peer, const char *text, size_t length);

/* Continues the answer to a @peer that watches events, and ends it if complete. */
void request_follow(const struct session *session, struct peer *peer);

/* Ends the answer to a @peer that watches events: no more can be read, because of @failure. */
void request_end_follow(struct peer *peer, const struct failure *failure);

/* Ends the answer to a @peer when memory has run out; allocates none. */
void request_out_of_memory(struct peer *peer);

/*
 * Answers with the last lines when no request could be read: @why it was refused, and the remedy.
 */
void request_refuse(
	struct peer *peer, enum exit_status status, const char *why, const char *remedy);

#endif
