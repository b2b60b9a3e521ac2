/* SPDX-License-Identifier: MIT */
/* What a session has, as a job that makes the same again. */
#ifndef CLI_SESSION_SNAPSHOT_H
#define CLI_SESSION_SNAPSHOT_H

#include <jansson.h>

#include "job/live.h"

/*
 * What is alive of @live. @kept are the steps, of which those stay whose objects do; NULL: none.
 * What of the document of live->job has been changed since it was read is said as it is now, where
 * @changed has the object. What IOASes map is kept in @maps (session/whole.h). Returns a new
 * reference, or NULL when there is no memory.
 */
json_t *session_snapshot_take(struct live *live, const char *name, json_t *kept,
	const bool *const changed[JOB_COLLECTIONS], json_t *maps);

#endif
