// SPDX-License-Identifier: MIT
#include "document/parse.h"

#include "document/duplicates.h"
#include "document/parse_shape.h"
#include "document/syntax.h"
#include "document/node.h"

static int check_syntax(struct parser *parser)
{
	const struct document *document = parser->document;
	struct syntax_mistake mistake;

	if (!syntax_check(document->text, document->size, &mistake))
		return 0;
	return document_problem_remark(parser->problem, document,
		&(struct document_remark){ .at = mistake.at, .hint = mistake.hint }, "%s",
		mistake.message);
}

/* A syntax error is the only error of its document: the rest cannot be judged. */
int document_parse(struct document *document, const struct schema_shape *shape, void *out,
	struct document_problem *problem)
{
	struct parser parser = { .document = document, .problem = problem };
	int err;

	parser.doubtful = &parser.spare_doubt;
	err = check_syntax(&parser);
	if (err)
		return err;
	document->tree = document_tree(document);
	if (!document->tree || parse_collections(document, shape, out))
		return -ENOMEM;
	if (document->has_duplicates &&
		!document_note_error(&err, duplicates_find(document, problem)))
		return err;
	if (!document_note_error(&err, parse_shape(&parser, document->tree, shape, out)) ||
		!document_note_error(&err, parse_refs(&parser)))
		return err;
	return err || problem->message[0] ? -EINVAL : 0;
}
