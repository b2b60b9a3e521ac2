/* SPDX-License-Identifier: MIT */
/* Carries out the part of a session's job that does not exist yet. */
#ifndef CLI_SESSION_HOLDER_CARRY_OUT_H
#define CLI_SESSION_HOLDER_CARRY_OUT_H

#include "session/session.h"

/*
 * Carries out what session->job has beyond @base, which is session->document without what is made
 * again, and updates the latter.
 */
enum exit_status session_carry_out(
	struct session *session, const json_t *base, struct report *report);

/*
 * Something has gone by itself: updates session->document. session->job has the previous contents.
 */
enum exit_status session_take_stock(struct session *session, struct report *report);

#endif
