/* SPDX-License-Identifier: MIT */
/* Moves over the text of a JSON document without building anything, to find places in it. */
#ifndef CLI_DOCUMENT_SCAN_H
#define CLI_DOCUMENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in a text. It never passes the end, whatever the text is. */
struct scan {
	const char *at;
	const char *end;
};

/* Inline, because they are called for each byte or two: reading a large job is mostly that. */

/* The byte at the place, or -1 at the end. */
static inline int scan_peek(const struct scan *scan)
{
	return scan->at < scan->end ? (unsigned char)*scan->at : -1;
}

static inline bool scan_is_space(char byte)
{
	/* Most bytes that are looked at are none. */
	return (unsigned char)byte <= ' ' &&
	       (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r');
}

static inline void scan_space(struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && scan_is_space(*at))
		at++;
	scan->at = at;
}

/* Space, and the commas and colons that divide the parts of a well-formed document. */
static inline bool scan_is_gap(char byte)
{
	return byte == ',' || byte == ':' || scan_is_space(byte);
}

static inline void scan_gap(struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && scan_is_gap(*at))
		at++;
	scan->at = at;
}

/* Moves past the string, or the value, at the place. */
void scan_string(struct scan *scan);
void scan_value(struct scan *scan);

/* What scan_character() returns at the end of a string. */
#define SCAN_END UINT32_MAX

/* The next code point of the string within which a place is, its escapes resolved. */
uint32_t scan_character(struct scan *scan);

/* Whether the string at @scan is @name. */
bool scan_string_is(const struct scan *scan, const char *name);

/* The order of the contents of two strings: less than, equal to or greater than 0. */
int scan_compare_strings(struct scan a, struct scan b);

/* The length of the number, word or other run without space and punctuation at the place. */
size_t scan_word(const struct scan *scan);

/* The position of a byte for people: both count from 1, the column in characters. */
struct scan_position {
	int line;
	int column;
};

struct scan_position scan_position(const char *text, const char *at);

#endif
