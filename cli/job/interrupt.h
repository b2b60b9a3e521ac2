/* SPDX-License-Identifier: MIT */
/*
 * Signals that ask us to stop, taken as requests that are polled between operations and in waits.
 */
#ifndef CLI_JOB_INTERRUPT_H
#define CLI_JOB_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

struct interrupt {
	int fd;		  /* readable once a signal has arrived; -1: not watching */
	sigset_t signals; /* SIGINT, SIGTERM, SIGHUP and SIGQUIT, except those that are ignored */
	sigset_t old_mask;
};

/*
 * From now on, these signals are queued and no longer terminate the process. Returns 0, or the
 * -errno of signalfd(), with nothing changed.
 */
int interrupt_watch(struct interrupt *interrupt);

/* Takes the next signal that has arrived; false if none has. */
bool interrupt_next(const struct interrupt *interrupt, struct signalfd_siginfo *info);

/* The same; returns its number, or 0. */
int interrupt_take(const struct interrupt *interrupt);

/* Restores the previous dispositions; signals that arrived meanwhile are discarded. */
void interrupt_unwatch(struct interrupt *interrupt);

/*
 * Delays the same signals from interrupt_hold() until interrupt_release(), when they take their
 * usual effect: for short sections that must not be interrupted half-way.
 */
void interrupt_hold(sigset_t *old_mask);
void interrupt_release(const sigset_t *old_mask);

/* The name, such as "SIGTERM", of a watched signal. */
const char *interrupt_name(int signal);

#endif
