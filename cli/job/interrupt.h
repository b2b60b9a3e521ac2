/* SPDX-License-Identifier: MIT */
/* SIGINT and SIGTERM as a wish that is looked at between operations and in waits. */
#ifndef CLI_JOB_INTERRUPT_H
#define CLI_JOB_INTERRUPT_H

#include <signal.h>

struct interrupt {
	int fd; /* readable once a signal has come; -1: they end the process as ever */
	sigset_t old_mask;
};

/* From now on, these signals wait, unless the process ignores them. */
void interrupt_watch(struct interrupt *interrupt);

/* The signal that has come, which is thereby taken, or 0. */
int interrupt_take(const struct interrupt *interrupt);

/* From now on, signals do what they did before. */
void interrupt_unwatch(struct interrupt *interrupt);

#endif
