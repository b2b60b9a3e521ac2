/* SPDX-License-Identifier: MIT */
/* Objects that are gone, and that the job of a session says still, as others were made of them. */
#ifndef CLI_SESSION_GONE_H
#define CLI_SESSION_GONE_H

#include "document/problem.h"
#include "session/session.h"

/*
 * What @said says, without objects that are gone and that @document makes anew: what was made of
 * them, and memory that is mapped still, names the new ones then.
 */
json_t *gone_leave_out(const struct session *session, json_t *said, json_t *document);

/*
 * What of @whole, the document of @session, is not as it is there, since objects are gone: an array
 * of {"path", "message"}.
 */
json_t *gone_remark(const struct session *session, const json_t *whole);

/*
 * Adds to @problem, if it is of a memory, that one of @whole is gone: its place is taken as long as
 * it is mapped, though nobody sees it any more.
 */
void gone_explain_memory(
	const struct session *session, const json_t *whole, struct document_problem *problem);

#endif
