/* SPDX-License-Identifier: MIT */
/* Values with keys or elements, and the names in them. */
#ifndef CLI_DOCUMENT_PARSE_SHAPE_H
#define CLI_DOCUMENT_PARSE_SHAPE_H

#include "document/parse_value.h"

/* Reads @node, of @shape, into @out. Returns 0, -EINVAL with errors added, or -ENOMEM. */
int parse_shape(struct parser *parser, const struct document_node *node,
	const struct schema_shape *shape, void *out);

/*
 * Sets the collections of @document: @root has their keys, @out gets their lists. Returns 0 or
 * -ENOMEM.
 */
int parse_collections(struct document *document, const struct schema_shape *root, void *out);

/*
 * Finds the objects of all references. One to a missing object is an error and gets a doubtful
 * object that is in no collection. Returns as above.
 */
int parse_refs(struct parser *parser);

#endif
