/* SPDX-License-Identifier: MIT */
/*
 * The process between us and a job's command. The command holds files of the job, so it must not
 * outlive us, whatever kills us; nor may its descendants outlive it.
 */
#ifndef CLI_JOB_HANDOVER_GUARD_H
#define CLI_JOB_HANDOVER_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "job/interrupt.h"
#include "job/handover/user.h"

struct guard_command {
	char *const *arguments;	  /* NULL-terminated; the first is searched in PATH */
	char *const *environment; /* NULL-terminated; NULL: ours */
	const int *files;	  /* files that it inherits, besides those that we inherited */
	size_t file_count;
	int first; /* their first number, with LISTEN_PID written; 0: they keep theirs */
	const struct user *user; /* user that it runs as; NULL: ours */
	bool output_to_stderr;	 /* its standard output is our standard error */
};

struct guard_end {
	int user_error; /* errno of changing to the user; 0: changed */
	int exec_error; /* errno of starting it; 0: started */
	int status;	/* wait status: the command's, or the guard's if it was killed first */
	bool guard_was_ended;
};

/*
 * Runs @command and waits until it and all its descendants are gone. Signals that arrive in
 * @interrupt meanwhile are passed on to it, except those that the terminal sends to it anyway.
 * Returns 0 with @end filled, or the -errno of making the guard.
 */
int guard_run(const struct guard_command *command, const struct interrupt *interrupt,
	struct guard_end *end);

#endif
