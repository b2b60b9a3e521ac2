/* SPDX-License-Identifier: MIT */
/* Describes a session's contents as a job that makes them again. */
#ifndef CLI_SESSION_STATE_SNAPSHOT_H
#define CLI_SESSION_STATE_SNAPSHOT_H

#include <jansson.h>

#include "job/live/live.h"

/*
 * Describes everything alive in @live. @kept are the steps, which stay if their objects do; NULL:
 * none. Objects in @changed differ from the document of live->job, and are described as they are
 * now. The IOASes' mappings are kept in @maps (session/state/mapped_document.h). Returns a new
 * reference, or NULL if memory runs out.
 */
json_t *session_snapshot_take(struct live *live, const char *name, json_t *kept,
	const bool *const changed[JOB_COLLECTIONS], json_t *maps);

#endif
