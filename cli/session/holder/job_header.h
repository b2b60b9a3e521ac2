/* SPDX-License-Identifier: MIT */
/* The keys of an added job that are about the job rather than its objects. */
#ifndef CLI_SESSION_HOLDER_JOB_HEADER_H
#define CLI_SESSION_HOLDER_JOB_HEADER_H

#include <jansson.h>

#include "session/session.h"

/*
 * Checks the keys of @document that merge_documents() omits, and its version, which a session has
 * itself: they must be valid, and a job for the model is not for the kernel. Reports its own
 * failure.
 */
enum exit_status head_check(
	const struct session *session, const json_t *document, struct report *report);

#endif
