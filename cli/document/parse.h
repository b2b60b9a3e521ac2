/* SPDX-License-Identifier: MIT */
/* From a document to what it says: syntax, keys, types, ranges, names. */
#ifndef CLI_DOCUMENT_PARSE_H
#define CLI_DOCUMENT_PARSE_H

#include "document/problem.h"
#include "document/schema.h"

/*
 * Reads @document, an object of @shape, into @out, which lives in @document.
 *
 * Returns 0, -EINVAL with @problem filled when the document is wrong, or -ENOMEM. @out is filled
 * with -EINVAL as well where the document has a tree, that is where it is not the syntax that is
 * wrong: all in it that is not doubtful may be looked at.
 */
int document_parse(struct document *document, const struct schema_shape *shape, void *out,
	struct document_problem *problem);

#endif
