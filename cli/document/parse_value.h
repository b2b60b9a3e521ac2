/* SPDX-License-Identifier: MIT */
/* Values without keys of their own. */
#ifndef CLI_DOCUMENT_PARSE_VALUE_H
#define CLI_DOCUMENT_PARSE_VALUE_H

#include <errno.h>

#include "document/node.h"
#include "document/problem.h"
#include "document/schema.h"
#include "output/text.h"

struct parser {
	struct document *document;
	struct document_problem *problem;
	const struct document_object *owner; /* the named object being read, or NULL */
	bool *doubtful;			     /* of what is being read */
	bool spare_doubt;		     /* for doubtful to point to if nothing has one */
};

/* Adds an error at @node; returns the value for the caller to return. */
#define parse_fail(parser, node, ...)                                                              \
	document_problem_set(                                                                      \
		(parser)->problem, (parser)->document, document_node_path(node), __VA_ARGS__)

/* The same with a hint. */
#define parse_fail_hint(parser, node, hint_, ...)                                                  \
	document_problem_remark((parser)->problem, (parser)->document,                             \
		&(struct document_remark){ .path = document_node_path(node), .hint = (hint_) },    \
		__VA_ARGS__)

/* The same for the key rather than the value; @hint may be NULL. */
#define parse_fail_key(parser, node, hint_, ...)                                                   \
	document_problem_remark((parser)->problem, (parser)->document,                             \
		&(struct document_remark){                                                         \
			.path = document_node_path(node), .key = true, .hint = (hint_) },          \
		__VA_ARGS__)

/* Adds the error that one key of @group must be given. */
int parse_fail_group(struct parser *parser, const struct schema_shape *shape, uint8_t group,
	const struct document_node *node);

/* The kind of @node for messages: "null", "an array", "a string". */
const char *parse_kind(const struct document_node *node);

/* A number; one within the bounds of @key; and as many as @key asks for. */
int parse_number(struct parser *parser, const struct document_node *node, uint64_t *number);
int parse_number_key(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, uint64_t *number);
int parse_numbers_key(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_list *list);

int parse_value(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, void *slot);

/* Adds @field, named by the key of @node, to @list, which has room for it. */
int parse_field(struct parser *parser, const struct document_node *node,
	const struct schema_structure *structure, const struct schema_field *field,
	struct document_list *list);

#endif
