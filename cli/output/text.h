/* SPDX-License-Identifier: MIT */
/*
 * Text of hostile origin: made harmless for a terminal, valid for JSON, and compared with names;
 * and built piece by piece.
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
 * How many bytes of @text, @size at most and one at least, can be said alone without cutting a
 * character; 0 at its end.
 */
size_t text_piece(const char *text, size_t size);

/* What text_print() lets through besides visible characters. */
enum {
	TEXT_LINES = 1 << 0, /* newline and tab */
};

/*
 * Writes @text; control characters, what ends lines or reorders them, and bytes that are no UTF-8
 * become escapes such as \n and \x1b.
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

/* How the file @name of a command line is called: "-" is standard input. */
const char *text_file_name(const char *name);

void text_append_list(char *text, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* "an" before a vowel and before what is spelled out and sounds like one, as an STE; else "a". */
const char *text_article(const char *noun);

/* The length of the UTF-8 sequence at @text, and its code point, or 0 if there is none. */
size_t text_decode(const char *text, uint32_t *code_point);

/* A JSON string in which bytes that are no UTF-8 became U+FFFD, or null for NULL. */
json_t *text_to_json(const char *text);

/* "0x1000": how addresses and words are said in JSON, whose numbers end at 53 or 63 bits. */
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
