/* SPDX-License-Identifier: MIT */
#ifndef CLI_JOB_EXEC_H
#define CLI_JOB_EXEC_H

/*
 * Becomes the program arguments[0], which is looked for in PATH unless it has a '/' in it. Unlike
 * execvp(), it has no shell read what the kernel does not take for a program. Returns the errno.
 */
int exec_in_path(char *const *arguments);

#endif
