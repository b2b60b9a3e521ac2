// SPDX-License-Identifier: MIT
#include "document/node.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many digits always fit a signed 64-bit integer. */
#define DIGITS_SAFE 18

static bool is_real(const struct document_node *node)
{
	const char *behind = node->at + strspn(node->at, "-0123456789");

	return *behind && strchr(".eE", *behind);
}

/* A short number, which most are. */
static bool read_digits(const char *at, int64_t *value)
{
	int count = 0;

	for (*value = 0; *at >= '0' && *at <= '9'; at++, count++) {
		if (count == DIGITS_SAFE)
			return false;
		*value = *value * 10 + (*at - '0');
	}
	return count && *at != '.' && *at != 'e' && *at != 'E';
}

bool document_node_integer(const struct document_node *node, int64_t *value)
{
	if (node->kind != DOCUMENT_NUMBER)
		return false;
	if (read_digits(node->at, value))
		return true;
	if (is_real(node))
		return false;
	errno = 0;
	*value = strtoll(node->at, NULL, 10);
	return errno != ERANGE;
}

bool document_node_real(const struct document_node *node, double *value)
{
	if (node->kind != DOCUMENT_NUMBER || !is_real(node))
		return false;
	*value = strtod(node->at, NULL);
	return !isinf(*value);
}

const struct document_node *document_node_member(const struct document_node *node, const char *key)
{
	const struct document_node *member = node->kind == DOCUMENT_OBJECT ? node->first : NULL;

	while (member && strcmp(member->path.key, key) != 0)
		member = member->next;
	return member;
}
