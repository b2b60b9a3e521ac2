/* SPDX-License-Identifier: MIT */
/* Undoes a request that failed half-way. */
#ifndef CLI_SESSION_HOLDER_UNDO_H
#define CLI_SESSION_HOLDER_UNDO_H

#include "output/report.h"
#include "session/session.h"

/* Whether @base, the document of a session, has @object. */
bool undo_was_there(const json_t *base, const struct document_object *object);

/*
 * Moves devices back to their attachments in @base, and destroys what has been made since. Objects
 * needed by a device that cannot go back stay. Reports those, and what fails.
 */
void undo_addition(struct session *session, const json_t *base, struct report *report);

#endif
