// SPDX-License-Identifier: MIT
#include "job/parse_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/arena.h"
#include "job/value.h"
#include "output/text.h"

/* Appends the names that @choices or the keys of a group have to @text. */
static void append_name(char *text, size_t size, const char *name)
{
	text_append(text, size, "%s\"%s\"", *text ? ", " : "", name);
}

int parse_fail_group(struct parser *parser, const struct schema_shape *shape, uint8_t group,
	const struct job_path *path)
{
	char names[320] = "";

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group == group)
			append_name(names, sizeof(names), key->name);
	}
	return parse_fail(parser, path, "one of %s is missing", names);
}

/* 1.0 and 1e3: to JSON these are integers, up to what 64 bits with a sign hold. */
static bool is_whole(double value)
{
	return value >= 0 && value < 0x1p63 && (double)(uint64_t)value == value;
}

static int parse_number(
	struct parser *parser, const json_t *json, const struct job_path *path, uint64_t *number)
{
	uint64_t value;
	int err = -EINVAL;

	if (json_is_integer(json)) {
		if (json_integer_value(json) < 0)
			return parse_fail(parser, path, "must not be negative");
		*number = (uint64_t)json_integer_value(json);
		return 0;
	}
	if (json_is_real(json) && is_whole(json_real_value(json))) {
		*number = (uint64_t)json_real_value(json);
		return 0;
	}
	if (json_is_string(json))
		err = value_parse_number(json_string_value(json), &value);
	if (err == -ERANGE)
		return parse_fail(parser, path, "is too large for 64 bits");
	if (err)
		return parse_fail(parser, path,
			"must be a number, or a string such as \"0x1000\" or \"16M\"");
	*number = value;
	return 0;
}

static int parse_ranged_number(struct parser *parser, const json_t *json,
	const struct schema_key *key, const struct job_path *path, uint64_t *number)
{
	const uint64_t max = key->max ? key->max : JOB_UNSET - 1;
	char is[VALUE_TEXT_SIZE], low[VALUE_TEXT_SIZE], high[VALUE_TEXT_SIZE];
	int err = parse_number(parser, json, path, number);

	if (err || (*number >= key->min && *number <= max))
		return err;
	value_print_number(*number, is);
	value_print_number(key->min, low);
	value_print_number(max, high);
	if (key->min == max)
		return parse_fail(parser, path, "is %s; must be %s", is, low);
	return parse_fail(parser, path, "is %s; must be from %s to %s", is, low, high);
}

static int parse_numbers(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct job_path *path, struct job_list *list)
{
	size_t count = json_array_size(json);
	uint64_t *numbers;

	if (!json_is_array(json) || count < key->min || count > key->max)
		return parse_fail(parser, path, "must be an array of %" PRIu64 " numbers", key->max);
	numbers = job_arena_alloc(parser->job->arena, count, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct job_path place = { .parent = path, .index = i };
		int err = parse_number(parser, json_array_get(json, i), &place, &numbers[i]);

		if (err)
			return err;
	}
	*list = (struct job_list){ numbers, count };
	return 0;
}

static int parse_string(
	struct parser *parser, const json_t *json, const struct job_path *path, const char **string)
{
	if (!json_is_string(json))
		return parse_fail(parser, path, "must be a string");
	*string = json_string_value(json);
	return 0;
}

static int parse_bytes(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct job_path *path, struct job_bytes *bytes)
{
	const char *string = NULL;
	uint8_t *data;
	int err;

	err = parse_string(parser, json, path, &string);
	if (err)
		return err;
	bytes->size = strlen(string);
	bytes->data = (const uint8_t *)string;
	if (key->type == SCHEMA_HEX) {
		data = job_arena_alloc(parser->job->arena, bytes->size + 1, 1);
		if (!data)
			return -ENOMEM;
		if (value_parse_hex(string, data, &bytes->size))
			return parse_fail(parser, path, "must be pairs of hexadecimal digits");
		bytes->data = data;
	}
	if (bytes->size == 0 || bytes->size > SCHEMA_BYTES_MAX)
		return parse_fail(parser, path, "holds %zu bytes; must be 1 to %d", bytes->size,
			SCHEMA_BYTES_MAX);
	return 0;
}

static int parse_choice(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct job_path *path, uint64_t *value)
{
	char names[256] = "";

	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (json_is_string(json) && strcmp(choice->name, json_string_value(json)) == 0) {
			*value = choice->value;
			return 0;
		}
		append_name(names, sizeof(names), choice->name);
	}
	return parse_fail(parser, path, "must be one of %s", names);
}

static int parse_set(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct job_path *path, uint64_t *value)
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
	const struct job_path *path, struct job_ref *ref)
{
	struct job *job = parser->job;
	int err = parse_string(parser, json, path, &ref->name);

	if (err)
		return err;
	if (job->use_count == parser->use_room) {
		size_t room = parser->use_room ? parser->use_room * 2 : 64;
		struct job_use *uses = reallocarray(job->uses, room, sizeof(*uses));

		if (!uses)
			return -ENOMEM;
		job->uses = uses;
		parser->use_room = room;
	}
	job->uses[job->use_count++] = (struct job_use){ parser->owner, ref, key->collection, path };
	return 0;
}

int parse_value(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot)
{
	switch (key->type) {
	case SCHEMA_NUMBER: return parse_ranged_number(parser, json, key, path, slot);
	case SCHEMA_NUMBERS: return parse_numbers(parser, json, key, path, slot);
	case SCHEMA_STRING: return parse_string(parser, json, path, slot);
	case SCHEMA_TEXT:
	case SCHEMA_HEX: return parse_bytes(parser, json, key, path, slot);
	case SCHEMA_CHOICE: return parse_choice(parser, json, key, path, slot);
	case SCHEMA_SET: return parse_set(parser, json, key, path, slot);
	case SCHEMA_REF: return parse_ref(parser, json, key, path, slot);
	case SCHEMA_BOOL:
		if (!json_is_boolean(json))
			return parse_fail(parser, path, "must be true or false");
		*(bool *)slot = json_is_true(json);
		return 0;
	default: return -EINVAL;
	}
}

static bool value_by_name(
	const struct iommuctl_smmuv3_field *field, const char *name, uint64_t *value)
{
	char lower[32];

	for (const struct iommuctl_smmuv3_value *named = field->values; named && named->name; named++) {
		if (strcmp(schema_lower_case(named->name, lower, sizeof(lower)), name) != 0)
			continue;
		*value = named->value;
		return true;
	}
	return false;
}

/* A string that is no number: what the field does know. */
static int fail_value_name(struct parser *parser, const struct iommuctl_smmuv3_field *field,
	const struct job_path *path)
{
	char names[256] = "", lower[32];

	for (const struct iommuctl_smmuv3_value *named = field->values; named && named->name; named++)
		append_name(names, sizeof(names), schema_lower_case(named->name, lower, sizeof(lower)));
	return parse_fail(parser, path, "must be a number or one of %s", names);
}

int parse_field(struct parser *parser, json_t *json, const struct schema_fields *fields,
	const struct job_path *path, struct job_list *list)
{
	const struct iommuctl_smmuv3_field *field = schema_field_by_key(fields, path->key);
	struct job_field *entry = (struct job_field *)list->items + list->count;
	uint64_t value;
	int err = 0;

	if (json_is_boolean(json) && field->width == 1)
		value = json_is_true(json);
	else if (!json_is_string(json) || !value_by_name(field, json_string_value(json), &value))
		err = parse_number(parser, json, path, &value);
	if (err && json_is_string(json) && field->values)
		return fail_value_name(parser, field, path);
	if (err)
		return err;
	*entry = (struct job_field){ path->key, field, value, path };
	list->count++;
	return 0;
}
