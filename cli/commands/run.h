/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMANDS_RUN_H
#define CLI_COMMANDS_RUN_H

#include "invocation.h"
#include "job/job.h"

/*
 * Carries out @job on the kernel or the model, as @invocation asks, and then @command unless that
 * is NULL. Reports what it does and its own failures.
 */
enum exit_status run_job(
	struct invocation *invocation, const struct job *job, char *const *command);

#endif
