/* SPDX-License-Identifier: MIT */
/* Text put together piece by piece in a buffer that may be too small, in the way of snprintf(3). */
#ifndef LIBIOMMUCTL_CORE_TEXT_H
#define LIBIOMMUCTL_CORE_TEXT_H

#include <stddef.h>

struct text {
	char *at;
	size_t size;
	size_t length; /* of the whole text, whatever fitted */
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
