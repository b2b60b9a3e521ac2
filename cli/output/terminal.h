/* SPDX-License-Identifier: MIT */
/* What a stream can show, if it is a terminal. */
#ifndef CLI_OUTPUT_TERMINAL_H
#define CLI_OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether @stream is a terminal that obeys control sequences, such as clearing a line. */
bool terminal_is_capable(FILE *stream);

/* Whether it also shows colours, including bold text, and NO_COLOR is not set. */
bool terminal_wants_color(FILE *stream);

/* The columns of @stream; 0: it is not a terminal. */
size_t terminal_columns(FILE *stream);

#endif
