/* SPDX-License-Identifier: MIT */
/* Objects that are gone but stay in a session's job, because others were made from them. */
#ifndef CLI_SESSION_HOLDER_DESTROYED_OBJECTS_H
#define CLI_SESSION_HOLDER_DESTROYED_OBJECTS_H

#include "document/problem.h"
#include "session/session.h"

/*
 * Returns @said without objects that are gone and that @document makes again: objects made from
 * them, and mappings of memory, then name the new ones.
 */
json_t *gone_leave_out(const struct session *session, json_t *said, json_t *document);

/*
 * Returns session->document after a request that has failed, for which @base was left of @before:
 * what it did not make again is what it was, whether needed or not. NULL: out of memory.
 */
json_t *gone_put_back(const struct session *session, json_t *before, const json_t *base);

/*
 * How @whole, the document of @session, differs from the session because objects are gone: an array
 * of {"path", "message"}.
 */
json_t *gone_remark(const struct session *session, const json_t *whole);

/*
 * If @problem is about memory, or about a device that is there twice, adds that one in @whole is
 * gone: its place stays taken, or its name, although it is no longer visible.
 */
void gone_explain(
	const struct session *session, const json_t *whole, struct document_problem *problem);

#endif
