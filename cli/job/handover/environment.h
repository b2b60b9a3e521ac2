/* SPDX-License-Identifier: MIT */
/* What a command is given, as environment variables. */
#ifndef CLI_JOB_HANDOVER_ENVIRONMENT_H
#define CLI_JOB_HANDOVER_ENVIRONMENT_H

struct handover;

/* The prefix of the PID, which only the command itself knows, and the room for it. */
#define HANDOVER_LISTEN_PID "LISTEN_PID="
#define HANDOVER_PID_SIZE   16

/*
 * Sets *@environment to @base with the variables of @handover, which replace all that have such
 * names. Returns 0 or -ENOMEM.
 */
int handover_environment(const struct handover *handover, char *const *base, char ***environment);
void handover_environment_free(char **environment);

#endif
