/* SPDX-License-Identifier: MIT */
/* The signals that ask for an end, as a wish that is looked at between operations and in waits. */
#ifndef CLI_JOB_INTERRUPT_H
#define CLI_JOB_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

struct interrupt {
	int fd;		  /* readable once a signal has come; -1: none is waited for */
	sigset_t signals; /* SIGINT, SIGTERM, SIGHUP and SIGQUIT, but for those that are ignored */
	sigset_t old_mask;
};

/*
 * From now on, these signals wait, and end the process no more. Returns 0, or the -errno of
 * signalfd(), with nothing changed.
 */
int interrupt_watch(struct interrupt *interrupt);

/* Takes the next signal that has come. False: none has. */
bool interrupt_next(const struct interrupt *interrupt, struct signalfd_siginfo *info);

/* The same, as its number, or 0. */
int interrupt_take(const struct interrupt *interrupt);

/* From now on, signals do what they did before; those that have come meanwhile do nothing. */
void interrupt_unwatch(struct interrupt *interrupt);

/*
 * The same signals wait from interrupt_hold() until interrupt_release(), and then do what they
 * always do: for what is short and must not be left half-way.
 */
void interrupt_hold(sigset_t *old_mask);
void interrupt_release(const sigset_t *old_mask);

/* "SIGTERM", of any signal that is watched. */
const char *interrupt_name(int signal);

#endif
