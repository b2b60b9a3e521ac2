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

/* The same with the column where @text begins, after @term. */
void wrap_print_at(FILE *stream, size_t column, const char *term, const char *text);

/*
 * Writes paragraphs separated by an empty line; one that starts with a space is written as it is.
 */
void wrap_print_paragraphs(FILE *stream, const char *text);

/*
 * Writes the lines of @text, each broken between words where it would not end before column
 * @columns, if it can be. Continuation lines align with the last column of a table if that begins
 * in the left half, or are indented.
 */
void wrap_print_lines(FILE *stream, const char *text, size_t columns);

#endif
