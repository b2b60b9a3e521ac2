/* SPDX-License-Identifier: MIT */
/* The process that holds a session: it answers its clients, one request after the other. */
#ifndef CLI_SESSION_HOLDER_H
#define CLI_SESSION_HOLDER_H

#include "session/session.h"

/*
 * Answers those who connect to @listener until a request or a signal of session->live.interrupt
 * ends it. All is undone then, and its name in @directory is free: who asked for the end is told
 * how that went, and @report if nobody did. Returns the status of that.
 */
enum exit_status holder_run(
	struct session *session, int listener, int directory, int lock, struct report *report);

#endif
