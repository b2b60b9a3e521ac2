/* SPDX-License-Identifier: MIT */
/*
 * The document of a session with what its IOASes map. A request costs what it asks for, so that
 * mappings, of which there may be thousands, are neither written nor read with each of them.
 */
#ifndef CLI_SESSION_WHOLE_H
#define CLI_SESSION_WHOLE_H

#include "session/session.h"

/* A new reference; NULL: there was no memory. */
json_t *session_whole(const struct session *session);

/* Has @session say that it has what @whole says. False: there was no memory. */
bool session_take_whole(struct session *session, json_t *whole);

/*
 * Takes the "map" out of @said, which the caller owns and nobody else has, and keeps it in @maps as
 * what the IOAS @name maps; if that is @changed, only what is alive tells. [] has been taken out
 * before.
 */
void whole_keep_map(json_t *maps, const char *name, json_t *said, bool changed);

/* Whether a mapping in @maps is of the memory @name. */
bool whole_has_memory(json_t *maps, const char *name);

#endif
