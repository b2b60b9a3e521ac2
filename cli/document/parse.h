/* SPDX-License-Identifier: MIT */
/* Parses a document: syntax, keys, types, ranges, names. */
#ifndef CLI_DOCUMENT_PARSE_H
#define CLI_DOCUMENT_PARSE_H

#include "document/problem.h"
#include "document/schema.h"

/*
 * Reads @document, an object of @shape, into @out, which lives in @document.
 *
 * Returns 0, -EINVAL with @problem filled if the document is wrong, or -ENOMEM. With -EINVAL,
 * @out is filled if the document has a tree, that is if its syntax is right: parts that are not
 * doubtful may be used.
 */
int document_parse(struct document *document, const struct schema_shape *shape, void *out,
	struct document_problem *problem);

#endif
