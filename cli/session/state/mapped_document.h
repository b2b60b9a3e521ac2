/* SPDX-License-Identifier: MIT */
/*
 * A session's document with the mappings of its IOASes, of which there may be thousands: they are
 * only written and read for requests that need them.
 */
#ifndef CLI_SESSION_STATE_MAPPED_DOCUMENT_H
#define CLI_SESSION_STATE_MAPPED_DOCUMENT_H

#include "session/session.h"

/* A new reference; NULL: out of memory. */
json_t *session_whole(const struct session *session);

/* Makes @whole the contents of @session. False: out of memory. */
bool session_take_whole(struct session *session, json_t *whole);

/*
 * Moves the "map" out of @said, to which the caller has the only reference, into @maps as that of
 * the IOAS @name; if it was @changed, only the live mappings count. [] means that it was moved
 * before.
 */
void whole_keep_map(json_t *maps, const char *name, json_t *said, bool changed);

/*
 * Puts the mappings of @ioas into session->maps, if they are not there. False: they are, or memory
 * ran out.
 */
bool whole_hold_map(struct session *session, const struct job_ioas *ioas);

/* Whether a mapping in @maps is of the memory @name. */
bool whole_has_memory(json_t *maps, const char *name);

#endif
