/* SPDX-License-Identifier: MIT */
/* What a request has done that it could not do whole is undone. */
#ifndef CLI_SESSION_UNDO_H
#define CLI_SESSION_UNDO_H

#include "output/report.h"
#include "session/session.h"

/* Whether @base, the document of a session, has @object. */
bool undo_was_there(const json_t *base, const struct document_object *object);

/*
 * Devices go back to what they were attached to in @base, and what has been made since is taken
 * away. What a device needs that cannot go back stays. That, and what fails, is told.
 */
void undo_addition(struct session *session, const json_t *base, struct report *report);

#endif
