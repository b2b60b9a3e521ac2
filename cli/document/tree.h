/* SPDX-License-Identifier: MIT */
/* The tree of a document that is known to be well-formed. */
#ifndef CLI_DOCUMENT_TREE_H
#define CLI_DOCUMENT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/*
 * A new reference, or NULL when there is no memory. A number that neither 64 bits with a sign nor a
 * real can hold is null in the tree: document_is_number() tells it from null in the text.
 */
json_t *document_tree(const char *text, size_t size);

/* Whether what begins at @at is a number. */
bool document_is_number(const char *at);

#endif
