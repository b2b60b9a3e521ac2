/* SPDX-License-Identifier: MIT */
/*
 * The process between us and the command of a job. The command holds files of the job, so it must
 * not outlive us, whatever ends us; nor may anything that it has started outlive the command.
 */
#ifndef CLI_JOB_GUARD_H
#define CLI_JOB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "job/interrupt.h"
#include "job/user.h"

struct guard_command {
	char *const *arguments;	  /* a NULL ends them; the first is looked for in PATH */
	char *const *environment; /* a NULL ends it; NULL: ours */
	const int *files;	  /* what it inherits, beside what we inherited */
	size_t file_count;
	int first; /* their numbers begin with it, and LISTEN_PID is written; 0: they keep theirs */
	const struct user *user; /* that it runs as; NULL: ours */
	bool output_to_stderr;	 /* its standard output is our standard error */
};

struct guard_end {
	int user_error; /* why it could not become the user, an errno; 0: it did */
	int exec_error; /* why it was not started, an errno; 0: it was */
	int status;	/* as of waitpid(): the command's, or the guard's if that was ended first */
	bool guard_was_ended;
};

/*
 * Runs @command and waits until it has ended and nothing of it is left. What comes in @interrupt
 * meanwhile is passed on to it, except what the terminal has sent to it as well. Returns 0 with
 * @end filled, or the -errno of making the guard.
 */
int guard_run(const struct guard_command *command, const struct interrupt *interrupt,
	struct guard_end *end);

#endif
