/* SPDX-License-Identifier: MIT */
/* All of a session but its files, as text: with it a holder goes on where another was killed. */
#ifndef CLI_SESSION_STATE_H
#define CLI_SESSION_STATE_H

#include "session/session.h"

/* The state of @session, which the caller frees; NULL: there is no memory. */
char *state_write(const struct session *session);

/*
 * Opens a session that goes on as @text says, of state_write(), with the files of session->adopted:
 * nothing is made. Reports its own failure. Closed by session_close() in any case.
 */
enum exit_status state_restore(
	struct session *session, const char *name, const char *text, struct report *report);

#endif
