// SPDX-License-Identifier: MIT
#include "document/tree.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "document/scan.h"
#include "output/memory.h"

bool document_is_number(const char *at)
{
	return *at == '-' || isdigit((unsigned char)*at);
}

/* @at is within a text that a NUL ends. */
static bool is_too_large(const char *at, size_t length)
{
	bool real = memchr(at, '.', length) || memchr(at, 'e', length) || memchr(at, 'E', length);

	errno = 0;
	if (real)
		return isinf(strtod(at, NULL));
	(void)strtoll(at, NULL, 10);
	return errno == ERANGE;
}

/* Puts null, which is shorter, in the place of numbers that are too large. */
static void hide_large_numbers(char *text, size_t size)
{
	static const char null[] = { 'n', 'u', 'l', 'l' };
	struct scan scan = { text, text + size };

	while (scan.at < scan.end) {
		size_t length;

		if (*scan.at == '"') {
			scan_string(&scan);
			continue;
		}
		length = scan_word(&scan);
		if (length && document_is_number(scan.at) && is_too_large(scan.at, length)) {
			char *number = text + (scan.at - text);

			memset(number, ' ', length);
			memcpy(number, null, sizeof(null));
		}
		scan.at += length ? length : 1;
	}
}

json_t *document_tree(const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	json_t *tree;

	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	hide_large_numbers(copy, size);
	tree = json_loadb(copy, size, 0, NULL);
	free(copy);
	/* jansson leaves out characters that it has no memory for. */
	if (!memory_take_failure())
		return tree;
	json_decref(tree);
	return NULL;
}
