/* SPDX-License-Identifier: MIT */
/* Whether a text is JSON at all; if not, what to change, and where. */
#ifndef CLI_DOCUMENT_SYNTAX_H
#define CLI_DOCUMENT_SYNTAX_H

#include <stddef.h>

/* The limit of nested objects and arrays. Readers of the document recurse as deep. */
#define SYNTAX_DEPTH_MAX 64

struct syntax_mistake {
	const char *at; /* in the text, or its end */
	char message[192];
	char hint[160]; /* "": none */
};

/*
 * Returns 0 if @text is one JSON object or array, of UTF-8, without NUL in any string and nested no
 * deeper than SYNTAX_DEPTH_MAX; else -EINVAL with the first @mistake. Allocates nothing and does
 * not recurse. Numbers may have any size, and keys may come twice.
 */
int syntax_check(const char *text, size_t size, struct syntax_mistake *mistake);

#endif
