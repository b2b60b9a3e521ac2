/* SPDX-License-Identifier: MIT */
/* A command with what it is given: in its arguments, in its environment, and as files. */
#ifndef CLI_JOB_HANDOVER_COMMAND_H
#define CLI_JOB_HANDOVER_COMMAND_H

#include "job/handover.h"
#include "output/failure.h"

struct handover_command {
	char **arguments;   /* with the marks replaced; a NULL ends them */
	char **environment; /* ours, with the variables of what is given; a NULL ends it */
	int *files;
	size_t file_count;
	int first; /* their numbers begin with it; 0: they keep their own */
};

/*
 * Fills @prepared for @command, to be freed in any case: each file that a mark names is passed, as
 * are those whose items say so. The environment has IOMMUCTL_FD_<NAME> for each file that is passed
 * and IOMMUCTL_ID_<NAME> for each id, and IOMMUCTL_MMAP_<NAME>, "OFFSET:LENGTH", for what a vIOMMU
 * shows by mmap(2) of the iommufd; where two names give one variable, neither is set. Files are
 * passed as by a service manager, with LISTEN_FDS, LISTEN_FDNAMES, and LISTEN_PID for the number of
 * the command, unless we have inherited a file under one of their numbers.
 *
 * Returns 0, or -errno with @failure told.
 */
int handover_prepare(struct handover *handover, char *const *command,
	struct handover_command *prepared, struct failure *failure);
void handover_command_free(struct handover_command *prepared);

#endif
