/* SPDX-License-Identifier: MIT */
#ifndef CLI_JOB_HANDOVER_EXEC_H
#define CLI_JOB_HANDOVER_EXEC_H

/*
 * Executes arguments[0], which is searched in PATH unless it contains a '/'. Unlike execvp(), it
 * does not fall back to a shell for files that the kernel does not execute. Returns the errno.
 */
int exec_in_path(char *const *arguments);

#endif
