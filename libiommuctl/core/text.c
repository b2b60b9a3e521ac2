// SPDX-License-Identifier: MIT
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>

void text_add(struct text *text, const char *format, ...)
{
	size_t used = text->length < text->size ? text->length : text->size;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->size ? text->at + used : NULL, text->size - used, format, args);
	va_end(args);
	if (length > 0)
		text->length += (size_t)length;
}
