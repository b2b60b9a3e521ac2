/* SPDX-License-Identifier: MIT */
/* What a session begins with, and what is added to it. */
#ifndef CLI_SESSION_APPLY_H
#define CLI_SESSION_APPLY_H

#include "session/session.h"

/*
 * Opens a session on @platform that has nothing, whose calls go by @session->context. Reports its
 * own failure. Closed by session_close() in any case.
 */
enum exit_status session_open(struct session *session, const char *name,
	const struct platform *platform, struct report *report);

/* The same with all that @job, which it takes, says: it is carried out with its steps. */
enum exit_status session_open_job(struct session *session, const char *name,
	const struct platform *platform, struct job *job, struct report *report);

/*
 * Opens one on session->platform that says it has what @document says, of which nothing is made.
 */
enum exit_status session_open_document(
	struct session *session, const char *name, json_t *document, struct report *report);

/*
 * Adds what @document says, a job without what is there already: it makes its objects, attaches,
 * and goes through its steps. If anything fails, the objects and attachments are undone. What it
 * says is reported in either case.
 */
enum exit_status session_apply(struct session *session, json_t *document, struct report *report);

/*
 * Has session->job say what is there, for those who look at it: it is not read again after each
 * change. Without memory, it says more. The second has it say what IOASes map as well.
 */
void session_refresh(struct session *session);
void session_refresh_whole(struct session *session);

/*
 * Reads the job that @session is once what @document says is added, for a test: as session_apply()
 * does, or (@whole) with all that is there, which says the same. The caller frees it.
 */
enum exit_status session_read_addition(struct session *session, json_t *document, bool whole,
	struct report *report, struct job **job);

#endif
