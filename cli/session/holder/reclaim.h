/* SPDX-License-Identifier: MIT */
/*
 * Devices that the kernel wants back: unbinding or removing them waits until nobody has them open.
 */
#ifndef CLI_SESSION_HOLDER_RECLAIM_H
#define CLI_SESSION_HOLDER_RECLAIM_H

#include <poll.h>

#include "session/session.h"

/*
 * Fills @files with eventfds that become readable when the kernel wants a device; returns their
 * number.
 */
size_t reclaim_list(const struct session *session, struct pollfd *files);

/*
 * Releases devices that the kernel wants, unless they are kept or handed over; logs and reports
 * this. While a step waits, it releases nothing, but ends the step; otherwise session->job must be
 * up to date.
 */
void reclaim_serve(struct session *session, struct report *report);

/* Whether the device @name was released, with the reason why it cannot be used in @failure. */
bool reclaim_explain(const struct session *session, const char *name, struct failure *failure);

/* The same for the devices that @document, an added job, needs. */
bool reclaim_explain_job(
	const struct session *session, const json_t *document, struct failure *failure);

/* Forgets the release of devices that exist again. */
void reclaim_forget(struct session *session);

/* Adds them to the @value and @table of session show. */
void reclaim_show(const struct session *session, json_t *value, FILE *table);

#endif
