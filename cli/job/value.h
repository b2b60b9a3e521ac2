/* SPDX-License-Identifier: MIT */
/* The values that job documents and command lines write as strings. */
#ifndef CLI_JOB_VALUE_H
#define CLI_JOB_VALUE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parses "4096", "0x1000" or "16M" (suffixes K, M, G and T are powers of 1024).
 * -EINVAL: not a number; -ERANGE: does not fit 64 bits.
 */
int value_parse_number(const char *text, uint64_t *number);

/*
 * Parses pairs of hexadecimal digits, spaces allowed between pairs, into @bytes, which has room
 * for half of the length of @text. -EINVAL: anything else.
 */
int value_parse_hex(const char *text, uint8_t *bytes, size_t *count);

#endif
