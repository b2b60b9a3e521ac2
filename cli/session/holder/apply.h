/* SPDX-License-Identifier: MIT */
/* Opens sessions, and adds jobs to them. */
#ifndef CLI_SESSION_HOLDER_APPLY_H
#define CLI_SESSION_HOLDER_APPLY_H

#include "session/session.h"

/*
 * Opens an empty session on @platform, whose calls go through @session->context. Reports its own
 * failure. Close it with session_close() in any case.
 */
enum exit_status session_open(struct session *session, const char *name,
	const struct platform *platform, struct report *report);

/* The same, and carries out @job, which it takes, with its steps. */
enum exit_status session_open_job(struct session *session, const char *name,
	const struct platform *platform, struct job *job, struct report *report);

/* Opens one on session->platform with @document as its contents, none of which is made. */
enum exit_status session_open_document(
	struct session *session, const char *name, json_t *document, struct report *report);

/*
 * Adds the job @document, which omits what exists already: makes its objects, attaches, and goes
 * through its steps. If anything fails, the objects and attachments are undone. Its output is
 * reported in either case.
 */
enum exit_status session_apply(struct session *session, json_t *document, struct report *report);

/*
 * Updates session->job, which is not read again after each change, for requests that look at it. If
 * memory runs out, it keeps objects that are gone. The second adds the IOASes' mappings.
 */
void session_refresh(struct session *session);
void session_refresh_whole(struct session *session);

/*
 * Read and check the job that @session is once @document is added, for session_apply(). The caller
 * frees it. The second reads all mappings too, which makes no difference, as a test checks.
 */
enum exit_status session_read_addition(
	struct session *session, json_t *document, struct report *report, struct job **job);
enum exit_status session_read_whole(
	struct session *session, json_t *document, struct report *report, struct job **job);

#endif
