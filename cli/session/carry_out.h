/* SPDX-License-Identifier: MIT */
/* What the job of a session says and is not there yet, carried out. */
#ifndef CLI_SESSION_CARRY_OUT_H
#define CLI_SESSION_CARRY_OUT_H

#include "session/session.h"

/*
 * Carries out what session->job says beyond session->document, which is what it says afterwards.
 */
enum exit_status session_carry_out(struct session *session, struct report *report);

/*
 * Something has gone by itself: session->document is what there is now. session->job said what
 * there was before.
 */
enum exit_status session_take_stock(struct session *session, struct report *report);

#endif
