/* SPDX-License-Identifier: MIT */
/* Signals that would end this program halfway, where an errno says the same. */
#ifndef CLI_OUTPUT_IGNORED_SIGNALS_H
#define CLI_OUTPUT_IGNORED_SIGNALS_H

#include <signal.h>

/*
 * From now on, a write that nobody reads fails with EPIPE, and one beyond the file size limit
 * (RLIMIT_FSIZE) with EFBIG. Only for main().
 */
void ignored_signals_ignore(void);

/* Restores their former actions, for a program that is about to be executed. */
void ignored_signals_restore(void);

/* Puts into @signals those that need their default action in a spawned program. */
void ignored_signals_fill(sigset_t *signals);

#endif
