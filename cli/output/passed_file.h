/* SPDX-License-Identifier: MIT */
/* Files that this process was started with, by name: /dev/stdout, /dev/fd/3. */
#ifndef CLI_OUTPUT_PASSED_FILE_H
#define CLI_OUTPUT_PASSED_FILE_H

/*
 * Duplicates the descriptor that @path names, whatever its type: writing goes on at its position.
 * Returns -ENOENT if @path names none, or another -errno.
 */
int passed_file_open(const char *path);

#endif
