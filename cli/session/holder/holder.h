/* SPDX-License-Identifier: MIT */
/* The process that holds a session: it answers its clients, one request after the other. */
#ifndef CLI_SESSION_HOLDER_HOLDER_H
#define CLI_SESSION_HOLDER_HOLDER_H

#include "session/session.h"

/*
 * Answers clients that connect to @listener until a request or a signal of session->live.interrupt
 * ends it. Then everything is undone, and its name in @directory is free. The outcome is reported
 * to the client that asked for the end, or to @report if none did. Returns its status.
 */
enum exit_status holder_run(
	struct session *session, int listener, int directory, int lock, struct report *report);

#endif
