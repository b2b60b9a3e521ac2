/* SPDX-License-Identifier: MIT */
/* What a stream can show, if it is a terminal. */
#ifndef CLI_OUTPUT_TERMINAL_H
#define CLI_OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether @stream is a terminal that does what it is told, such as taking a line away. */
bool terminal_is_capable(FILE *stream);

/* Whether it also shows colours, bold text among them, and NO_COLOR is not set. */
bool terminal_wants_color(FILE *stream);

/* How many columns @stream has; 0: it is no terminal. */
size_t terminal_columns(FILE *stream);

#endif
