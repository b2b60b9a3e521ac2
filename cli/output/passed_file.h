/* SPDX-License-Identifier: MIT */
/* Files that this process was started with, by the names that they have: /dev/stdout, /dev/fd/3. */
#ifndef CLI_OUTPUT_PASSED_FILE_H
#define CLI_OUTPUT_PASSED_FILE_H

/*
 * Another descriptor of the one that @path names, if a file or not: it is written from where it
 * stands. -ENOENT: @path names none; -errno.
 */
int passed_file_open(const char *path);

#endif
