/* SPDX-License-Identifier: MIT */
/* Files that are whole and on the disk, or not there at all. */
#ifndef CLI_OUTPUT_WHOLE_FILE_H
#define CLI_OUTPUT_WHOLE_FILE_H

#include <sys/types.h>

/*
 * Makes the file @name of the open @directory one of the lines @text, with @mode: it is written
 * beside it, to a file whose name begins with a dot, brought to the disk and renamed. Returns 0 or
 * -errno, and then nothing has changed; -EEXIST if there is something of that name that is no
 * regular file.
 */
int whole_file_replace_in(int directory, const char *name, const char *text, mode_t mode);

/* The same for a path as users write it. */
int whole_file_replace(const char *path, const char *text, mode_t mode);

/*
 * The same with the rights that the file has already, or that new files have; what is no file of
 * its own (a device, a pipe), or has been opened for us (/dev/stdout), is written to.
 */
int whole_file_write(const char *path, const char *text);

#endif
