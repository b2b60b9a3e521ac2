/* SPDX-License-Identifier: MIT */
/* One run of a command, with an allocation of the kernel's failing. */
#ifndef RIG_FAIL_NTH_RUN_H
#define RIG_FAIL_NTH_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "fail_nth.h"

#define OUTPUT_MAX (1 << 16)

struct run {
	int status;	 /* as of waitpid() */
	bool left_child; /* a process was left behind */
	bool pretended;	 /* what failed needs no memory: iommufd has that for its own test */
	char out[OUTPUT_MAX];
	char err[OUTPUT_MAX];
	struct fail_nth_record record;
};

/* Sets up the kernel's fault injection: allocations of any kind, in the calls of @kind, and nothing said of it. */
void run_set_up(const char *kind);

/* Writes @value to a file of the kernel, or ends the program. */
void run_set(const char *path, const char *value);

/* Runs @argv with the @nth allocation failing. Ends the program if that cannot be done. */
void run_command(char *const argv[], unsigned int nth, struct run *run);

#endif
