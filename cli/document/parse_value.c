// SPDX-License-Identifier: MIT
#include "document/parse_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/tree.h"
#include "document/value.h"
#include "output/text.h"

static void append_name(char *text, size_t size, const char *name)
{
	text_append(text, size, "%s\"%s\"", *text ? ", " : "", name);
}

const char *parse_at(const struct parser *parser, const struct document_path *path)
{
	if (document_problem_is_full(parser->problem))
		return parser->document->text;
	return document_path_seek(parser->document, path, false);
}

const char *parse_kind(const struct parser *parser, const json_t *json, const struct document_path *path)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_INTEGER:
	case JSON_REAL: return "a number";
	case JSON_TRUE: return "true";
	case JSON_FALSE: return "false";
	case JSON_NULL: return document_is_number(parse_at(parser, path)) ? "a number" : "null";
	}
	return "this";
}

int parse_fail_group(struct parser *parser, const struct schema_shape *shape, uint8_t group,
	const struct document_path *path)
{
	char names[320] = "";

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group == group)
			append_name(names, sizeof(names), key->name);
	}
	return parse_fail(parser, path, "one of %s is missing", names);
}

static int parse_string(
	struct parser *parser, const json_t *json, const struct document_path *path, const char **string)
{
	if (!json_is_string(json))
		return parse_fail(parser, path, "must be a string, not %s", parse_kind(parser, json, path));
	*string = json_string_value(json);
	return 0;
}

static int parse_bytes(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, struct document_bytes *bytes)
{
	const char *string = json_string_value(json);
	uint8_t *data;

	if (!string)
		return parse_string(parser, json, path, &string);
	bytes->size = strlen(string);
	bytes->data = (const uint8_t *)string;
	if (key->type == SCHEMA_HEX) {
		data = document_alloc(parser->document, bytes->size + 1, 1);
		if (!data)
			return -ENOMEM;
		if (value_parse_hex(string, data, &bytes->size))
			return parse_fail_hint(parser, path, "such as \"0a ff\", without 0x",
				"must be pairs of hexadecimal digits");
		bytes->data = data;
	}
	if (bytes->size == 0 || bytes->size > SCHEMA_BYTES_MAX)
		return parse_fail(parser, path, "holds %zu bytes; must be 1 to %d", bytes->size,
			SCHEMA_BYTES_MAX);
	return 0;
}

/* A number may be the value of a choice that has a name: 4096 for "4K". */
static int fail_choice_type(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, const char *names)
{
	char hint[NEAREST_HINT_SIZE] = "";

	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (json_is_integer(json) && (uint64_t)json_integer_value(json) == choice->value)
			snprintf(hint, sizeof(hint), "write \"%s\"", choice->name);
	}
	return parse_fail_hint(parser, path, hint, "must be one of %s, not %s", names,
		parse_kind(parser, json, path));
}

static int parse_choice(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, uint64_t *value)
{
	const char *string = json_string_value(json);
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
		return fail_choice_type(parser, json, key, path, names);
	return parse_fail_hint(parser, path, nearest_hint(&nearest, hint),
		"must be one of %s", names);
}

static int parse_set(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, uint64_t *value)
{
	char letters[16] = "";
	uint64_t set = 0;

	for (const char *letter = json_string_value(json); letter && *letter; letter++) {
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
		return parse_fail(parser, path, "must be letters of \"%s\", each once", letters);
	*value = set;
	return 0;
}

static int parse_ref(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, struct document_ref *ref)
{
	struct document *document = parser->document;
	int err = parse_string(parser, json, path, &ref->name);

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
	document->uses[document->use_count++] = (struct document_use){
		parser->owner, ref, key->collection, path, parser->doubtful };
	return 0;
}

static int parse_bool(
	struct parser *parser, const json_t *json, const struct document_path *path, bool *value)
{
	const char *string = json_string_value(json), *hint = NULL;

	if (json_is_boolean(json)) {
		*value = json_is_true(json);
		return 0;
	}
	if (string && (!strcmp(string, "true") || !strcmp(string, "false")))
		hint = "without quotation marks";
	else if (json_is_integer(json))
		hint = json_integer_value(json) ? "1 is true" : "0 is false";
	return parse_fail_hint(
		parser, path, hint, "must be true or false, not %s", parse_kind(parser, json, path));
}

int parse_value(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct document_path *path, void *slot)
{
	switch (key->type) {
	case SCHEMA_NUMBER: return parse_number_key(parser, json, key, path, slot);
	case SCHEMA_NUMBERS: return parse_numbers_key(parser, json, key, path, slot);
	case SCHEMA_STRING: return parse_string(parser, json, path, slot);
	case SCHEMA_TEXT:
	case SCHEMA_HEX: return parse_bytes(parser, json, key, path, slot);
	case SCHEMA_CHOICE: return parse_choice(parser, json, key, path, slot);
	case SCHEMA_SET: return parse_set(parser, json, key, path, slot);
	case SCHEMA_REF: return parse_ref(parser, json, key, path, slot);
	case SCHEMA_BOOL: return parse_bool(parser, json, path, slot);
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

/* A string that is no number: what the field does know. */
static int fail_value_name(struct parser *parser, const struct schema_structure *structure,
	const struct schema_field *field, const struct document_path *path, const char *string)
{
	char names[256] = "", lower[32], hint[NEAREST_HINT_SIZE];
	struct schema_choice value;
	struct nearest nearest;

	nearest_start(&nearest, string);
	for (size_t i = 0; structure->value(field, i, &value); i++) {
		schema_lower_case(value.name, lower, sizeof(lower));
		nearest_offer(&nearest, lower, strlen(lower));
		append_name(names, sizeof(names), lower);
	}
	return parse_fail_hint(parser, path, nearest_hint(&nearest, hint),
		"must be a number or one of %s", names);
}

int parse_field(struct parser *parser, json_t *json, const struct schema_structure *structure,
	const struct schema_field *field, const struct document_path *path,
	struct document_list *list)
{
	struct document_field *entry = (struct document_field *)list->items + list->count;
	const char *string = json_string_value(json);
	struct schema_choice first;
	struct value_fault fault;
	uint64_t value;
	int err = 0;

	if (json_is_boolean(json) && field->is_bit)
		value = json_is_true(json);
	else if (string && value_by_name(structure, field, string, &value))
		err = 0;
	else if (string && structure->value(field, 0, &first) &&
		value_parse_number(string, &value) == -EINVAL && !value_explain(string, &fault))
		err = fail_value_name(parser, structure, field, path, string);
	else
		err = parse_number(parser, json, path, &value);
	if (err)
		return err;
	*entry = (struct document_field){ path->key, field->name, field->source, value, path };
	list->count++;
	return 0;
}
