/* SPDX-License-Identifier: MIT */
/* Values that documents and command lines write as strings. */
#ifndef CLI_DOCUMENT_VALUE_H
#define CLI_DOCUMENT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parses "4096", "0x1000" or "16M" (suffixes K, M, G and T are powers of 1024).
 * -EINVAL: not a number; -ERANGE: does not fit 64 bits.
 */
int value_parse_number(const char *text, uint64_t *number);

/*
 * Parses "500ms", "5s", "0.5s", "2m" or "1h" as milliseconds, rounded up; 0 needs no unit. -EDOM:
 * a number without a unit; -EINVAL: anything else; -ERANGE: more than a week, for which 0, no
 * end, is meant.
 */
#define VALUE_DURATION_MAX_MS (UINT64_C(7) * 24 * 3600 * 1000)
int value_parse_duration(const char *text, uint64_t *ms);

/*
 * The exact value of "1.0" or "1e3", a JSON number with a point or an exponent, whatever follows.
 * -EDOM: negative; -EINVAL: not whole; -ERANGE: does not fit 64 bits.
 */
int value_parse_real(const char *text, uint64_t *number);

/* Up to what 64 bits with a sign hold, 1.0 and 1e3 are integers. */
bool value_is_whole(double value);

struct value_fault {
	char why[96];
	char instead[48]; /* what was probably meant; "": unknown */
};

/* Why value_parse_number() refuses @text. False: it is nothing like a number. */
bool value_explain(const char *text, struct value_fault *fault);

/* Room for the results of the next three. */
#define VALUE_TEXT_SIZE 32

/* Writes @number in readable form: small in decimal, large in hexadecimal. Returns @text. */
const char *value_print_number(uint64_t number, char text[VALUE_TEXT_SIZE]);

/* The same for the end of a range, which is round: "4K" if it is in bytes, else "600000". */
const char *value_print_bound(uint64_t bound, bool bytes, char text[VALUE_TEXT_SIZE]);

/* Writes @size as "16M" if that is exact, else as "6 bytes". Returns @text. */
const char *value_print_size(uint64_t size, char text[VALUE_TEXT_SIZE]);

/* Room for what the next one writes. */
#define VALUE_BYTES_SIZE 80

/* Writes bytes as text if printable, else as digits; of many only the first. Returns @text. */
const char *value_print_bytes(const uint8_t *bytes, size_t count, char text[VALUE_BYTES_SIZE]);

/*
 * Parses pairs of hexadecimal digits, spaces allowed between pairs, into @bytes, which has room
 * for half of the length of @text. -EINVAL: anything else.
 */
int value_parse_hex(const char *text, uint8_t *bytes, size_t *count);

#define VALUE_UUID_SIZE 16

/* An example for messages. */
#define VALUE_UUID_EXAMPLE "\"01234567-89ab-cdef-0123-456789abcdef\""

/* Room for what the next one writes. */
#define VALUE_UUID_TEXT_SIZE 37

/* Writes "01234567-89ab-cdef-0123-456789abcdef". Returns @text. */
const char *value_print_uuid(const uint8_t uuid[VALUE_UUID_SIZE], char text[VALUE_UUID_TEXT_SIZE]);

/* Parses "01234567-89ab-cdef-0123-456789abcdef". -EINVAL: anything else. */
int value_parse_uuid(const char *text, uint8_t uuid[VALUE_UUID_SIZE]);

#endif
