/* SPDX-License-Identifier: MIT */
/* A command with everything handed to it: in its arguments, in its environment, and as files. */
#ifndef CLI_JOB_HANDOVER_COMMAND_H
#define CLI_JOB_HANDOVER_COMMAND_H

#include "job/handover/handover.h"
#include "output/failure.h"

struct handover_command {
	char **arguments;   /* with the marks replaced; NULL-terminated */
	char **environment; /* ours, with the variables of the handover; NULL-terminated */
	int *files;
	size_t file_count;
	int first; /* their first number; 0: they keep their own */
};

/*
 * Fills @prepared for @command, to be freed in any case: each file that a mark names is passed, as
 * are those whose items say so. The environment has IOMMUCTL_FD_<NAME> for each file passed,
 * IOMMUCTL_ID_<NAME> for each ID, and IOMMUCTL_MMAP_<NAME>, "OFFSET:LENGTH", for a vIOMMU's pages
 * in the iommufd; if two names give the same variable, neither is set. Files are passed as a
 * service manager does, with LISTEN_FDS, LISTEN_FDNAMES, and LISTEN_PID for the PID of the command,
 * unless we have inherited a file under one of their numbers.
 *
 * Returns 0, or -errno with @failure set.
 */
int handover_prepare(struct handover *handover, char *const *command,
	struct handover_command *prepared, struct failure *failure);
void handover_command_free(struct handover_command *prepared);

#endif
