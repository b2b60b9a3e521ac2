/* SPDX-License-Identifier: MIT */
/* The number of elements of an array. */
#ifndef TESTS_SUPPORT_ARRAY_H
#define TESTS_SUPPORT_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
