/* SPDX-License-Identifier: MIT */
/*
 * Devices that the kernel wants back: they are unbound from their driver, or pulled, and that waits
 * until nobody has them open.
 */
#ifndef CLI_SESSION_RECLAIM_H
#define CLI_SESSION_RECLAIM_H

#include <poll.h>

#include "session/session.h"

/* Puts into @files what is readable once the kernel wants a device; returns how many. */
size_t reclaim_list(const struct session *session, struct pollfd *files);

/*
 * Gives back what the kernel wants, unless it is to be kept or is handed over, and has it logged
 * and told to @report. Where a step waits, nothing is given back, and the step is to end; else
 * session->job says what there is.
 */
void reclaim_serve(struct session *session, struct report *report);

/* Whether @name is of a device that was given back, and why it cannot be used: in @failure. */
bool reclaim_explain(const struct session *session, const char *name, struct failure *failure);

/* The same for what @document, a job that is added, needs of devices. */
bool reclaim_explain_job(
	const struct session *session, const json_t *document, struct failure *failure);

/* Forgets of devices that there are again that they were given back. */
void reclaim_forget(struct session *session);

/* What show has of it, added to @value and @table. */
void reclaim_show(const struct session *session, json_t *value, FILE *table);

#endif
