// SPDX-License-Identifier: MIT
/* Copies parts of a document into another one. */
#include <string.h>

#include "document/node.h"
#include "document/value.h"

static json_t *share_text(const struct document_node *node)
{
	return json_stringn(node->at, strspn(node->at, "-+.0123456789eE"));
}

/* A double that is whole may differ from the number: then the copy is no double. */
static json_t *share_real(const struct document_node *node, double real)
{
	const bool is_whole = value_is_whole(real);
	uint64_t number;
	int err = value_parse_real(node->at, &number);

	if (err && is_whole)
		return share_text(node);
	if (!err && number <= INT64_MAX && (!is_whole || (uint64_t)real != number))
		return json_integer((json_int_t)number);
	return json_real(real);
}

static json_t *share_number(const struct document_node *node)
{
	int64_t integer;
	double real;

	if (document_node_integer(node, &integer))
		return json_integer(integer);
	if (document_node_real(node, &real))
		return share_real(node, real);
	return share_text(node);
}

static json_t *share_parts(const struct document_node *node)
{
	json_t *made = node->kind == DOCUMENT_OBJECT ? json_object() : json_array();

	for (const struct document_node *part = node->first; part; part = part->next) {
		if (node->kind == DOCUMENT_OBJECT)
			json_object_set_new(made, part->path.key, document_share(part));
		else
			json_array_append_new(made, document_share(part));
	}
	return made;
}

json_t *document_share(const struct document_node *node)
{
	switch (node->kind) {
	case DOCUMENT_OBJECT:
	case DOCUMENT_ARRAY: return share_parts(node);
	case DOCUMENT_STRING: return json_string(node->string);
	case DOCUMENT_NUMBER: return share_number(node);
	case DOCUMENT_TRUE: return json_true();
	case DOCUMENT_FALSE: return json_false();
	case DOCUMENT_NULL: return json_null();
	}
	return NULL;
}

json_t *document_keep(struct document *document, json_t *json)
{
	if (!document->kept)
		document->kept = json_array();
	return json_array_append_new(document->kept, json) ? NULL : json;
}
