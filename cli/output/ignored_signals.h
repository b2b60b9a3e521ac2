/* SPDX-License-Identifier: MIT */
/* Signals that would end this program half-way, where an errno says the same. */
#ifndef CLI_OUTPUT_IGNORED_SIGNALS_H
#define CLI_OUTPUT_IGNORED_SIGNALS_H

#include <signal.h>

/*
 * From now on, a write that nobody reads is EPIPE, and one beyond the limit on the size of files
 * (RLIMIT_FSIZE) is EFBIG. For main() alone.
 */
void ignored_signals_ignore(void);

/* They do again what they did before, for a program that is about to be executed. */
void ignored_signals_restore(void);

/* Those that are to do what they usually do in a program that is spawned, in @signals. */
void ignored_signals_fill(sigset_t *signals);

#endif
