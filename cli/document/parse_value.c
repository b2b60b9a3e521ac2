// SPDX-License-Identifier: MIT
#include "document/parse_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/value.h"
#include "output/text.h"

static void append_name(char *text, size_t size, const char *name)
{
	text_append(text, size, "%s\"%s\"", *text ? ", " : "", name);
}

const char *parse_kind(const struct document_node *node)
{
	switch (node->kind) {
	case DOCUMENT_OBJECT: return "an object";
	case DOCUMENT_ARRAY: return "an array";
	case DOCUMENT_STRING: return "a string";
	case DOCUMENT_NUMBER: return "a number";
	case DOCUMENT_TRUE: return "true";
	case DOCUMENT_FALSE: return "false";
	case DOCUMENT_NULL: return "null";
	}
	return "this";
}

int parse_fail_group(struct parser *parser, const struct schema_shape *shape, uint8_t group,
	const struct document_node *node)
{
	char names[512] = "";

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group == group)
			append_name(names, sizeof(names), key->name);
	}
	return parse_fail(parser, node, "one of %s is missing", names);
}

static int parse_string(
	struct parser *parser, const struct document_node *node, const char **string)
{
	if (node->kind != DOCUMENT_STRING)
		return parse_fail(parser, node, "must be a string, not %s", parse_kind(node));
	*string = node->string;
	return 0;
}

static int parse_bytes(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_bytes *bytes)
{
	const char *string = document_node_string(node);
	uint8_t *data;

	if (!string)
		return parse_string(parser, node, &string);
	bytes->size = strlen(string);
	bytes->data = (const uint8_t *)string;
	if (key->type == SCHEMA_HEX) {
		data = document_alloc(parser->document, bytes->size + 1, 1);
		if (!data)
			return -ENOMEM;
		if (value_parse_hex(string, data, &bytes->size))
			return parse_fail_hint(parser, node, "such as \"0a ff\", without 0x",
				"must be pairs of hexadecimal digits");
		bytes->data = data;
	}
	if (bytes->size == 0 || bytes->size > SCHEMA_BYTES_MAX)
		return parse_fail(parser, node, "holds %zu bytes; must be 1 to %d", bytes->size,
			SCHEMA_BYTES_MAX);
	return 0;
}

/* The message does not repeat a wrong value: it may be a secret with one letter too many. */
static int parse_uuid(struct parser *parser, const struct document_node *node, const uint8_t **uuid)
{
	const char *string = document_node_string(node);
	uint8_t *bytes;

	if (!string)
		return parse_string(parser, node, &string);
	bytes = document_alloc(parser->document, VALUE_UUID_SIZE, 1);
	if (!bytes)
		return -ENOMEM;
	if (value_parse_uuid(string, bytes))
		return parse_fail_hint(
			parser, node, "such as " VALUE_UUID_EXAMPLE, "must be a UUID");
	*uuid = bytes;
	return 0;
}

/* A number may be the value of a choice that has a name: 4096 for "4K". */
static int fail_choice_type(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, const char *names)
{
	char hint[NEAREST_HINT_SIZE] = "";
	int64_t number;

	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (document_node_integer(node, &number) && (uint64_t)number == choice->value)
			snprintf(hint, sizeof(hint), "write \"%s\"", choice->name);
	}
	return parse_fail_hint(
		parser, node, hint, "must be one of %s, not %s", names, parse_kind(node));
}

static int parse_choice(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, uint64_t *value)
{
	const char *string = document_node_string(node);
	char names[256] = "", hint[NEAREST_HINT_SIZE];
	struct nearest nearest;

	nearest_start(&nearest, string ? string : "");
	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (string && strcmp(choice->name, string) == 0) {
			*value = choice->value;
			return 0;
		}
		nearest_offer(&nearest, choice->name, strlen(choice->name));
		append_name(names, sizeof(names), choice->name);
	}
	if (!string)
		return fail_choice_type(parser, node, key, names);
	return parse_fail_hint(
		parser, node, nearest_hint(&nearest, hint), "must be one of %s", names);
}

static int parse_set(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, uint64_t *value)
{
	char letters[16] = "";
	uint64_t set = 0;

	for (const char *letter = document_node_string(node); letter && *letter; letter++) {
		const struct schema_choice *choice = key->choices;

		while (choice->name && choice->name[0] != *letter)
			choice++;
		if (!choice->name || set & choice->value) {
			set = 0;
			break;
		}
		set |= choice->value;
	}
	for (const struct schema_choice *choice = key->choices; choice->name; choice++)
		strncat(letters, choice->name, 1);
	if (!set)
		return parse_fail(parser, node, "must be letters of \"%s\", each once", letters);
	*value = set;
	return 0;
}

static int parse_ref(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_ref *ref)
{
	struct document *document = parser->document;
	int err = parse_string(parser, node, &ref->name);

	if (err)
		return err;
	if (document->use_count == document->use_room) {
		size_t room = document->use_room ? document->use_room * 2 : 64;
		struct document_use *uses = reallocarray(document->uses, room, sizeof(*uses));

		if (!uses)
			return -ENOMEM;
		document->uses = uses;
		document->use_room = room;
	}
	document->uses[document->use_count++] = (struct document_use){ parser->owner, ref,
		key->collection, document_node_path(node), parser->doubtful };
	return 0;
}

static bool is_bool(const struct document_node *node)
{
	return node->kind == DOCUMENT_TRUE || node->kind == DOCUMENT_FALSE;
}

static int parse_bool(struct parser *parser, const struct document_node *node, bool *value)
{
	const char *string = document_node_string(node), *hint = NULL;
	int64_t number;

	if (is_bool(node)) {
		*value = node->kind == DOCUMENT_TRUE;
		return 0;
	}
	if (string && (!strcmp(string, "true") || !strcmp(string, "false")))
		hint = "without quotation marks";
	else if (document_node_integer(node, &number))
		hint = number ? "1 is true" : "0 is false";
	return parse_fail_hint(
		parser, node, hint, "must be true or false, not %s", parse_kind(node));
}

/* Its contents are judged elsewhere, without the text. */
static int parse_tree(struct parser *parser, const struct document_node *node, json_t **tree)
{
	if (node->kind != DOCUMENT_OBJECT)
		return parse_fail(parser, node, "must be an object, not %s", parse_kind(node));
	*tree = document_keep(parser->document, document_share(node));
	return *tree ? 0 : -ENOMEM;
}

int parse_value(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, void *slot)
{
	switch (key->type) {
	case SCHEMA_NUMBER: return parse_number_key(parser, node, key, slot);
	case SCHEMA_NUMBERS: return parse_numbers_key(parser, node, key, slot);
	case SCHEMA_STRING: return parse_string(parser, node, slot);
	case SCHEMA_TEXT:
	case SCHEMA_HEX: return parse_bytes(parser, node, key, slot);
	case SCHEMA_UUID: return parse_uuid(parser, node, slot);
	case SCHEMA_CHOICE: return parse_choice(parser, node, key, slot);
	case SCHEMA_SET: return parse_set(parser, node, key, slot);
	case SCHEMA_REF: return parse_ref(parser, node, key, slot);
	case SCHEMA_BOOL: return parse_bool(parser, node, slot);
	case SCHEMA_TREE: return parse_tree(parser, node, slot);
	default: return -EINVAL;
	}
}

static bool value_by_name(const struct schema_structure *structure,
	const struct schema_field *field, const char *name, uint64_t *number)
{
	struct schema_choice value;
	char lower[32];

	for (size_t i = 0; structure->value(field, i, &value); i++) {
		if (strcmp(schema_lower_case(value.name, lower, sizeof(lower)), name) != 0)
			continue;
		*number = value.value;
		return true;
	}
	return false;
}

/* A string that is not a number: list the names that the field knows. */
static int fail_value_name(struct parser *parser, const struct document_node *node,
	const struct schema_structure *structure, const struct schema_field *field)
{
	char names[256] = "", lower[32], hint[NEAREST_HINT_SIZE];
	struct schema_choice value;
	struct nearest nearest;

	nearest_start(&nearest, node->string);
	for (size_t i = 0; structure->value(field, i, &value); i++) {
		schema_lower_case(value.name, lower, sizeof(lower));
		nearest_offer(&nearest, lower, strlen(lower));
		append_name(names, sizeof(names), lower);
	}
	return parse_fail_hint(
		parser, node, nearest_hint(&nearest, hint), "must be a number or one of %s", names);
}

int parse_field(struct parser *parser, const struct document_node *node,
	const struct schema_structure *structure, const struct schema_field *field,
	struct document_list *list)
{
	struct document_field *entry = (struct document_field *)list->items + list->count;
	const char *string = document_node_string(node);
	struct schema_choice first;
	struct value_fault fault;
	uint64_t value;
	int err = 0;

	if (is_bool(node) && field->is_bit)
		value = node->kind == DOCUMENT_TRUE;
	else if (string && value_by_name(structure, field, string, &value))
		err = 0;
	else if (string && structure->value(field, 0, &first) &&
		 value_parse_number(string, &value) == -EINVAL && !value_explain(string, &fault))
		err = fail_value_name(parser, node, structure, field);
	else
		err = parse_number(parser, node, &value);
	if (err)
		return err;
	*entry = (struct document_field){ node->path.key, field->name, field->source, value,
		document_node_path(node) };
	list->count++;
	return 0;
}
