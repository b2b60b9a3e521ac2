/* SPDX-License-Identifier: MIT */
/* The byte order of the CPU, for tests that write the bytes of a number. */
#ifndef TESTS_SUPPORT_ORDER_H
#define TESTS_SUPPORT_ORDER_H

#define IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* The offset of the lowest byte of a number of @size bytes at @at. */
#define LOW_BYTE(at, size) ((at) + (IS_LITTLE_ENDIAN ? 0 : (size)-1))

/* The two halves of a number of 64 bits that fits into 32. */
#define HALVES(value) (IS_LITTLE_ENDIAN ? (value) : 0), (IS_LITTLE_ENDIAN ? 0 : (value))

#endif
