/* SPDX-License-Identifier: MIT */
/* Running text for a terminal. */
#ifndef CLI_OUTPUT_WRAP_H
#define CLI_OUTPUT_WRAP_H

#include <stdio.h>

/*
 * Writes @term, two columns in, and @text beside it, broken between words so that lines begin at
 * the same column and end before column 80. NULL as @term: @text alone, from the margin.
 */
void wrap_print(FILE *stream, const char *term, const char *text);

/*
 * Writes paragraphs separated by an empty line; one that starts with a space is written as it is.
 */
void wrap_print_paragraphs(FILE *stream, const char *text);

#endif
