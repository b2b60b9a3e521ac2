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

/* A value, which lives as long as its document. Its first member is its place there. */
struct document_node {
	struct document_path path;
	const char *at; /* where its text begins */
	union {
		const char *string;	     /* the contents of a string */
		struct document_node *first; /* of an object or array; NULL: empty */
	};
	struct document_node *next; /* after it in the same object or array */
	unsigned int count;	    /* of members or elements */
	enum document_kind kind;
};

/* The path of @node: NULL for a whole document. */
static inline const struct document_path *document_node_path(const struct document_node *node)
{
	return node->path.parent || node->path.key ? &node->path : NULL;
}

/* The node that the named object @object was read from. */
static inline const struct document_node *document_node_of(const struct document_object *object)
{
	return (const struct document_node *)object->path;
}

/* The contents of a string, or NULL. */
static inline const char *document_node_string(const struct document_node *node)
{
	return node->kind == DOCUMENT_STRING ? node->string : NULL;
}

/* Whether @node is a number without fraction and exponent that fits signed 64 bits. */
bool document_node_integer(const struct document_node *node, int64_t *value);

/* The same for a finite number with a fraction or exponent. */
bool document_node_real(const struct document_node *node, double *value);

/* The member of the object @node called @key, or NULL. */
const struct document_node *document_node_member(const struct document_node *node, const char *key);

/*
 * The tree of the text of @document, which is well-formed; also sets whether that has duplicates.
 * NULL if memory runs out.
 */
struct document_node *document_tree(struct document *document);

#endif
