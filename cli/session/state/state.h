/* SPDX-License-Identifier: MIT */
/*
 * A session's state without its files, as text, with which a new holder continues where another was
 * killed.
 */
#ifndef CLI_SESSION_STATE_STATE_H
#define CLI_SESSION_STATE_STATE_H

#include "session/session.h"

/* The state of @session, which the caller frees; NULL: out of memory. */
char *state_write(const struct session *session);

/*
 * Opens a session that continues from @text, written by state_write(), with the files of
 * session->adopted: nothing is made. Reports its own failure. Close it with session_close() in any
 * case.
 */
enum exit_status state_restore(
	struct session *session, const char *name, const char *text, struct report *report);

#endif
