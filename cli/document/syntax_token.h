/* SPDX-License-Identifier: MIT */
/* The tokens of the syntax. */
#ifndef CLI_DOCUMENT_SYNTAX_TOKEN_H
#define CLI_DOCUMENT_SYNTAX_TOKEN_H

#include "document/scan.h"
#include "document/syntax.h"

struct syntax {
	const char *text;
	struct scan scan;
	const char *open[SYNTAX_DEPTH_MAX]; /* the brackets that are still open */
	size_t depth;
	struct syntax_mistake *mistake;
};

/* Fills the mistake, without a hint. Returns -EINVAL. */
int syntax_fail(struct syntax *syntax, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a hint to it. Returns -EINVAL. */
int syntax_hint(struct syntax *syntax, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The encoding of the whole text: UTF-8, with no byte-order mark and no NUL, and not empty. */
int syntax_encoding(struct syntax *syntax);

/* Each moves past what it checks: a string; a number, true, false or null. */
int syntax_string(struct syntax *syntax);
int syntax_word(struct syntax *syntax);

/* Reports something that has no place in JSON, where @expected should be. */
int syntax_stray(struct syntax *syntax, const char *expected);

/* How many bytes of the word at the place a message shows. */
int syntax_shown(const struct syntax *syntax);

#endif
