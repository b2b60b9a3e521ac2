/* SPDX-License-Identifier: MIT */
/*
 * Text of hostile origin: makes it harmless for a terminal and valid for JSON, compares it with
 * names, and builds it piece by piece.
 */
#ifndef CLI_OUTPUT_TEXT_H
#define CLI_OUTPUT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/*
 * How many bytes of @text, @size at most and one at least, form a piece that cuts no character; 0
 * at the end.
 */
size_t text_piece(const char *text, size_t size);

/* What text_print() lets through besides visible characters. */
enum {
	TEXT_LINES = 1 << 0, /* newline and tab */
};

/*
 * Writes @text; control characters, characters that end or reorder lines, and bytes that are not
 * UTF-8 become escapes such as \n and \x1b.
 */
void text_print(FILE *stream, const char *text, unsigned int keep);

/* The same into @escaped, as far as it fits; returns that. */
const char *text_escape(const char *text, char *escaped, size_t size);

/*
 * Writes @line, which is JSON without space between its parts; the same characters become \u0085.
 */
void text_print_json(FILE *stream, const char *line);

/*
 * Adds to the string @text, which has room for @size bytes. What does not fit is left out, but no
 * character is cut in two.
 */
void text_append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The name of the file @name of a command line in messages: "-" is standard input. */
const char *text_file_name(const char *name);

void text_append_list(char *text, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* "an" before a vowel, and before an abbreviation that sounds like one, as in an STE; else "a". */
const char *text_article(const char *noun);

/* The length of the UTF-8 sequence at @text, and its code point, or 0 if there is none. */
size_t text_decode(const char *text, uint32_t *code_point);

/* A JSON string, with U+FFFD for bytes that are not UTF-8, or null for NULL. */
json_t *text_to_json(const char *text);

/* "0x1000": addresses and words in JSON, whose numbers end at 53 or 63 bits. */
json_t *hex_to_json(uint64_t value);

/* The same with zeros in front, up to @digits digits: "0x00ff00". */
json_t *hex_digits_to_json(uint64_t value, int digits);

/* Finds the name that the user may have meant with @typed. */
struct nearest {
	const char *typed;
	size_t distance;
	char name[48]; /* "" while nothing is near enough */
};

void nearest_start(struct nearest *nearest, const char *typed);
void nearest_offer(struct nearest *nearest, const char *name, size_t length);

/* "did you mean \"x\"?" in @hint, or NULL if nothing is near enough. */
#define NEAREST_HINT_SIZE 96
const char *nearest_hint(const struct nearest *nearest, char hint[NEAREST_HINT_SIZE]);

#endif
