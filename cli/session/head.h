/* SPDX-License-Identifier: MIT */
/* What a job that is added to a session says of itself, and not of objects. */
#ifndef CLI_SESSION_HEAD_H
#define CLI_SESSION_HEAD_H

#include <jansson.h>

#include "session/session.h"

/*
 * Judges what merge_documents() leaves out of @document, and its version, which a session has of
 * its own: a mistake there is one, and what is for the model is not for the kernel. Reports its own
 * failure.
 */
enum exit_status head_check(
	const struct session *session, const json_t *document, struct report *report);

#endif
