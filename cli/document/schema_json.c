// SPDX-License-Identifier: MIT
/* The tables as a JSON Schema. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "document/schema.h"

#define NUMBER_PATTERN "^(0[xX][0-9a-fA-F]+|[0-9]+)[KMGT]?$"
#define NAME_PATTERN   "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
#define UUID_PATTERN   "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

const char *schema_lower_case(const char *name, char *lower, size_t size)
{
	size_t i = 0;

	for (; name[i] && i + 1 < size; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	lower[i] = '\0';
	return lower;
}

const struct schema_key *schema_collection(const struct schema_shape *root, unsigned int collection)
{
	const struct schema_key *key = root->keys;

	while (key->type != SCHEMA_NAMED || key->collection != collection)
		key++;
	return key;
}

const struct schema_key *schema_find_key(const struct schema_shape *shape, const char *name)
{
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

bool schema_field_by_key(
	const struct schema_fields *fields, const char *key, struct schema_field *field)
{
	char name[32];

	for (size_t i = 0; fields->structure->field(i, field); i++) {
		if (strcmp(schema_lower_case(field->name, name, sizeof(name)), key) == 0)
			return true;
	}
	return false;
}

bool schema_has_own_field(
	const struct schema_shape *shape, size_t index, struct schema_field *field)
{
	const struct schema_structure *structure = shape->fields->structure;
	struct schema_field earlier;
	char name[32];

	if (!structure->field(index, field) ||
		schema_find_key(shape, schema_lower_case(field->name, name, sizeof(name))))
		return false;
	for (size_t i = 0; i < index; i++) {
		if (structure->field(i, &earlier) && strcasecmp(earlier.name, field->name) == 0)
			return false;
	}
	return true;
}

/* The string form has no bounds, and a JSON integer none beyond signed 64 bits. */
static json_t *number_schema(uint64_t min, uint64_t max)
{
	json_int_t bound = max && max <= INT64_MAX ? (json_int_t)max : INT64_MAX;
	json_t *integer = json_pack(
		"{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)min, "maximum", bound);

	return json_pack("{s:[o, {s:s, s:s}]}", "anyOf", integer, "type", "string", "pattern",
		NUMBER_PATTERN);
}

static json_t *choice_schema(const struct schema_choice *choices)
{
	json_t *names = json_array();

	for (; choices->name; choices++)
		json_array_append_new(names, json_string(choices->name));
	return json_pack("{s:o}", "enum", names);
}

/* Each letter once: none may come again. */
static json_t *set_schema(const struct schema_choice *choices)
{
	char letters[16] = "";

	for (; choices->name; choices++)
		strncat(letters, choices->name, 1);
	return json_pack("{s:s, s:o}", "type", "string", "pattern",
		json_sprintf("^(?!.*(.).*\\1)[%s]+$", letters));
}

static json_t *shape_reference(const struct schema_shape *shape)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", shape->name));
}

static json_t *array_schema(json_t *items, uint64_t min, uint64_t max)
{
	json_t *schema = json_pack("{s:s, s:o}", "type", "array", "items", items);

	if (min)
		json_object_set_new(schema, "minItems", json_integer((json_int_t)min));
	if (max)
		json_object_set_new(schema, "maxItems", json_integer((json_int_t)max));
	return schema;
}

static json_t *value_schema(const struct schema_key *key)
{
	switch (key->type) {
	case SCHEMA_NUMBER: return number_schema(key->min, key->max);
	case SCHEMA_BOOL: return json_pack("{s:s}", "type", "boolean");
	case SCHEMA_STRING: return json_pack("{s:s}", "type", "string");
	case SCHEMA_TEXT:
		return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1, "maxLength",
			SCHEMA_BYTES_MAX);
	case SCHEMA_HEX:
		return json_pack("{s:s, s:o}", "type", "string", "pattern",
			json_sprintf("^( *[0-9a-fA-F]{2}){1,%d} *$", SCHEMA_BYTES_MAX));
	case SCHEMA_UUID: return json_pack("{s:s, s:s}", "type", "string", "pattern", UUID_PATTERN);
	case SCHEMA_REF: return json_pack("{s:s, s:s}", "type", "string", "pattern", NAME_PATTERN);
	case SCHEMA_CHOICE: return choice_schema(key->choices);
	case SCHEMA_SET: return set_schema(key->choices);
	case SCHEMA_OBJECT:
		if (!key->choices)
			return shape_reference(key->shape);
		return json_pack("{s:[o, o]}", "anyOf", shape_reference(key->shape),
			choice_schema(key->choices));
	case SCHEMA_NUMBERS: return array_schema(number_schema(0, 0), key->min, key->max);
	case SCHEMA_ARRAY: return array_schema(shape_reference(key->shape), key->min, key->max);
	case SCHEMA_TREE: return json_pack("{s:s}", "type", "object");
	case SCHEMA_NAMED:
		return json_pack("{s:s, s:{s:s}, s:i, s:o}", "type", "object", "propertyNames",
			"pattern", NAME_PATTERN, "maxProperties", (int)key->max,
			"additionalProperties", shape_reference(key->shape));
	}
	return NULL;
}

static json_t *field_schema(
	const struct schema_structure *structure, const struct schema_field *field)
{
	json_t *number = number_schema(0, 0);
	json_t *forms = json_object_get(number, "anyOf");
	json_t *names = json_array();
	struct schema_choice value;
	char name[32];

	for (size_t i = 0; structure->value(field, i, &value); i++)
		json_array_append_new(
			names, json_string(schema_lower_case(value.name, name, sizeof(name))));
	if (json_array_size(names))
		json_array_append_new(forms, json_pack("{s:O}", "enum", names));
	if (field->is_bit)
		json_array_append_new(forms, json_pack("{s:s}", "type", "boolean"));
	json_decref(names);
	json_object_set_new(number, "description", json_sprintf("Field %s.", field->name));
	return number;
}

static void add_fields(const struct schema_structure *structure, json_t *properties)
{
	struct schema_field field;
	char key[32];

	for (size_t i = 0; structure->field(i, &field); i++) {
		schema_lower_case(field.name, key, sizeof(key));
		if (!json_object_get(properties, key))
			json_object_set_new(properties, key, field_schema(structure, &field));
	}
}

/* Exactly one of each group: {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}. */
static json_t *group_schema(const struct schema_shape *shape, uint8_t group)
{
	json_t *choices = json_array();

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group == group)
			json_array_append_new(choices, json_pack("{s:[s]}", "required", key->name));
	}
	return json_pack("{s:o}", "oneOf", choices);
}

static void add_presence(const struct schema_shape *shape, json_t *schema)
{
	json_t *required = json_array(), *groups = json_array();
	uint8_t groups_seen = 0;

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->required)
			json_array_append_new(required, json_string(key->name));
		if (key->group > groups_seen)
			json_array_append_new(
				groups, group_schema(shape, groups_seen = key->group));
	}
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	if (json_array_size(groups))
		json_object_set(schema, "allOf", groups);
	json_decref(required);
	json_decref(groups);
}

static void add_shape(const struct schema_shape *shape, json_t *definitions);

static json_t *shape_schema(const struct schema_shape *shape, json_t *definitions)
{
	json_t *properties = json_object();
	json_t *schema;

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		json_t *value = value_schema(key);

		json_object_set_new(value, "description", json_string(key->help));
		json_object_set_new(properties, key->name, value);
		if (key->shape)
			add_shape(key->shape, definitions);
	}
	if (shape->fields)
		add_fields(shape->fields->structure, properties);
	schema = json_pack("{s:s, s:s, s:b, s:o}", "description", shape->help, "type", "object",
		"additionalProperties", 0, "properties", properties);
	add_presence(shape, schema);
	return schema;
}

static void add_shape(const struct schema_shape *shape, json_t *definitions)
{
	if (!json_object_get(definitions, shape->name)) {
		json_object_set_new(definitions, shape->name, json_null());
		json_object_set_new(definitions, shape->name, shape_schema(shape, definitions));
	}
}

json_t *schema_to_json(const struct schema_shape *shape, const char *title)
{
	json_t *definitions = json_object();
	json_t *schema = shape_schema(shape, definitions);

	json_object_set_new(
		schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(schema, "title", json_string(title));
	json_object_set_new(schema, "$defs", definitions);
	return schema;
}
