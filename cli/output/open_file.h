/* SPDX-License-Identifier: MIT */
/*
 * Opening files that a command line names, where others may have put something in their way. Who
 * names files of their own notices nothing of it.
 */
#ifndef CLI_OUTPUT_OPEN_FILE_H
#define CLI_OUTPUT_OPEN_FILE_H

#include <stdio.h>

/* What open_file_to_read() opens not: a device, a socket or a FIFO. */
#define OPEN_FILE_NO_FILE (-ENXIO)

/* What open_file_to_write() opens not: what is another user's, where anybody may put something. */
#define OPEN_FILE_NOT_OURS (-EPERM)

/* What open_file_to_read() cannot do without: /proc/self/fd. */
#define OPEN_FILE_NO_PROC (-EUNATCH)

/* Why a file is not opened, or should not be believed, and what helps. */
struct open_file_reason {
	const char *message;
	const char *remedy;
};

/*
 * Opens a regular file, or the pipe that a shell has for the output of a command, to be read: a
 * device is not touched, and nobody waits for who never writes to a FIFO.
 *
 * @distrust: out, on success: why root should not carry out what the file says, as others may have
 *   written it without being asked; NULL: nothing is known against it, or this is not root
 *
 * Returns 0 or -errno, OPEN_FILE_NO_FILE and OPEN_FILE_NO_PROC as above. The
 * caller closes @stream.
 */
int open_file_to_read(const char *path, FILE **stream, const struct open_file_reason **distrust);

/*
 * Opens what is there, emptied, or a new file, to be written. Where anybody may put something, such
 * as /tmp, neither a file nor a link of another user's is written to, nor by root what lies in a
 * directory that another user has put there.
 *
 * Returns the descriptor or -errno; OPEN_FILE_NOT_OURS as above.
 */
int open_file_to_write(const char *path);

/* The same as a stream, which the caller closes. Returns 0 or -errno. */
int open_file_stream_to_write(const char *path, FILE **stream);

/* What people need to know of @error, from here or from whole_file.h; NULL: its name will do. */
const struct open_file_reason *open_file_explain(int error);

#endif
