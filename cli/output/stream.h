/* SPDX-License-Identifier: MIT */
/* Whether everything written to a stream got through. */
#ifndef CLI_OUTPUT_STREAM_H
#define CLI_OUTPUT_STREAM_H

#include <stdio.h>

/*
 * 0, or the errno of a failed write. An earlier failure leaves no errno: it is EPIPE if the reader
 * of @stream has gone, else EIO.
 */
int stream_flush(FILE *stream);
int stream_close(FILE *stream);

#endif
