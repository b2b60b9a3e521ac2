/* SPDX-License-Identifier: MIT */
/* The values of a document, as a tree. */
#ifndef CLI_DOCUMENT_NODE_H
#define CLI_DOCUMENT_NODE_H

#include "document/document.h"

enum document_kind {
	DOCUMENT_OBJECT,
	DOCUMENT_ARRAY,
	DOCUMENT_STRING,
	DOCUMENT_NUMBER,
	DOCUMENT_TRUE,
	DOCUMENT_FALSE,
	DOCUMENT_NULL,
};

/* A value, which lives as long as its document. It begins with its own place there. */
struct document_node {
	struct document_path path;
	const char *at; /* where its text begins */
	union {
		const char *string;	     /* what a string says */
		struct document_node *first; /* of an object or array; NULL: it is empty */
	};
	struct document_node *next; /* behind it in the same object or array */
	unsigned int count;	    /* of what is in an object or array */
	enum document_kind kind;
};

/* Where @node is: NULL for a whole document. */
static inline const struct document_path *document_node_path(const struct document_node *node)
{
	return node->path.parent || node->path.key ? &node->path : NULL;
}

/* What the named object @object was read from. */
static inline const struct document_node *document_node_of(const struct document_object *object)
{
	return (const struct document_node *)object->path;
}

/* What a string says, or NULL. */
static inline const char *document_node_string(const struct document_node *node)
{
	return node->kind == DOCUMENT_STRING ? node->string : NULL;
}

/* Whether @node is a number without fraction and exponent that 64 bits with a sign hold. */
bool document_node_integer(const struct document_node *node, int64_t *value);

/* The same of a finite number with a fraction or exponent. */
bool document_node_real(const struct document_node *node, double *value);

/* The member of the object @node called @key, or NULL. */
const struct document_node *document_node_member(const struct document_node *node, const char *key);

/*
 * The tree of the text of @document, which is well-formed and is also told whether it has
 * duplicates. NULL when there is no memory.
 */
struct document_node *document_tree(struct document *document);

#endif
