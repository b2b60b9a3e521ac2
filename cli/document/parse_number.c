// SPDX-License-Identifier: MIT
/* Numbers, also as strings: these may be larger and more readable than in JSON. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/parse_value.h"
#include "document/scan.h"
#include "document/value.h"

#define NUMBER_WANTED "must be a number, or a string such as \"0x1000\" or \"16M\""

/* As in the document, cut to fit. */
static void written(
	const struct parser *parser, const struct document_node *node, char *text, size_t size)
{
	const struct document *document = parser->document;
	const struct scan scan = { node->at, document->text + document->size };

	text[0] = '\0';
	text_append(text, size, "%.*s", (int)scan_word(&scan), scan.at);
}

static int parse_real(struct parser *parser, const struct document_node *node, uint64_t *number)
{
	char text[48], hint[96] = "";
	uint64_t value;
	int err = value_parse_real(node->at, &value);

	if (!err && value <= INT64_MAX) {
		*number = value;
		return 0;
	}
	written(parser, node, text, sizeof(text));
	if (err == -EDOM)
		return parse_fail(parser, node, "is %s; must not be negative", text);
	if (err == -EINVAL)
		return parse_fail(parser, node, "is %s; must be a whole number", text);
	if (!err)
		snprintf(hint, sizeof(hint), "\"0x%" PRIx64 "\" as a string takes 64 bits", value);
	return parse_fail_hint(parser, node, hint,
		"is %s; a number that is not a string is 9223372036854775807 at most", text);
}

/* A number that fits neither signed 64 bits nor a finite real. */
static int fail_beyond(struct parser *parser, const struct document_node *node)
{
	char text[48], hint[96] = "";
	uint64_t value;

	written(parser, node, text, sizeof(text));
	if (*text == '-')
		return parse_fail(parser, node, "is %s; must not be negative", text);
	if (value_parse_number(text, &value))
		return parse_fail(parser, node, "is too large for 64 bits");
	snprintf(hint, sizeof(hint), "\"%s\" as a string takes 64 bits", text);
	return parse_fail_hint(parser, node, hint,
		"is %s; a number that is not a string is 9223372036854775807 at most", text);
}

static int fail_string(struct parser *parser, const struct document_node *node)
{
	const char *string = node->string;
	struct value_fault fault;
	char hint[96] = "";

	if (!value_explain(string, &fault))
		return parse_fail(parser, node, NUMBER_WANTED ", not \"%s\"", string);
	if (*fault.instead)
		snprintf(hint, sizeof(hint), "write \"%s\"", fault.instead);
	if (!*string)
		return parse_fail_hint(
			parser, node, "such as \"0x1000\" or \"16M\"", "%s", fault.why);
	return parse_fail_hint(parser, node, hint, "\"%.64s\": %s", string, fault.why);
}

static int parse_json_number(
	struct parser *parser, const struct document_node *node, uint64_t *number)
{
	int64_t integer;
	double real;

	if (!document_node_integer(node, &integer))
		return document_node_real(node, &real) ? parse_real(parser, node, number)
						       : fail_beyond(parser, node);
	if (integer < 0)
		return parse_fail(parser, node, "is %" PRId64 "; must not be negative", integer);
	*number = (uint64_t)integer;
	return 0;
}

int parse_number(struct parser *parser, const struct document_node *node, uint64_t *number)
{
	int err;

	if (node->kind == DOCUMENT_NUMBER)
		return parse_json_number(parser, node, number);
	if (node->kind != DOCUMENT_STRING)
		return parse_fail(parser, node, NUMBER_WANTED ", not %s", parse_kind(node));
	err = value_parse_number(node->string, number);
	if (err == -ERANGE)
		return parse_fail(parser, node, "is too large for 64 bits");
	return err ? fail_string(parser, node) : 0;
}

int parse_number_key(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, uint64_t *number)
{
	const uint64_t max = key->max ? key->max : DOCUMENT_UNSET - 1;
	char is[48], low[VALUE_TEXT_SIZE], high[VALUE_TEXT_SIZE];
	int err = parse_number(parser, node, number);

	if (err || (*number >= key->min && *number <= max))
		return err;
	if (node->kind == DOCUMENT_STRING)
		snprintf(is, sizeof(is), "%.40s", node->string);
	else
		snprintf(is, sizeof(is), "%" PRIu64, *number);
	value_print_bound(key->min, key->bytes, low);
	value_print_bound(max, key->bytes, high);
	if (key->min == max)
		return parse_fail(parser, node, "is %s; must be %s", is, low);
	return parse_fail(parser, node, "is %s; must be from %s to %s", is, low, high);
}

int parse_numbers_key(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_list *list)
{
	const struct document_node *element;
	uint64_t *numbers;
	int err = 0;

	if (node->kind != DOCUMENT_ARRAY)
		return parse_fail(parser, node, "must be an array of %" PRIu64 " numbers, not %s",
			key->max, parse_kind(node));
	if (node->count < key->min || node->count > key->max)
		return parse_fail(parser, node,
			"must be an array of %" PRIu64 " numbers; it has %u", key->max,
			node->count);
	numbers = document_alloc(parser->document, node->count, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (element = node->first; element; element = element->next) {
		if (!document_note_error(
			    &err, parse_number(parser, element, &numbers[element->path.index])))
			return err;
	}
	*list = (struct document_list){ numbers, node->count };
	return err;
}
