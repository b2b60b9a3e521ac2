/* SPDX-License-Identifier: MIT */
/* What a command is given, as variables of its environment. */
#ifndef CLI_JOB_HANDOVER_ENVIRONMENT_H
#define CLI_JOB_HANDOVER_ENVIRONMENT_H

struct handover;

/* What stands before the number of a process that only the command itself knows, and its room. */
#define HANDOVER_LISTEN_PID "LISTEN_PID="
#define HANDOVER_PID_SIZE   16

/*
 * In *@environment, what @base has and the variables of @handover, which replace any that are
 * called as they could be. Returns 0 or -ENOMEM.
 */
int handover_environment(const struct handover *handover, char *const *base, char ***environment);
void handover_environment_free(char **environment);

#endif
