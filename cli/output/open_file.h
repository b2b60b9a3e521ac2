/* SPDX-License-Identifier: MIT */
/*
 * Opens files that a command line names, in places where others may have planted something. It
 * makes no difference for files of one's own.
 */
#ifndef CLI_OUTPUT_OPEN_FILE_H
#define CLI_OUTPUT_OPEN_FILE_H

#include <stdio.h>

/* open_file_to_read() refuses this: a device, a socket or a FIFO. */
#define OPEN_FILE_NO_FILE (-ENXIO)

/* open_file_to_write() refuses this: another user's file in a world-writable directory. */
#define OPEN_FILE_NOT_OURS (-EPERM)

/* open_file_to_read() needs /proc/self/fd, which is missing. */
#define OPEN_FILE_NO_PROC (-EUNATCH)

/* Why a file is refused or not to be trusted, and the remedy. */
struct open_file_reason {
	const char *message;
	const char *remedy;
};

/*
 * Opens a regular file, or the pipe that a shell has for the output of a command, for reading. It
 * does not touch a device, and does not wait for the writer of a FIFO.
 *
 * @distrust: out, on success: why root should not carry out what the file says, because others may
 *   have written it unasked; NULL: no known reason, or this is not root
 *
 * Returns 0 or -errno, OPEN_FILE_NO_FILE and OPEN_FILE_NO_PROC as above. The
 * caller closes @stream.
 */
int open_file_to_read(const char *path, FILE **stream, const struct open_file_reason **distrust);

/*
 * Truncates an existing file, or creates one, for writing. In a world-writable directory such as
 * /tmp, it refuses a file or a link of another user, and as root also anything in a directory that
 * another user has created there.
 *
 * Returns the descriptor or -errno; OPEN_FILE_NOT_OURS as above.
 */
int open_file_to_write(const char *path);

/* The same as a stream, which the caller closes. Returns 0 or -errno. */
int open_file_stream_to_write(const char *path, FILE **stream);

/* The reason for @error, from here or from whole_file.h; NULL: its name says enough. */
const struct open_file_reason *open_file_explain(int error);

#endif
