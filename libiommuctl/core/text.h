/* SPDX-License-Identifier: MIT */
/* Text built piece by piece in a buffer that may be too small, as with snprintf(3). */
#ifndef LIBIOMMUCTL_CORE_TEXT_H
#define LIBIOMMUCTL_CORE_TEXT_H

#include <stddef.h>

struct text {
	char *at;
	size_t size;
	size_t length; /* of the whole text, even if it did not fit */
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
