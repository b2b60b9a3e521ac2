/* SPDX-License-Identifier: MIT */
/* What became of all that was written to a stream, and why not. */
#ifndef CLI_OUTPUT_STREAM_H
#define CLI_OUTPUT_STREAM_H

#include <stdio.h>

/*
 * 0, or the errno of what was not written. Of what failed before, which leaves no errno: EPIPE if
 * whoever reads @stream has gone, else EIO.
 */
int stream_flush(FILE *stream);
int stream_close(FILE *stream);

#endif
