/* SPDX-License-Identifier: MIT */
/* Waits, in the process that started a background holder, until the holder is ready. */
#ifndef CLI_SESSION_CLIENT_START_WAIT_H
#define CLI_SESSION_CLIENT_START_WAIT_H

#include <sys/types.h>

#include "job/interrupt.h"
#include "output/report.h"

/*
 * Waits for the process @pid to report at the other end of @ready, which is then closed, how its
 * start went. It has its own session, where no terminal reaches it, so the signals of @interrupt
 * are passed on to it. A signal ends it with nothing left behind, which is a failure.
 */
enum exit_status await_holder(
	struct report *report, const struct interrupt *interrupt, int ready, pid_t pid);

#endif
