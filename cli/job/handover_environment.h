/* SPDX-License-Identifier: MIT */
/* What a command is given, as variables of its environment. */
#ifndef CLI_JOB_HANDOVER_ENVIRONMENT_H
#define CLI_JOB_HANDOVER_ENVIRONMENT_H

struct handover;

/*
 * In *@environment, what @base has and the variables of @handover, which replace any that are
 * called as they could be. Returns 0 or -ENOMEM.
 */
int handover_environment(const struct handover *handover, char *const *base, char ***environment);
void handover_environment_free(char **environment);

#endif
