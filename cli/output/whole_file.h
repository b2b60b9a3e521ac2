/* SPDX-License-Identifier: MIT */
/* Files that are complete and on disk, or not there at all. */
#ifndef CLI_OUTPUT_WHOLE_FILE_H
#define CLI_OUTPUT_WHOLE_FILE_H

#include <sys/types.h>

/*
 * Gives the file @name in the open @directory the contents @text and @mode: writes a file beside it
 * whose name begins with a dot, syncs it to disk and renames it. Returns 0 or -errno, and then
 * nothing has changed; -EEXIST if something of that name is not a regular file.
 */
int whole_file_replace_in(int directory, const char *name, const char *text, mode_t mode);

/* The same for a path as users write it. */
int whole_file_replace(const char *path, const char *text, mode_t mode);

/*
 * The same with the rights that the file has already, or that new files get. A device, a pipe, or a
 * file opened for us (/dev/stdout) is written to directly.
 */
int whole_file_write(const char *path, const char *text);

#endif
