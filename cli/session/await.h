/* SPDX-License-Identifier: MIT */
/* The process that has started a holder in the background, until that is ready. */
#ifndef CLI_SESSION_AWAIT_H
#define CLI_SESSION_AWAIT_H

#include <sys/types.h>

#include "job/interrupt.h"
#include "output/report.h"

/*
 * Waits for the process @pid to say at the other end of @ready, which is closed, how its beginning
 * has gone. It is in a session of its own, where no terminal reaches it: the signals of @interrupt
 * are passed on to it. Then nothing is left of it, and that is a failure.
 */
enum exit_status await_holder(
	struct report *report, const struct interrupt *interrupt, int ready, pid_t pid);

#endif
