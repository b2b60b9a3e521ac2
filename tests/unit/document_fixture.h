/* SPDX-License-Identifier: MIT */
/* Documents as C strings: single quotes stand for the double quotes of JSON. */
#ifndef TESTS_UNIT_DOCUMENT_FIXTURE_H
#define TESTS_UNIT_DOCUMENT_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "document/parse.h"

/* @text, whose size is given as it may hold NUL, with double quotes. The caller frees it. */
static inline char *document_quoted(const char *text, size_t size)
{
	char *quoted = malloc(size + 1);

	cr_assert_not_null(quoted);
	memcpy(quoted, text, size);
	quoted[size] = '\0';
	for (size_t i = 0; i < size; i++) {
		if (quoted[i] == '\'')
			quoted[i] = '"';
	}
	return quoted;
}

#endif
