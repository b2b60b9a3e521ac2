/* SPDX-License-Identifier: MIT */
/* The command that a job is run for: it gets the files of the job. */
#ifndef CLI_JOB_CHILD_H
#define CLI_JOB_CHILD_H

#include "job/live.h"

/*
 * Runs @command and waits for it. In its arguments, {fd:NAME} stands for the number of a file that
 * it inherits: NAME is "iommufd" or the label of a device, veventq, memory or irq ("devices.edu").
 * It succeeds if the command ends with status 0. Signals that come meanwhile are passed on; nothing
 * that the command has started outlives it or us. In JSON mode its standard output is our standard
 * error: ours carries results alone.
 */
enum exit_status child_run(const struct live *live, char *const *command, struct report *report);

/*
 * Checks what @command asks for against @job, before anything is opened. Returns NULL, or the
 * NAME that no file has, which the caller frees.
 */
char *child_find_unknown_file(const struct job *job, char *const *command);

#endif
