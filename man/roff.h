/* SPDX-License-Identifier: MIT */
/* Text as the source of a manual page. */
#ifndef MAN_ROFF_H
#define MAN_ROFF_H

#include <stdio.h>

/* Begins the page @name of @section, described by @summary in its NAME section. */
void roff_page(FILE *stream, const char *name, int section, const char *summary);

void roff_section(FILE *stream, const char *title);
void roff_subsection(FILE *stream, const char *title);

/* Writes text with everything escaped that roff would interpret; no newline. */
void roff_text(FILE *stream, const char *text);

/* Writes a synopsis: words in lower case bold, placeholders in upper case italic; no newline. */
void roff_synopsis(FILE *stream, const char *synopsis);

/*
 * Writes paragraphs separated by an empty line; one that starts with a space is an example, shown
 * verbatim.
 */
void roff_paragraphs(FILE *stream, const char *text);

/* Begins an indented paragraph tagged with the rest of the line. */
void roff_tag(FILE *stream);

/* An indented paragraph: @term in bold, @text beside it. */
void roff_term(FILE *stream, const char *term, const char *text);

#endif
